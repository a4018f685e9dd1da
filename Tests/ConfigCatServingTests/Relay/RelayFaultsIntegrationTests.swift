import ConfigCatTestSupport
import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import ConfigCatServing

@Suite("The relay under faults of its clients", .cleanup)
struct RelayFaultsIntegrationTests {
    /// Connects, sends a text, and reads nothing.
    private static func silentClient(_ server: RelayServer, sending text: String) async throws -> any Channel {
        let url = try #require(URL(string: server.url))
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: false)
            .channelOption(.socketOption(.so_rcvbuf), value: 4096)
            .connect(host: url.host() ?? "", port: url.port ?? 0).get()
        Cleanup.add { try? await channel.close() }
        try await channel.writeAndFlush(ByteBuffer(string: text))
        return channel
    }

    /// A config with a value of many bytes.
    private static func large(_ number: Int) -> String {
        let text = String(repeating: "\(number) ", count: 100_000)
        return #"{"f":{"large":{"t":1,"v":{"s":"\#(text)"}},"number":{"t":2,"v":{"i":\#(number)}}}}"#
    }

    @Test("clients that do not read their streams delay nobody")
    func slowReaders() async throws {
        let server = try await RelayServer(files: ["shop": Self.large(0)])
        for _ in 0..<20 {
            _ = try await Self.silentClient(
                server, sending: "GET /sse/shop/eval-all HTTP/1.1\r\nHost: localhost\r\n\r\n")
        }
        await eventually("all streams are open") { server.server.streams.count == 20 }
        let reader = try await server.events("/sse/shop/eval/\(base64(#"{"key":"number"}"#))")
        for number in 1...20 {
            try await server.set("shop", Self.large(number))
            await eventually("the change arrives") { reader.events.last?.hasPrefix("{\"value\":\(number),") == true }
        }
        #expect(reader.events.count == 21)
        #expect(try await server.post("/api/shop/eval", #"{"key":"number"}"#).status == 200)
    }

    @Test(
        "requests that stop in the middle, or are not HTTP, delay nobody",
        arguments: [
            "POST /api/shop/eval HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{\"key\":",
            "POST /ofrep/v1/evaluate/flags/flag HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
            "POST /hook/shop HTTP/1.1\r\nHost: loc", "\u{0}\u{1}\u{2}",
            "GET /sse/shop/eval/\u{FF}\u{FE} HTTP/1.1\r\n\r\n",
            "POST /api/shop/eval HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        ])
    func halfRequests(_ text: String) async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        var channels: [any Channel] = []
        for _ in 0..<50 { channels.append(try await Self.silentClient(server, sending: text)) }
        #expect(try await server.post("/api/shop/eval", #"{"key":"flag"}"#).status == 200)
        for channel in channels { try? await channel.close() }
        #expect(try await server.post("/ofrep/v1/evaluate/flags/flag", #"{"context":{}}"#).status == 200)
    }

    @Test("clients that leave in the middle of a stream are forgotten")
    func leaving() async throws {
        let server = try await RelayServer(files: ["shop": Self.large(0)])
        for _ in 0..<50 {
            let client = try await Self.silentClient(
                server, sending: "GET /sse/shop/eval-all HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try await client.close()
        }
        await eventually("all are forgotten") {
            server.server.streams.count == 0 && server.server.configs.events.count == 0
        }
    }

    @Test("streams end when the server does")
    func shutdown() async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        let stream = try await server.events("/sse/shop/eval-all")
        await eventually("the stream is open") { stream.events.count == 1 }
        await server.stop()
        await eventually("the stream has ended") { stream.isEnded }
    }
}
