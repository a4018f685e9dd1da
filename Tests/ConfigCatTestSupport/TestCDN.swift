package import ConfigCatTesting
package import NIOSSL

/// A ``ScriptedCDN`` that sends one response until the test chooses another, and that ends with the test.
package struct TestCDN: Sendable {
    package typealias Answer = ScriptedCDN.Response

    private let cdn: ScriptedCDN

    package init(_ answer: Answer, tls: NIOSSLContext? = nil) async throws {
        let cdn = try await ScriptedCDN([answer], tls: tls)
        self.cdn = cdn
        Cleanup.add { await cdn.shutdown() }
    }

    package var port: Int { cdn.port }
    package var url: String { cdn.url }
    package var requests: [ScriptedCDN.Request] { cdn.requests }

    /// Changes the response to all further requests.
    package func set(_ answer: Answer) { cdn.respond(with: answer) }

    package func stop() async { await cdn.shutdown() }
}
