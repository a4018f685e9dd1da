import ConfigCatTesting
package import NIOHTTP1
package import NIOSSL

/// A ``ScriptedCDN`` that sends one response until the test chooses another, and that ends with the test.
package struct TestCDN: Sendable {
    package enum Answer: Sendable {
        /// A config with its ETag; status 304 if the client has it.
        case config(String, eTag: String)
        case response(status: Int, headers: [String: String] = [:], body: [UInt8] = [])
        /// A response that ends before the announced length.
        case truncated(body: [UInt8], length: Int)
        /// No response, on a connection that stays open.
        case stall
        /// No response: the connection is closed.
        case drop

        fileprivate var response: ScriptedCDN.Response {
            switch self {
            case .config(let json, let eTag): .config(json, eTag: eTag)
            case .response(let status, let headers, let body):
                .response(status: status, headers: headers, body: body)
            case .truncated(let body, let length): .truncated(body: body, length: length)
            case .stall: .stall
            case .drop: .drop
            }
        }
    }

    package struct Request: Sendable {
        package var path: String
        package var headers: HTTPHeaders
    }

    private let cdn: ScriptedCDN

    package init(_ answer: Answer, tls: NIOSSLContext? = nil) async throws {
        let cdn = try await ScriptedCDN([answer.response], tls: tls)
        self.cdn = cdn
        Cleanup.add { await cdn.shutdown() }
    }

    package var port: Int { cdn.port }
    package var url: String { cdn.url }
    package var requests: [Request] { cdn.requests.map { Request(path: $0.path, headers: $0.headers) } }

    /// Changes the response to all further requests.
    package func set(_ answer: Answer) { cdn.respond(with: answer.response) }

    package func stop() async { await cdn.shutdown() }
}
