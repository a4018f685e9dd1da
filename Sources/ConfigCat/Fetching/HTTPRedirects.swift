#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The URLs of one request and its redirects.
///
/// AsyncHTTPClient could follow redirects itself, but SwiftNIO traps on a port beyond 65,535, which any server can name.
struct HTTPRedirects {
    /// The largest number of redirects.
    static let limit = 3

    /// The URL of the next request.
    private(set) var url: String
    private var visited: [String]

    /// Creates the URLs of a request that has not been made.
    ///
    /// - Throws: ``HTTPTransportError`` if the URL cannot be requested.
    init(_ url: String) throws(HTTPTransportError) {
        self.url = url
        visited = [url]
        try Self.check(URL(string: url), "the URL of the CDN")
    }

    /// Goes on to the URL to which a response refers.
    ///
    /// - Parameters:
    ///   - status: The status of the response.
    ///   - location: The header `Location`.
    /// - Returns: Whether the response is a redirect.
    /// - Throws: ``HTTPTransportError`` if the redirect cannot be followed.
    mutating func follow(status: Int, location: String?) throws(HTTPTransportError) -> Bool {
        guard [301, 302, 303, 307, 308].contains(status), let location else { return false }
        let target = URL(string: location, relativeTo: URL(string: url))?.absoluteURL
        try Self.check(target, "the URL of a redirect")
        guard let next = target?.absoluteString else { return false }
        guard visited.count <= Self.limit else {
            throw HTTPTransportError(kind: .connection, message: "there are more than \(Self.limit) redirects")
        }
        guard !visited.contains(where: { $0.utf8.elementsEqual(next.utf8) }) else {
            throw HTTPTransportError(kind: .connection, message: "the redirects form a loop")
        }
        visited.append(next)
        url = next
        return true
    }

    /// Checks a URL, which may contain the SDK key and is not quoted.
    private static func check(_ url: URL?, _ name: String) throws(HTTPTransportError) {
        let scheme = url?.scheme?.lowercased() ?? ""
        guard let url, ["http", "https"].contains(scheme), url.host()?.isEmpty == false else {
            throw HTTPTransportError(kind: .connection, message: "\(name) is not one of HTTP")
        }
        guard (1...65_535).contains(url.port ?? 443) else {
            throw HTTPTransportError(kind: .connection, message: "\(name) has a port that is not from 1 to 65535")
        }
    }
}
