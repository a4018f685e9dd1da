import HTTPTypes
import Hummingbird

/// Serves the description of the API: https://spec.openapis.org/oas/v3.1.0
struct OpenAPIRoute {
    func add(to router: RouterGroup<ServingContext>) {
        let document = String(decoding: PackageResources.openapi_json, as: UTF8.self)
        let path: RouterPath = "/openapi.json"
        router.get(path) { _, _ in Response.json(document) }
        router.head(path) { _, _ in Response.json(document).createHeadResponse() }
        for method in [HTTPRequest.Method.post, .put, .patch, .delete, .options, .trace] {
            router.on(path, method: method) { _, _ -> Response in
                throw HTTPFailure(.methodNotAllowed, "the document can only be read", headers: [.allow: "GET, HEAD"])
            }
        }
    }
}
