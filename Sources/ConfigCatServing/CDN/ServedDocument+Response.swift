import HTTPTypes
package import Hummingbird

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

    /// Returns the response to a request: status 304 if the client has this version already.
    package func response(to request: Request) -> Response {
        if EntityTags.match(eTag, request) { return Response(status: .notModified, headers: notModifiedHeaders) }
        if let compressed, Self.acceptsGzip(request) {
            return Response(status: .ok, headers: compressedHeaders, body: ResponseBody(byteBuffer: compressed))
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// Returns whether a response may be in gzip: `gzip` is accepted, or `*` if `gzip` is not named, and not with the
    /// weight 0.
    private static func acceptsGzip(_ request: Request) -> Bool {
        guard let accepted = request.headers[.acceptEncoding] else { return false }
        if accepted == "gzip" || accepted.hasPrefix("gzip,") { return true }
        var acceptsOthers = false
        for part in accepted.split(separator: ",") {
            let pieces = part.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let name = pieces.first, name == "gzip" || name == "*" else { continue }
            let isAccepted = !pieces.dropFirst().contains {
                $0.hasPrefix("q=0") && !$0.contains { ("1"..."9").contains($0) }
            }
            if name == "gzip" { return isAccepted }
            acceptsOthers = isAccepted
        }
        return acceptsOthers
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
