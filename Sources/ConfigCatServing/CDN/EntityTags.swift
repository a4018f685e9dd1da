import HTTPTypes
import Hummingbird

/// The ETags that a request says it has.
enum EntityTags {
    /// Returns whether a request has a version already: by `If-None-Match`, or by the query `ccetag`, which ConfigCat's
    /// SDKs for browsers use because a header would cost them a preflight request.
    ///
    /// - Parameters:
    ///   - eTag: The ETag of the version, in its quotes.
    ///   - request: The request.
    /// - Returns: Whether one of them is the version's.
    static func match(_ eTag: String, _ request: Request) -> Bool {
        if let header = request.headers[.ifNoneMatch] {
            return header == eTag || lists(header, eTag)
        }
        guard request.uri.query?.contains("ccetag=") == true, let value = request.uri.queryParameters["ccetag"] else {
            return false
        }
        return value == eTag || value == bare(eTag[...]) || value == "W/" + eTag
    }

    /// Returns whether a list of ETags has one. Weak ones are compared as if they were strong (RFC 9110, 13.1.2).
    private static func lists(_ header: String, _ eTag: String) -> Bool {
        header.split(separator: ",").contains { part in
            var tag = part.drop { $0 == " " }
            while tag.last == " " { tag.removeLast() }
            if tag == "*" { return true }
            if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
            return tag == eTag
        }
    }

    private static func bare(_ eTag: Substring) -> Substring { eTag.dropFirst().dropLast() }
}
