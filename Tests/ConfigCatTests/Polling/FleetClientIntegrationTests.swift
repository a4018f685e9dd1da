import ConfigCatCache
import ConfigCatCacheTesting
import ConfigCatEvaluation
import ConfigCatInMemoryCache
import CoreMetrics
import Logging
import Synchronization
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

/// Several clients on one cache, in one process.
@Suite("Clients of a fleet", .cleanup)
struct FleetClientIntegrationTests {
    /// A transport that answers when the test lets it.
    private final class LateTransport: HTTPTransport {
        let isAsked = Atomic<Bool>(false)
        let mayAnswer = Atomic<Bool>(false)

        func get(_ request: HTTPTransportRequest) async throws(HTTPTransportError) -> HTTPTransportResponse {
            isAsked.store(true, ordering: .relaxed)
            while !mayAnswer.load(ordering: .relaxed) { try? await Task.sleep(for: .milliseconds(2)) }
            return HTTPTransportResponse(status: 200, eTag: "\"old\"", body: Array(TestConfig.json(1).utf8))
        }

        func shutdown() async {}
    }

    private let key = CacheKey.key(forSDKKey: testKey)

    private func number(_ client: ConfigCatClient) async -> Int {
        await client.getValue(for: "number", defaultValue: -1)
    }

    private func clients(_ count: Int, _ cdn: TestCDN, _ cache: InMemoryConfigCache) throws -> [ConfigCatClient] {
        try (0..<count).map { _ in
            try makeClient(cdn, mode: patientPolling) { options in
                options.configCache = cache
                // Other suites may keep all threads busy.
                options.leaseDuration = .seconds(600)
                options.cacheTimeout = .seconds(600)
            }
        }
    }

    @Test("a process that is suspended during a download does not replace a newer entry")
    func fencing() async throws {
        let cache = InMemoryConfigCache()
        let transport = LateTransport()
        var options = ConfigCatOptions()
        options.configCache = cache
        options.pollingMode = patientPolling
        options.cacheTimeout = .seconds(600)
        options.logger = LogRecorder().logger(.warning)
        let client = try ConfigCatClient(
            sdkKey: try SDKKey(testKey, isProxyAllowed: true, isLocalOnly: false), options: options,
            transport: transport)
        client.start()
        defer { client.close() }
        await eventually("the CDN is asked") { transport.isAsked.load(ordering: .relaxed) }
        try await Task.sleep(for: .milliseconds(20))
        // Meanwhile, its lease has ended, and another process has downloaded a newer config.
        #expect(try await cache.write(eTag: "\"new\"", configJSON: TestConfig.json(2), for: key) == .written)
        transport.mayAnswer.store(true, ordering: .relaxed)
        await eventually("it follows the cache") { await number(client) == 2 }
        #expect(cache.readHeader(for: key).header?.eTag == "\"new\"")
    }

    @Test("of clients that start together on an empty cache, one downloads")
    func oneDownload() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let cache = InMemoryConfigCache()
        let clients = try clients(20, cdn, cache)
        for client in clients { #expect(await number(client) == 1) }
        #expect(cdn.requests.count == 1)
        for client in clients { client.close() }
    }

    @Test("a change that one client downloads reaches the others, and an empty cache is filled again")
    func push() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let cache = InMemoryConfigCache()
        let clients = try clients(5, cdn, cache)
        for client in clients { #expect(await number(client) == 1) }
        cdn.set(TestConfig.answer(2))
        #expect(await clients[0].forceRefresh().success)
        for client in clients { await eventually("all have the change") { await number(client) == 2 } }
        cache.remove(for: key)
        await eventually("the cache is filled again") { cache.readHeader(for: key).header?.eTag == "\"2\"" }
        #expect(cdn.requests.count == 2)
        for client in clients { client.close() }
    }

    @Test("clients record their metrics through swift-metrics")
    func metrics() async throws {
        let recorder = MetricsRecorder.installed
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn, mode: patientPolling) { $0.configCache = InMemoryConfigCache() }
        #expect(await number(client) == 1)
        await eventually("the counters have moved") {
            [
                "configcat.fetches", "configcat.leases", "configcat.cache.header_reads", "configcat.cache.writes",
                "configcat.entry.age_seconds", "configcat.sync.timestamp_seconds", "configcat.time_to_ready",
            ].allSatisfy { recorder.labels.contains($0) }
        }
    }
}

/// Remembers which metrics were recorded. There is one for the process.
private final class MetricsRecorder: MetricsFactory {
    static let installed: MetricsRecorder = {
        let recorder = MetricsRecorder()
        MetricsSystem.bootstrap(recorder)
        return recorder
    }()

    private let recorded = Mutex<Set<String>>([])
    var labels: Set<String> { recorded.withLock(\.self) }

    private final class Handler: CounterHandler, RecorderHandler, TimerHandler {
        let record: @Sendable () -> Void
        init(_ record: @escaping @Sendable () -> Void) { self.record = record }
        func increment(by amount: Int64) { record() }
        func reset() {}
        func record(_ value: Int64) { record() }
        func record(_ value: Double) { record() }
        func recordNanoseconds(_ duration: Int64) { record() }
    }

    private func handler(_ label: String) -> Handler {
        Handler { [self] in recorded.withLock { _ = $0.insert(label) } }
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { handler(label) }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        handler(label)
    }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { handler(label) }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
