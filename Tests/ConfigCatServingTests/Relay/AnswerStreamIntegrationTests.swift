import ConfigCatEvaluation
import ConfigCatTestSupport
import Foundation
import NIOHTTP1
import Testing

@testable import ConfigCatServing

@Suite("Streams of ConfigCat's Proxy", .cleanup)
struct AnswerStreamIntegrationTests {
    @Test("a stream begins with the answer, and continues when it changes, and only then")
    func changes() async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        let limit = try await server.events("/sse/shop/eval/\(base64(#"{"key":"limit"}"#))")
        let flag = try await server.events("/sse/shop/eval/\(base64(#"{"key":"flag","user":{"Identifier":"1"}}"#))")
        let all = try await server.events("/sse/shop/eval-all")
        #expect(limit.status == 200)
        #expect(limit.headers["Content-Type"] == ["text/event-stream"])
        #expect(limit.headers["Access-Control-Allow-Origin"] == ["*"])
        await eventually("the first answers arrive") {
            limit.events.count == 1 && flag.events.count == 1 && all.events.count == 1
        }
        try await server.set("shop", RelayConfig.json(limit: 6))
        await eventually("the change arrives") { limit.events.count == 2 && all.events.count == 2 }
        try await server.set("shop", RelayConfig.json(isOn: false, limit: 6))
        await eventually("the next change arrives") { flag.events.count == 2 && all.events.count == 3 }
        #expect(limit.events == [#"{"value":5,"variationId":"v_limit"}"#, #"{"value":6,"variationId":"v_limit"}"#])
        #expect(flag.events == [#"{"value":true,"variationId":"v_flag"}"#, #"{"value":false,"variationId":"v_flag"}"#])
        #expect(all.events.last?.contains(#""limit":{"value":6,"variationId":"v_limit"}"#) == true)
    }

    @Test("a user in the path is evaluated")
    func user() async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        let data = base64(#"{"key":"text","user":{"Identifier":"1","Email":"é@example.com"}}"#)
        let stream = try await server.events("/sse/shop/eval/\(data)")
        await eventually("the answer arrives") { !stream.events.isEmpty }
        #expect(stream.events == [#"{"value":"inside","variationId":"v_inside"}"#])
    }

    @Test("a change of another config, and the removal of the setting, are no events")
    func noEvents() async throws {
        let server = try await RelayServer(files: ["one": RelayConfig.json(), "two": RelayConfig.json()])
        let stream = try await server.events("/sse/one/eval/\(base64(#"{"key":"limit"}"#))")
        await eventually("the answer arrives") { stream.events.count == 1 }
        try await server.set("two", RelayConfig.json(limit: 9))
        try await server.set("one", #"{"f":{"other":{"t":0,"v":{"b":true}}}}"#)
        try await server.set("one", RelayConfig.json(limit: 8))
        await eventually("the answer arrives") { stream.events.count == 2 }
        #expect(stream.events.last == #"{"value":8,"variationId":"v_limit"}"#)
    }

    @Test(
        "a stream of something that does not exist is refused",
        arguments: [
            ("/sse/other/eval-all", 404), ("/sse/shop/eval/\(base64(#"{"key":"missing"}"#))", 400),
            ("/sse/shop/eval/\(base64("{}"))", 400), ("/sse/shop/eval/***", 400), ("/sse/shop/eval-all/***", 400),
        ])
    func refused(_ path: String, _ status: Int) async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        #expect(try await server.get(path).status == status)
        #expect(server.server.streams.count == 0)
    }

    @Test("heartbeats arrive, and are not events")
    func heartbeats() async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        let stream = try await server.events("/sse/shop/eval-all")
        await eventually("the first answer arrives") { stream.events.count == 1 }
        server.server.configs.events.send(.heartbeat)
        await eventually("the heartbeat arrives") { stream.content.hasSuffix("\n\n:\n\n") }
        #expect(stream.events.count == 1)
    }

    @Test("the number of streams is limited, and a client that leaves makes room at once")
    func limit() async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()]) { $0.streamLimit = 2 }
        let first = try await server.events("/sse/shop/eval-all")
        let second = try await server.events("/sse/shop/eval-all")
        await eventually("both are open") { first.events.count == 1 && second.events.count == 1 }
        #expect(try await server.get("/sse/shop/eval-all").status == 503)
        first.close()
        await eventually("a place is free") { server.server.streams.count == 1 }
        let third = try await server.events("/sse/shop/eval-all")
        await eventually("it is open") { third.events.count == 1 }
        #expect(server.server.configs.events.count == 2)
    }

    @Test("a config that is no longer served ends its streams, and one that is read again continues them")
    func reload() async throws {
        let server = try await RelayServer(files: ["one": RelayConfig.json(), "two": RelayConfig.json()])
        let one = try await server.events("/sse/one/eval-all")
        let two = try await server.events("/sse/two/eval-all")
        await eventually("both are open") { one.events.count == 1 && two.events.count == 1 }
        let configs = server.server.configs
        let new = ServedConfig(id: "two", origin: .file(path: "new"), events: configs.events)
        configs.replace(with: [new])
        new.publish(upstream: try Config(json: RelayConfig.json(limit: 77)), at: Date())
        configs.events.send(.heartbeat)
        await eventually("the removed config's stream ends") { one.isEnded }
        await eventually("the new config's answer arrives") { two.events.count == 2 }
        #expect(two.events.last?.contains("77") == true)
    }

    @Test("many streams get a change")
    func manyStreams() async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        var streams: [RelayServer.EventStream] = []
        for number in 0..<200 {
            let data = base64(#"{"key":"limit","user":{"Identifier":"\#(number)"}}"#)
            streams.append(try await server.events("/sse/shop/eval/\(data)"))
        }
        try await server.set("shop", RelayConfig.json(limit: 6))
        await eventually("all streams have the change") {
            streams.allSatisfy { $0.events.last == #"{"value":6,"variationId":"v_limit"}"# }
        }
    }
}
