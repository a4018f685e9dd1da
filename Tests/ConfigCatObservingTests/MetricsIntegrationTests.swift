import ConfigCat
import ConfigCatEvaluation
import ConfigCatInMemoryCache
import ConfigCatTestSupport
import Foundation
import Metrics
import MetricsTestKit
import Testing

@Suite("Metrics", .cleanup)
struct MetricsIntegrationTests {
    private let metrics = TestMetrics()

    /// Returns the names of all metrics after a client has downloaded and evaluated.
    private func names() async throws -> Set<String> {
        try await withMetricsFactory(metrics) {
            let client = try await observedClient([EvaluationCounter()]) {
                $0.configCache = InMemoryConfigCache()
            }
            await client.forceRefresh()
            _ = await client.getValue(for: "plain", defaultValue: false)
            await client.shutdown()
        }
        return Set(
            metrics.counters.map(\.label) + metrics.recorders.map(\.label) + metrics.timers.map(\.label)
                + metrics.meters.map(\.label))
    }

    @Test("downloads, leases and cache calls are counted")
    func client() async throws {
        try await withMetricsFactory(metrics) {
            let client = try makeClient(try await TestCDN(ReasonConfig.answer), mode: patientPolling) {
                $0.configCache = InMemoryConfigCache()
            }
            await client.waitForReady()
            await client.forceRefresh()
            await client.shutdown()
        }
        func count(_ label: String, _ dimensions: [(String, String)] = []) throws -> Int64 {
            try metrics.expectCounter(label, dimensions).totalValue
        }
        #expect(try count("configcat.fetches", [("result", "new")]) == 1)
        #expect(try count("configcat.fetches", [("result", "not_modified")]) == 1)
        #expect(try count("configcat.fetches", [("result", "failed")]) == 0)
        #expect(try count("configcat.leases", [("result", "won")]) > 0)
        #expect(try count("configcat.cache.header_reads") > 0)
        #expect(try count("configcat.cache.writes") == 1)
        #expect(try count("configcat.cache.errors", [("operation", "read")]) == 0)
        let synced = try #require(try metrics.expectRecorder("configcat.sync.timestamp_seconds").lastValue)
        #expect(abs(synced - Date().timeIntervalSince1970) < 600)
        #expect(try metrics.expectTimer("configcat.time_to_ready").values.count == 1)
    }

    @Test("evaluations are counted by key, variant and reason, by an observer")
    func evaluations() async throws {
        try await withMetricsFactory(metrics) {
            let client = try await observedClient([EvaluationCounter()])
            for _ in 1...3 { _ = await client.getValue(for: "split", defaultValue: 0, user: ReasonConfig.other) }
            _ = await client.getValue(for: "ratio", defaultValue: 0.0)
            _ = await client.getValue(for: "ratio", defaultValue: 0)
            for request in 1...1000 { _ = await client.getValue(for: "from request \(request)", defaultValue: 0) }
        }
        let found = metrics.counters(label: "configcat.evaluations").map { counter in
            (counter.dimensions.map(\.1).joined(separator: "|"), counter.totalValue)
        }
        #expect(
            Dictionary(uniqueKeysWithValues: found) == [
                "split|v-two|split": 3, "ratio||default": 1, "ratio||error": 1, "_OTHER||error": 1000,
            ])
        #expect(
            metrics.counters(label: "configcat.evaluations").first?.dimensions.map(\.0) == ["key", "variant", "reason"])
    }

    @Test("the dashboard names only metrics that clients record, and all of them")
    func dashboard() async throws {
        let data = try Data(contentsOf: packageRoot.appending(path: "Examples/Grafana/configcat.json"))
        let dashboard = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let panels = try #require(dashboard["panels"] as? [[String: Any]])
        let queries = panels.flatMap { ($0["targets"] as? [[String: Any]] ?? []).compactMap { $0["expr"] as? String } }
        #expect(queries.count >= panels.count)
        var named = Set<String>()
        for query in queries {
            let words = query.split { !($0.isLetter || $0.isNumber || $0 == "_") }.filter { $0.hasPrefix("configcat_") }
            #expect(!words.isEmpty, "\(query)")
            for word in words {
                // A timer is a histogram or a summary in Prometheus.
                let isTimer = word.hasPrefix("configcat_time_to_ready_")
                named.insert(
                    isTimer ? String(word.prefix(upTo: word.lastIndex(of: "_") ?? word.endIndex)) : String(word))
            }
        }
        let recorded = Set(try await names().map { $0.replacing(".", with: "_") })
        #expect(named == recorded)
    }

    @Test("the guide's table has every metric, with its unit")
    func guide() async throws {
        let file = packageRoot.appending(path: "Sources/ConfigCat/Documentation.docc/Observability.md")
        let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("| `configcat.") }
        let named = rows.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
        #expect(Set(named) == (try await names()))
        #expect(rows.allSatisfy { $0.split(separator: "|").count == 3 })
    }
}
