import ConfigCatTestSupport
import Foundation
import NIOHTTP1
import Testing

@testable import ConfigCatServing

@Suite("OFREP", .cleanup)
struct OFREPRoutesIntegrationTests {
    @Test(
        "a setting has its value, reason and variant",
        arguments: [
            ("flag", "{}", #"{"key":"flag","value":true,"reason":"STATIC","variant":"v_flag"}"#),
            (
                "text", #"{"targetingKey":"1","email":"jane@example.com"}"#,
                #"{"key":"text","value":"inside","reason":"TARGETING_MATCH","variant":"v_inside"}"#
            ),
            (
                "text", #"{"targetingKey":"1","beta":true}"#,
                #"{"key":"text","value":"beta","reason":"TARGETING_MATCH","variant":"v_beta"}"#
            ),
            (
                "text", #"{"targetingKey":"1","beta":false}"#,
                #"{"key":"text","value":"plain","reason":"STATIC","variant":"v_text"}"#
            ),
            ("limit", "{}", #"{"key":"limit","value":5,"reason":"STATIC","variant":"v_limit"}"#),
            ("rate", "{}", #"{"key":"rate","value":2.0,"reason":"STATIC","variant":"v_rate"}"#),
            ("json", "{}", #"{"key":"json","value":"{\"a\":1}","reason":"STATIC","variant":""}"#),
            ("a/b%20c%25%C3%A9", "{}", #"{"key":"a/b c%é","value":true,"reason":"STATIC","variant":"v_odd"}"#),
            ("a%2Fb%20c%25%c3%a9", "{}", #"{"key":"a/b c%é","value":true,"reason":"STATIC","variant":"v_odd"}"#),
        ])
    func single(_ key: String, _ context: String, _ expected: String) async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        let response = try await server.post("/ofrep/v1/evaluate/flags/\(key)", "{\"context\":\(context)}")
        #expect(response.status == 200)
        #expect(response.body == expected)
        #expect(response.headers["Content-Type"] == ["application/json"])
    }

    @Test("a percentage option has the reason SPLIT")
    func split() async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        let response = try await server.post(
            "/ofrep/v1/evaluate/flags/split", #"{"context":{"targetingKey":"435170f4"}}"#)
        #expect(response.body.contains(#""reason":"SPLIT""#))
    }

    @Test(
        "an error has OFREP's code and status",
        arguments: [
            ("missing", #"{"context":{}}"#, 404, "FLAG_NOT_FOUND"),
            ("broken", #"{"context":{}}"#, 400, "PARSE_ERROR"),
            ("flag", #"{"context":[]}"#, 400, "INVALID_CONTEXT"),
            ("flag", #"{"context":{"targetingKey":1}}"#, 400, "INVALID_CONTEXT"),
            ("flag", #"{"context":{"#, 400, "INVALID_CONTEXT"),
            ("flag", "", 400, "INVALID_CONTEXT"),
        ])
    func errors(_ key: String, _ body: String, _ status: Int, _ code: String) async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        let response = try await server.post("/ofrep/v1/evaluate/flags/\(key)", body)
        #expect(response.status == status)
        #expect(response.body.hasPrefix("{\"key\":\"\(key)\",\"errorCode\":\"\(code)\",\"errorDetails\":\""))
        guard code == "INVALID_CONTEXT" else { return }
        let bulk = try await server.post("/ofrep/v1/evaluate/flags", body)
        #expect(bulk.status == status)
        #expect(bulk.body.hasPrefix("{\"errorCode\":\"\(code)\",\"errorDetails\":\""))
    }

    @Test("all settings are answered, those that cannot be evaluated with an error")
    func bulk() async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        let response = try await server.post(
            "/ofrep/v1/evaluate/flags", #"{"context":{"targetingKey":"1","email":"jane@example.com"}}"#)
        #expect(response.status == 200)
        let body = try JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: [[String: Any]]]
        let flags = try #require(body?["flags"])
        #expect(flags.count == 8)
        #expect(flags[1]["value"] as? String == "inside")
        #expect(flags[7]["errorCode"] as? String == "PARSE_ERROR")
        #expect(flags[7]["value"] == nil)
    }

    @Test("replicas have the same ETag, and answer 304 for each other until the config or the context changes")
    func eTag() async throws {
        let first = try await RelayServer(files: ["shop": RelayConfig.json()])
        let second = try await RelayServer(files: ["shop": RelayConfig.json()])
        let path = "/ofrep/v1/evaluate/flags"
        let response = try await first.post(path, #"{"context":{"targetingKey":"1","plan":"pro","age":3}}"#)
        let eTag = try #require(response.headers["ETag"].first)
        let same = #"{"context":{"age":3,"plan":"pro","targetingKey":"1"}}"#
        for server in [first, second] {
            let again = try await server.post(path, same, headers: ["If-None-Match": eTag])
            #expect(again.status == 304)
            #expect(again.body.isEmpty)
            #expect(again.headers["ETag"] == [eTag])
        }
        let other = #"{"context":{"targetingKey":"2"}}"#
        #expect(try await second.post(path, other, headers: ["If-None-Match": eTag]).status == 200)
        try await second.set("shop", RelayConfig.json(limit: 6))
        #expect(try await second.post(path, same, headers: ["If-None-Match": eTag]).status == 200)
        try await second.set("shop", RelayConfig.json())
        #expect(try await second.post(path, same, headers: ["If-None-Match": eTag]).status == 304)
    }

    @Test("with several configs, a header chooses one by its ID or its SDK key")
    func choice() async throws {
        let cdn = try await TestCDN(TestConfig.answer(7))
        let key = newSDKKey()
        let server = try await RelayServer(
            files: ["one": RelayConfig.json(limit: 1), "two": RelayConfig.json(limit: 2)], sdkKeys: ["main": key]
        ) { $0.baseURL = cdn.url }
        await eventually("the config is downloaded") { server.server.configs["main"]?.document != nil }
        func limit(_ headers: [String: String]) async throws -> RelayServer.Response {
            try await server.post("/ofrep/v1/evaluate/flags/limit", #"{"context":{}}"#, headers: headers)
        }
        #expect(try await limit(["X-ConfigCat-SdkId": "one"]).body.contains(#""value":1"#))
        #expect(try await limit(["X-ConfigCat-SdkId": "two"]).body.contains(#""value":2"#))
        let byKey = try await server.post(
            "/ofrep/v1/evaluate/flags/number", #"{"context":{}}"#, headers: ["X-ConfigCat-SdkKey": key])
        #expect(byKey.body.contains(#""value":7"#))
        for headers in [[:], ["X-ConfigCat-SdkId": "three"], ["X-ConfigCat-SdkKey": "secret-\(key)"]] {
            let response = try await limit(headers)
            #expect(response.status == 400)
            #expect(response.body.contains(#""errorCode":"GENERAL""#) && !response.body.contains("secret"))
        }
    }
}
