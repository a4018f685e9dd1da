import ConfigCatTestSupport
import Foundation
import NIOHTTP1
import Testing

@testable import ConfigCatServing

@Suite("Status and metrics of the server", .cleanup)
struct OperatorRoutesIntegrationTests {
    @Test("the status has all configs, and no SDK key")
    func status() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let server = try await RelayServer(files: ["shop": RelayConfig.json()], sdkKeys: ["main": newSDKKey()]) {
            $0.baseURL = cdn.url
        }
        await eventually("the config is downloaded") { server.server.configs["main"]?.document != nil }
        let response = try await server.get("/status")
        let body = try #require(
            try JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any])
        let configs = try #require(body["configs"] as? [[String: Any]])
        #expect(body["status"] as? String == "healthy")
        #expect(configs.map { $0["id"] as? String } == ["shop", "main"])
        #expect(configs[1]["consecutiveFailures"] as? Int == 0)
        #expect((configs[1]["lastSync"] as? [String: Any])?["source"] as? String == "cdn")
        #expect(!response.body.contains("SECRET"))
    }

    @Test("the metrics count requests by endpoint and status, with a bounded number of series")
    func metrics() async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()]) { $0.metrics = TextMetrics() }
        for _ in 0..<3 { _ = try await server.post("/api/shop/eval", #"{"key":"flag"}"#) }
        for number in 0..<20 {
            _ = try await server.post("/api/x\(number)/eval", "{}")
            _ = try await server.post("/ofrep/v1/evaluate/flags/x\(number)", "{}")
        }
        let stream = try await server.events("/sse/shop/eval-all")
        await eventually("the stream is open") { stream.events.count == 1 }
        let response = try await server.get("/metrics")
        #expect(response.headers["Content-Type"] == ["text/plain; version=0.0.4; charset=utf-8"])
        let lines = response.body.split(separator: "\n").map(String.init)
        #expect(lines.contains(#"configcat_relay_requests_total{endpoint="eval",status="200"} 3"#))
        #expect(lines.contains(#"configcat_relay_requests_total{endpoint="eval",status="404"} 20"#))
        #expect(lines.contains(#"configcat_relay_requests_total{endpoint="ofrep",status="404"} 20"#))
        #expect(lines.contains(#"configcat_relay_request_duration_seconds_count{endpoint="eval"} 23"#))
        #expect(lines.contains("configcat_relay_streams 1"))
        #expect(lines.filter { $0.hasPrefix("configcat_relay_requests_total") }.count == 4)
    }

    @Test("without metrics, there is no such endpoint")
    func noMetrics() async throws {
        let server = try await RelayServer(files: ["shop": RelayConfig.json()])
        #expect(try await server.get("/metrics").status == 404)
    }
}
