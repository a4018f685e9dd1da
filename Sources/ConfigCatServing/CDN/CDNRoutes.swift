import HTTPTypes
import Hummingbird
import NIOCore

/// Responds as ConfigCat's CDN does, to SDKs of all languages.
struct CDNRoutes {
    let configs: ServedConfigs
    let log: RequestLog?

    func add(to router: Router<ServingContext>) {
        router.get("/configuration-files/**", use: respond)
        router.head("/configuration-files/**", use: respond)
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
        if EntityTags.match(served.eTag, request) {
            return Response(status: .notModified, headers: served.notModifiedHeaders)
        }
        if let compressed = served.compressed, acceptsGzip(request) {
            return Response(
                status: .ok, headers: served.compressedHeaders, body: ResponseBody(byteBuffer: compressed))
        }
        return Response(status: .ok, headers: served.headers, body: ResponseBody(byteBuffer: served.body))
    }

    private static func failure(_ status: HTTPResponse.Status, _ message: String) -> Response {
        HTTPFailure(status, message, headers: [.accessControlAllowOrigin: "*"]).response
    }

    /// Returns whether a response may be in gzip: `gzip` or `*` is accepted, and not with the weight 0.
    private static func acceptsGzip(_ request: Request) -> Bool {
        guard let accepted = request.headers[.acceptEncoding] else { return false }
        if accepted == "gzip" || accepted.hasPrefix("gzip,") { return true }
        return accepted.split(separator: ",").contains { part in
            let pieces = part.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let name = pieces.first, name == "gzip" || name == "*" else { return false }
            return !pieces.dropFirst().contains { $0.hasPrefix("q=0") && !$0.contains { ("1"..."9").contains($0) } }
        }
    }

    private static let preflightHeaders: HTTPFields = [
        .accessControlAllowOrigin: "*",
        .accessControlAllowMethods: "GET, HEAD, OPTIONS",
        // The headers that ConfigCat's SDKs set.
        .accessControlAllowHeaders: "Cache-Control, Content-Type, If-None-Match, X-ConfigCat-UserAgent, X-Requested-With",
        .accessControlMaxAge: "600",
    ]
}

extension ServedDocument.Layout {
    fileprivate static func headers(eTag: String) -> HTTPFields {
        [
            .eTag: eTag,
            // SDKs and proxies may keep the config, but have to ask whether it is current.
            .cacheControl: "max-age=0, must-revalidate",
            .vary: "Accept-Encoding",
            .accessControlAllowOrigin: "*",
            .accessControlExposeHeaders: "ETag",
        ]
    }

    static func makeHeaders(eTag: String) -> (plain: HTTPFields, compressed: HTTPFields, notModified: HTTPFields) {
        let notModified = headers(eTag: eTag)
        var plain = notModified
        plain[.contentType] = "application/json; charset=utf-8"
        var compressed = plain
        compressed[.contentEncoding] = "gzip"
        return (plain, compressed, notModified)
    }
}
