import ConfigCatTestSupport
import Foundation
import NIOHTTP1
import Testing

@testable import ConfigCatServing

@Suite("The evaluation API of ConfigCat's Proxy", .cleanup)
struct ProxyRoutesIntegrationTests {
    @Test("eval returns the value and the variation ID of one setting for a user")
    func eval() async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        func answer(_ body: String) async throws -> String {
            let response = try await server.post("/api/shop/eval", body)
            #expect(response.status == 200)
            #expect(response.headers["Content-Type"] == ["application/json"])
            #expect(response.headers["Access-Control-Allow-Origin"] == ["*"])
            return response.body
        }
        #expect(try await answer(#"{"key":"flag"}"#) == #"{"value":true,"variationId":"v_flag"}"#)
        #expect(
            try await answer(#"{"key":"text","user":{"Identifier":"1","Email":"jane@example.com"}}"#)
                == #"{"value":"inside","variationId":"v_inside"}"#)
        #expect(try await answer(#"{"key":"limit"}"#) == #"{"value":5,"variationId":"v_limit"}"#)
        #expect(try await answer(#"{"key":"rate"}"#) == #"{"value":2.0,"variationId":"v_rate"}"#)
        #expect(try await answer(#"{"key":"a/b c%é"}"#) == #"{"value":true,"variationId":"v_odd"}"#)
    }

    @Test("eval-all returns all settings, and keys their keys")
    func evalAll() async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        let all = try await server.post("/api/shop/eval-all", #"{"user":{"Identifier":"1","Email":"a@example.com"}}"#)
        let values = try #require(
            try JSONSerialization.jsonObject(with: Data(all.body.utf8)) as? [String: [String: Any]])
        #expect(all.status == 200)
        #expect(values.count == 8)
        #expect(values["text"]?["value"] as? String == "inside")
        #expect(values["text"]?["variationId"] as? String == "v_inside")
        #expect(values["broken"]?["value"] is NSNull)
        let keys = try await server.get("/api/shop/keys")
        #expect(
            keys.body == #"{"keys":["flag","text","limit","rate","split","json","a/b c%é","broken"]}"#)
    }

    @Test("each config is evaluated under its ID")
    func severalConfigs() async throws {
        let server = try await RelayServer(files: [
            "one": RelayConfig.json(limit: 1), "two": RelayConfig.json(limit: 2),
        ])
        #expect(try await server.post("/api/one/eval", #"{"key":"limit"}"#).body.hasPrefix(#"{"value":1"#))
        #expect(try await server.post("/api/two/eval", #"{"key":"limit"}"#).body.hasPrefix(#"{"value":2"#))
    }

    @Test(
        "an error has the status of ConfigCat's Proxy, and says what is wrong",
        arguments: [
            ("shop", #"{"key":"missing"}"#, 400, "there is no setting with the key missing"),
            ("shop", #"{"key":"flag""#, 400, "The request is not JSON"),
            ("shop", "", 400, "The body is empty."),
            ("shop", "{}", 400, #"\"key\" is missing"#),
            ("shop", #"{"key":"flag","user":{"beta":true}}"#, 400, #"The attribute \"beta\""#),
            ("other", #"{"key":"flag"}"#, 404, "there is no config with this ID"),
            ("%00", #"{"key":"flag"}"#, 404, "there is no config with this ID"),
            ("shop", #"{"key":"broken"}"#, 500, "broken"),
        ])
    func errors(_ id: String, _ body: String, _ status: Int, _ message: String) async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        let response = try await server.post("/api/\(id)/eval", body)
        #expect(response.status == status)
        #expect(response.body.hasPrefix(#"{"error":""#) && response.body.contains(message))
        #expect(response.headers["Access-Control-Allow-Origin"] == ["*"])
    }

    @Test("a body of more than a mebibyte is refused, and the server goes on")
    func longBody() async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        let long = String(repeating: " ", count: 1 << 20)
        for path in [
            "/api/shop/eval", "/api/shop/eval-all", "/ofrep/v1/evaluate/flags/flag", "/ofrep/v1/evaluate/flags",
        ] {
            let response = try await server.post(path, "{\"key\":\"flag\"\(long)}")
            #expect(response.status == 413)
            #expect(response.body.contains("the body has more than 1048576 bytes"))
        }
        #expect(try await server.post("/api/shop/eval", #"{"key":"flag"}"#).status == 200)
    }

    @Test("hostile bodies get 400, or are answered")
    func hostile() async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        let bodies: [[UInt8]] = [
            [0xFF, 0xFE, 0x00], Array(repeating: UInt8(ascii: "["), count: 1_000_000), Array("\"\\ud800\"".utf8),
            Array("{\"user\":{\"a\":\(String(repeating: "9", count: 100_000))}}".utf8), [0],
        ]
        for path in [
            "/api/shop/eval", "/api/shop/eval-all", "/ofrep/v1/evaluate/flags/flag", "/ofrep/v1/evaluate/flags",
        ] {
            for body in bodies {
                let status = try await server.request(.POST, path, bytes: body).status
                #expect([200, 400].contains(status))
            }
        }
        for path in ["/sse/shop/eval/\(base64("[1]"))", "/sse/shop/eval/e30"] {
            #expect(try await server.get(path).status == 400)
        }
    }

    @Test(
        "browsers of all origins may evaluate",
        arguments: ["/api/shop/eval", "/ofrep/v1/evaluate/flags/x", "/sse/shop/eval-all"])
    func preflight(_ path: String) async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        let response = try await server.request(
            .OPTIONS, path,
            headers: ["Origin": "https://example.com", "Access-Control-Request-Headers": "x-configcat-sdkid"])
        #expect(response.status == 204)
        #expect(response.headers["Access-Control-Allow-Origin"] == ["*"])
        #expect(response.headers["Access-Control-Allow-Headers"].first?.contains("X-ConfigCat-SdkId") == true)
        #expect(response.headers["Access-Control-Allow-Methods"].first?.contains("POST") == true)
        #expect(response.headers["Access-Control-Allow-Credentials"].isEmpty)
    }

    @Test("refresh fetches the config again; many requests at once are few downloads")
    func refresh() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let server = try await RelayServer(sdkKeys: ["main": newSDKKey()]) {
            $0.baseURL = cdn.url
            $0.pollInterval = .seconds(3600)
        }
        await eventually("the config is downloaded") { server.server.configs["main"]?.document != nil }
        cdn.set(TestConfig.answer(2))
        let response = try await server.post("/api/main/refresh", "")
        #expect(response.status == 200)
        #expect(response.body.isEmpty)
        #expect(try await server.post("/api/main/eval", #"{"key":"number"}"#).body == #"{"value":2,"variationId":""}"#)
        let before = cdn.requests.count
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<30 { group.addTask { try await server.post("/api/main/refresh", "").status } }
            for try await status in group { #expect(status == 200) }
        }
        #expect(cdn.requests.count - before < 15)
    }

    @Test("a refresh that fails gets 500 without the SDK key, and the config is still served")
    func failedRefresh() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let key = newSDKKey()
        let server = try await RelayServer(sdkKeys: ["main": key]) {
            $0.baseURL = cdn.url
            $0.pollInterval = .seconds(3600)
        }
        await eventually("the config is downloaded") { server.server.configs["main"]?.document != nil }
        cdn.set(.response(status: 404))
        let response = try await server.post("/api/main/refresh", "")
        #expect(response.status == 500)
        #expect(response.body.contains("the config could not be refreshed"))
        #expect(!response.body.contains("SECRET"))
        #expect(try await server.post("/api/main/eval", #"{"key":"number"}"#).status == 200)
    }

    @Test("refresh, status and metrics need the token, evaluation does not")
    func token() async throws {
        let token = "0123456789abcdef"
        let server = try await RelayServer(files: ["shop": RelayConfig.json()]) {
            $0.token = token
            $0.metrics = TextMetrics()
        }
        #expect(try await server.post("/api/shop/refresh", "").status == 401)
        #expect(try await server.get("/status").status == 401)
        #expect(try await server.get("/metrics").status == 401)
        let headers = ["Authorization": "Bearer \(token)"]
        #expect(try await server.post("/api/shop/refresh", "", headers: headers).status == 200)
        #expect(try await server.get("/status", headers: headers).status == 200)
        #expect(try await server.get("/metrics", headers: headers).status == 200)
        #expect(try await server.post("/api/shop/eval", #"{"key":"flag"}"#).status == 200)
        #expect(try await server.get("/livez").status == 200)
        #expect(try await server.get("/readyz").status == 200)
    }

    @Test("while there is no data, evaluation gets 503")
    func noData() async throws {
        let cdn = try await TestCDN(.stall)
        let server = try await RelayServer(sdkKeys: ["main": newSDKKey()]) { $0.baseURL = cdn.url }
        for path in ["/api/main/eval", "/api/main/eval-all"] {
            let response = try await server.post(path, #"{"key":"flag"}"#)
            #expect(response.status == 503)
            #expect(response.body == #"{"error":"no config has been loaded yet"}"#)
        }
        #expect(try await server.get("/api/main/keys").status == 503)
        #expect(try await server.get("/sse/main/eval-all").status == 503)
        let single = try await server.post("/ofrep/v1/evaluate/flags/flag", #"{"context":{}}"#)
        #expect(single.status == 500)
        #expect(single.body.hasPrefix(#"{"key":"flag","errorCode":"PROVIDER_NOT_READY""#))
        let bulk = try await server.post("/ofrep/v1/evaluate/flags", #"{"context":{}}"#)
        #expect(bulk.status == 500)
        #expect(bulk.body.hasPrefix(#"{"errorCode":"PROVIDER_NOT_READY""#))
        let readiness = try await server.get("/readyz")
        #expect(readiness.status == 503)
        #expect(readiness.body.contains("main"))
        #expect(try await server.get("/livez").status == 200)
    }
}
