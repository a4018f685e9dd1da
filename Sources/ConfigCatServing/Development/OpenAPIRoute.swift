import Hummingbird

/// Serves the description of the API: https://spec.openapis.org/oas/v3.1.0
struct OpenAPIRoute {
    func add(to router: RouterGroup<ServingContext>) {
        let document = String(decoding: PackageResources.openapi_json, as: UTF8.self)
        router.get("/openapi.json") { _, _ in Response.json(document) }
    }
}
