import ConfigCatTestSupport
import Foundation
import Testing

@testable import ConfigCatServing

@Suite("The relay in adversity", .cleanup)
struct RelayAdversityIntegrationTests {
    @Test("the response to HEAD has no body, which a client would take for the next response")
    func head() async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        let path = "/configuration-files/configcat-proxy/shop/config_v6.json"
        let client = try await RawClient(
            port: server.port,
            sending: "HEAD \(path) HTTP/1.1\r\nHost: localhost\r\n\r\nGET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await eventually("the second response arrives") { client.received.contains("alive") }
        let parts = client.received.components(separatedBy: "\r\n\r\n")
        #expect(parts.count == 3)
        #expect(parts[0].contains("200 OK") && parts[0].contains("ETag") && parts[0].contains("Content-Length"))
        #expect(parts[1].hasPrefix("HTTP/1.1 200 OK"))
    }

    @Test("a replaced token and a removed config are gone at once, while the CDN does not answer")
    func reloadWithoutCDN() async throws {
        let cdn = try await TestCDN(.stall)
        let server = try await RelayServer(
            files: ["one": RelayConfig.json(), "two": RelayConfig.json()], sdkKeys: ["main": newSDKKey()]
        ) {
            $0.baseURL = cdn.url
            $0.token = "the first token 1"
        }
        let stream = try await server.events("/sse/two/eval-all")
        await eventually("the stream is open") { stream.events.count == 1 }
        var options = server.server.options
        options.token = "the second token 2"
        options.configs.removeAll { $0.id == "two" }
        let reload = Task { [options] in try await server.server.reload(options) }
        Cleanup.add {
            await server.stop()
            _ = await reload.result
        }
        // A refresh takes longer than this, and a heartbeat comes later.
        await eventually("the first token is not valid", within: 10) {
            try await server.get("/status", headers: ["Authorization": "Bearer the first token 1"]).status == 401
        }
        await eventually("the stream has ended", within: 10) { stream.isEnded }
        #expect(try await server.get("/status", headers: ["Authorization": "Bearer the second token 2"]).status == 200)
        #expect(try await server.get("/api/two/keys").status == 404)
    }

    @Test("many streams that open and close leave nothing behind")
    func manyShortStreams() async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()]) { $0.streamLimit = 200 }
        for _ in 0..<10 {
            for _ in 0..<100 {
                _ = try await RawClient(
                    port: server.port, sending: "GET /sse/shop/eval-all HTTP/1.0\r\nHost: localhost\r\n\r\n"
                ).close()
            }
            await eventually("there is room") { server.server.streams.count == 0 }
        }
        #expect(server.server.configs.events.count == 0)
    }
}
