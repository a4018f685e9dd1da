import ConfigCatCommandLine
import ConfigCatEvaluation
import HTTPTypes
import Hummingbird

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Prints a line for each request of an SDK, for developers who watch the server.
package struct RequestLog: Sendable {
    private let output: @Sendable (String) -> Void

    package init(output: @escaping @Sendable (String) -> Void) { self.output = output }

    func write(_ request: Request, _ response: Response) {
        let sdk = SDKName.of(request).map { " " + OneLine.text($0) } ?? ""
        let path = OneLine.text(Self.masked(request.uri.path))
        output("\(Self.time()) \(request.method) \(path) \(response.status.code)\(sdk)")
    }

    /// Returns the time of day in UTC, as `HH:MM:SS`.
    package static func time() -> String {
        String(ISO8601.string(Date().timeIntervalSince1970).dropFirst(11).prefix(8))
    }

    /// Returns a path in which the middle of the SDK key is masked.
    static func masked(_ path: String) -> String {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        for index in parts.indices where parts[index].count > 12 && !known.contains(parts[index]) {
            parts[index] = parts[index].prefix(4) + "…" + parts[index].suffix(4)
        }
        return parts.joined(separator: "/")
    }

    private static let known: Set = [
        "configuration-files", "configcat-sdk-1", "configcat-proxy", "config_v6.json", "config_v5.json",
    ]
}

/// The name by which an SDK presents itself.
enum SDKName {
    /// Returns what a request says: in `X-ConfigCat-UserAgent`, in the query `sdk` of browsers, or in `User-Agent`.
    static func of(_ request: Request) -> String? {
        if let name = request.headers[header] { return name }
        if request.uri.query?.contains("sdk=") == true, let name = request.uri.queryParameters["sdk"] {
            return String(name)
        }
        return request.headers[.userAgent]
    }

    private static let header = named("X-ConfigCat-UserAgent")
}
