import ConfigCatCommandLine
import ConfigCatTestSupport
import Crypto
import Foundation
import Logging
import Testing

@testable import ConfigCatServing

@Suite("Webhooks", .cleanup)
struct WebhookRoutesIntegrationTests {
    private static func headers(
        id: String, body: String, key: String, time: Int64 = Int64(Date().timeIntervalSince1970)
    ) -> [String: String] {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(id)\(time)\(body)".utf8), using: SymmetricKey(data: Data(key.utf8)))
        return [
            "X-ConfigCat-Webhook-ID": id, "X-ConfigCat-Webhook-Timestamp": "\(time)",
            "X-ConfigCat-Webhook-Signature-V1": Data(code).base64EncodedString(),
        ]
    }

    private static func server(_ cdn: TestCDN, logger: Logger = .silent) async throws -> RelayServer {
        let server = try await RelayServer(sdkKeys: ["main": newSDKKey()], logger: logger) {
            $0.baseURL = cdn.url
            $0.pollInterval = .seconds(3600)
            $0.webhookKeys = ["main": ["old key", "new key"]]
        }
        await eventually("the config is downloaded") { server.server.configs["main"]?.document != nil }
        return server
    }

    @Test("a webhook that is signed refreshes the config before it is answered, with either of two keys")
    func refresh() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let server = try await Self.server(cdn)
        for (number, key) in [(2, "old key"), (3, "new key")] {
            cdn.set(TestConfig.answer(number))
            let body = #"{"changed":\#(number)}"#
            let response = try await server.post(
                "/hook/main", body, headers: Self.headers(id: "id\(number)", body: body, key: key))
            #expect(response.status == 200)
            #expect(try await server.post("/api/main/eval", #"{"key":"number"}"#).body.contains("\"value\":\(number)"))
        }
        cdn.set(TestConfig.answer(4))
        let response = try await server.get("/hook/main", headers: Self.headers(id: "get", body: "", key: "new key"))
        #expect(response.status == 200)
        #expect(try await server.post("/api/main/eval", #"{"key":"number"}"#).body.contains("\"value\":4"))
    }

    @Test("webhooks that are not signed correctly, recently or for the first time are refused without a download")
    func refused() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let recorder = LogRecorder()
        let server = try await Self.server(cdn, logger: recorder.logger(.debug))
        let now = Int64(Date().timeIntervalSince1970)
        let valid = Self.headers(id: "a", body: "{}", key: "new key")
        #expect(try await server.post("/hook/main", "{}", headers: valid).status == 200)
        let downloads = cdn.requests.count
        func status(_ headers: [String: String], _ body: String = "{}") async throws -> Int {
            try await server.post("/hook/main", body, headers: headers).status
        }
        #expect(try await status(valid) == 409)
        #expect(try await status([:]) == 400)
        #expect(try await status(Self.headers(id: "b", body: "{}", key: "new key"), "{ }") == 403)
        #expect(try await status(Self.headers(id: "b", body: "{}", key: "other")) == 403)
        #expect(try await status(Self.headers(id: "b", body: "{}", key: "new key", time: now - 400)) == 403)
        #expect(try await status(Self.headers(id: "b", body: "{}", key: "new key", time: now + 400)) == 403)
        #expect(try await status(Self.headers(id: "b", body: "{}", key: "new key", time: .max)) == 403)
        let long = String(repeating: "x", count: 1 << 20 + 1)
        #expect(try await status(Self.headers(id: "b", body: long, key: "new key"), long) == 413)
        #expect(cdn.requests.count == downloads)
        #expect(try await server.post("/hook/other", "{}", headers: valid).status == 404)
    }

    @Test("without a key, webhooks are refused")
    func noKey() async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()]) {
            $0.webhookKeys = ["shop": [""], "other": ["key"]]
        }
        for headers in [[:], Self.headers(id: "a", body: "{}", key: ""), Self.headers(id: "a", body: "{}", key: "key")]
        {
            let response = try await server.post("/hook/shop", "{}", headers: headers)
            #expect(response.status == 403)
            #expect(response.body.contains("no signing key"))
        }
    }

    @Test("one of many equal webhooks is accepted")
    func parallelReplays() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let server = try await Self.server(cdn)
        let headers = Self.headers(id: "same", body: "{}", key: "new key")
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { try await server.post("/hook/main", "{}", headers: headers).status } }
            return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(statuses == [200: 1, 409: 19])
    }

    @Test("a webhook whose refresh fails gets 502 without details")
    func failedRefresh() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let server = try await Self.server(cdn)
        cdn.set(.response(status: 404))
        let response = try await server.post(
            "/hook/main", "{}", headers: Self.headers(id: "a", body: "{}", key: "new key"))
        #expect(response.status == 502)
        #expect(!response.body.contains("SECRET"))
    }

    @Test("a webhook whose refresh failed can be sent again, until it has succeeded")
    func retry() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let server = try await Self.server(cdn)
        let headers = Self.headers(id: "a", body: "{}", key: "new key")
        cdn.set(.response(status: 500))
        #expect(try await server.post("/hook/main", "{}", headers: headers).status == 502)
        cdn.set(TestConfig.answer(2))
        #expect(try await server.post("/hook/main", "{}", headers: headers).status == 200)
        #expect(try await server.post("/api/main/eval", #"{"key":"number"}"#).body.contains("\"value\":2"))
        #expect(try await server.post("/hook/main", "{}", headers: headers).status == 409)
    }
}
