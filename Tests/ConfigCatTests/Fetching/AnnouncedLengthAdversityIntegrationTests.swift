import ConfigCatTestSupport
import Testing

@testable import ConfigCat

@Suite("Adversity: announced lengths")
struct AnnouncedLengthAdversityIntegrationTests {
    @Test("a response that announces an enormous body is a failed fetch, if the limit admits it")
    func enormous() async {
        await #expect(processExitsWith: .success) {
            let server = try await ScriptedServer(answer: { _ in
                .textThenClose("HTTP/1.1 200 OK\r\nContent-Length: 1152921504606846976\r\n\r\n{}")
            })
            var options = HTTPOptions()
            options.bodyLimit = .max
            let transport = try AsyncHTTPTransport(options)
            let request = HTTPTransportRequest(url: "http://\(server.host)/", headers: [], bodyLimit: .max)
            _ = try? await transport.get(request)
            await transport.shutdown()
        }
    }
}
