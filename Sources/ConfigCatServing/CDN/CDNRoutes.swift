import HTTPTypes
import Hummingbird
import NIOCore

/// Responds as ConfigCat's CDN does, to SDKs of all languages.
struct CDNRoutes {
    let configs: ServedConfigs
    let log: RequestLog?

    func add(to router: Router<ServingContext>) {
        router.get("/configuration-files/**", use: respond)
        // A body would be taken for the response to the next request of the connection.
        router.head("/configuration-files/**") { respond($0, $1).createHeadResponse() }
        router.on("/configuration-files/**", method: .options) { _, _ in
            Response(status: .noContent, headers: Self.preflightHeaders)
        }
        for method in [HTTPRequest.Method.post, .put, .patch, .delete] {
            router.on("/configuration-files/**", method: method) { _, _ -> Response in
                throw HTTPFailure(
                    .methodNotAllowed, "a config can only be read", headers: [.allow: "GET, HEAD, OPTIONS"])
            }
        }
    }

    @Sendable private func respond(_ request: Request, _ context: ServingContext) -> Response {
        let path = request.uri.path
        guard let wanted = ConfigPath(path), let config = configs.config(forKey: wanted.sdkKey) else {
            let response = Self.failure(.notFound, "there is no config for this SDK key")
            log?.write(request, response)
            return response
        }
        let document = config.document
        let response = Self.response(to: request, document, wanted.layout)
        if let log {
            log.write(request, response)
            config.journal.record(
                sdk: SDKName.of(request), address: context.clientAddress, status: response.status.code,
                version: [200, 304].contains(response.status.code) ? document?.number : nil)
        }
        return response
    }

    private static func response(
        to request: Request, _ document: ServedDocument?, _ layout: ConfigPath.Layout
    ) -> Response {
        guard let document else { return failure(.serviceUnavailable, "no config has been loaded yet") }
        let served: ServedDocument.Layout
        switch layout {
        case .version6: served = document.version6
        case .version5:
            do { served = try document.version5() } catch { return failure(.notFound, error.description) }
        }
        return served.response(to: request)
    }

    private static func failure(_ status: HTTPResponse.Status, _ message: String) -> Response {
        HTTPFailure(status, message, headers: [.accessControlAllowOrigin: "*"]).response
    }

    private static let preflightHeaders: HTTPFields = [
        .accessControlAllowOrigin: "*",
        .accessControlAllowMethods: "GET, HEAD, OPTIONS",
        // The headers that ConfigCat's SDKs set.
        .accessControlAllowHeaders:
            "Cache-Control, Content-Type, If-None-Match, X-ConfigCat-UserAgent, X-Requested-With",
        .accessControlMaxAge: "600",
    ]
}
