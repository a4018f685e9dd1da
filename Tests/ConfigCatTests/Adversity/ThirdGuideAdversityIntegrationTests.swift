import ConfigCatCache
import ConfigCatInMemoryCache
import Logging
import Synchronization
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

/// The statements of the guide *Operating*.
@Suite("Third adversity: the guide to operating", .cleanup)
struct ThirdGuideAdversityIntegrationTests {
    private func local(_ recorder: LogRecorder, _ clock: StepClock) throws -> ConfigCatClient {
        try makeClient(nil, recorder: recorder, host: clock.host) {
            $0.flagOverrides = LocalDictionaryDataSource(source: ["known": true], behaviour: .localOnly)
        }
    }

    // MARK: - Health

    /// "That process logs event 1100 and its health becomes stale. It also refreshes the timestamp of the
    /// cache's entry."
    @Test("A refused process that refreshes the entry's timestamp does not confirm its own config", arguments: 0..<5)
    func ownRefresh(_ kind: Int) async throws {
        let (cdn, clock) = (try await TestCDN(TestConfig.answer(1)), TestClock())
        func store() -> InMemoryConfigCache { InMemoryConfigCache { clock.wall } }
        let cache: any ConfigCache =
            switch kind {
            case 0: store()
            case 1: LayeredConfigCache([store(), store()], timeout: .seconds(600), host: clock.host)
            case 2: TestCache()
            case 3: HeadersOnly(store: store())
            default: LayeredConfigCache([TestCache(), store()], timeout: .seconds(600), host: clock.host)
            }
        let client = try makeClient(cdn, host: clock.host) { $0.configCache = cache }
        #expect(await client.forceRefresh().success)
        cdn.set(.response(status: 404))
        for round in 1...4 {
            clock.advance(seconds: 3600)
            await client.forceRefresh()
            #expect(client.health.isStale(after: .seconds(600)), "round \(round)")
            #expect(client.health.lastSync?.source == .cdn, "round \(round)")
            #expect(client.health.consecutiveFailures == round, "round \(round)")
        }
        client.setOffline()
        await client.forceRefresh()
        #expect(client.health.isStale(after: .seconds(600)), "offline")
        await client.shutdown()
        await cdn.stop()
    }

    /// "Whether the last read and the last write of the cache worked."
    @Test("A write that a shutdown drops counts as failed")
    func abandonedWrite() async throws {
        let (cdn, recorder) = (try await TestCDN(TestConfig.answer(1)), LogRecorder())
        let client = try makeClient(cdn, recorder: recorder) {
            $0.configCache = HangingWrites()
            $0.cacheTimeout = .milliseconds(300)
        }
        await client.forceRefresh()
        await client.shutdown()
        #expect(recorder.ids == [2201])
        #expect(client.health.cache?.isWorking == false)
        await cdn.stop()
    }

    /// "Whether it reports changes."
    @Test("Layers report changes only if each layer does")
    func subscriptionOfLayers() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        for layers in [[TestCache(), TestCache()], [InMemoryConfigCache(), TestCache()] as [any ConfigCache]] {
            let client = try makeClient(cdn) { $0.configCache = LayeredConfigCache(layers) }
            await client.waitForReady()
            try await Task.sleep(for: .milliseconds(100))
            #expect(client.health.cache?.subscription == .unsupported, "\(layers)")
            await client.shutdown()
        }
    }

    @Test("A client without a config is stale, and the config of a closed client ages")
    func ages() async throws {
        let (cdn, clock) = (try await TestCDN(TestConfig.answer(1)), TestClock())
        let client = try makeClient(cdn, host: clock.host)
        #expect(client.health.isStale(after: .seconds(1_000_000)))
        await client.forceRefresh()
        await client.shutdown()
        clock.advance(seconds: 700)
        #expect(client.health.configAge == .seconds(700))
        #expect(client.health.isStale(after: .seconds(600)))
        // A jump of the wall clock does not matter.
        clock.setWall(by: -86_400)
        #expect(client.health.configAge == .seconds(700))
        await cdn.stop()
    }

    // MARK: - Log

    /// The example line of the guide.
    @Test("A summary reads as in the guide")
    func summary() async throws {
        let (recorder, clock) = (LogRecorder(), StepClock())
        let client = try local(recorder, clock)
        for _ in 0..<60_000 { _ = client.snapshot().getValue(for: "newChekout", defaultValue: false) }
        await eventually("a timer") { clock.sleepers == 1 }
        await clock.advance(milliseconds: 60_000)
        await eventually("a summary") { recorder.messages.count == 2 }
        #expect(
            recorder.messages.last
                == "[1001] Setting 'newChekout' cannot be evaluated: the config has no setting 'newChekout'; available keys: ['"
                + " … and 59,999 times more in the last 60 s.")
        await client.shutdown()
    }

    /// "A client distinguishes a hundred events of each id at a time. Further ones are counted by their id."
    @Test("A client writes at most a hundred different events of each id in a window")
    func hundred() async throws {
        let (recorder, clock) = (LogRecorder(), StepClock())
        let client = try local(recorder, clock)
        for number in 0..<150 { _ = client.snapshot().getValue(for: "missing \(number)", defaultValue: false) }
        for number in 0..<150 { _ = client.snapshot().getKeyAndValue(for: "no variation \(number)") }
        #expect(recorder.messages.count == 200)
        await client.shutdown()
    }

    /// "When the client is closed, the counted repetitions are written. A closed client writes later summaries together
    /// with later events."
    @Test("A closed client writes summaries with later events, loses no count, and has no timer")
    func afterShutdown() async throws {
        let (recorder, clock) = (LogRecorder(), StepClock())
        let client = try local(recorder, clock)
        let kept = client.snapshot()
        func ask(_ times: Int) { for _ in 0..<times { _ = kept.getValue(for: "missing", defaultValue: false) } }
        func reported() -> Int {
            let repetitions = recorder.metadata.compactMap { Int($0["repetitions"]?.description ?? "") }
            return recorder.messages.count - repetitions.count + repetitions.reduce(0, +)
        }
        ask(4)
        await client.shutdown()
        #expect(reported() == 4)
        ask(5)
        #expect(clock.sleepers == 0)
        await clock.advance(milliseconds: 60_001)
        ask(1)
        #expect(reported() >= 9)
        await client.shutdown()
        await clock.advance(milliseconds: 60_001)
        ask(1)
        #expect(reported() >= 10)
        #expect(clock.sleepers == 0)
    }

    /// "A warning or an error that repeats … is written at once the first time. Repetitions are counted."
    @Test("After a shutdown, the client still counts an event that it has summed up")
    func repetitionAfterShutdown() async throws {
        let (recorder, clock) = (LogRecorder(), StepClock())
        let client = try local(recorder, clock)
        let kept = client.snapshot()
        for _ in 0..<4 { _ = kept.getValue(for: "missing", defaultValue: false) }
        await client.shutdown()
        _ = kept.getValue(for: "missing", defaultValue: false)
        #expect(recorder.messages.count == 2)
    }

    @Test("A log handler that uses the client in each summary neither blocks a shutdown nor loses a count")
    func handlerInSummary() async throws {
        let (recorder, clock) = (LogRecorder(), StepClock())
        let client = try local(recorder, clock)
        let kept = client.snapshot()
        let asked = Mutex(0)
        func ask(_ key: String) {
            asked.withLock { $0 += 1 }
            _ = kept.getValue(for: key, defaultValue: false)
        }
        recorder.setHandler { [weak client] in
            guard recorder.metadata.last?["repetitions"] != nil, asked.withLock(\.self) < 1000 else { return }
            asked.withLock { $0 += 2 }
            _ = kept.getValue(for: "missing", defaultValue: false)
            _ = kept.getValue(for: "other \(recorder.messages.count)", defaultValue: false)
            _ = client?.health
            client?.close()
        }
        for _ in 0..<10 { ask("missing") }
        client.close()
        async let first: Void = client.shutdown()
        async let second: Void = client.shutdown()
        _ = await (first, second)
        await clock.advance(milliseconds: 60_001)
        ask("missing")
        await clock.advance(milliseconds: 60_001)
        ask("last")
        let repeated = recorder.metadata.compactMap { Int($0["repetitions"]?.description ?? "") }
        let written = recorder.messages.count - repeated.count
        let pending = asked.withLock(\.self) - written - repeated.reduce(0, +)
        #expect(pending >= 0 && pending <= 2, "\(recorder.messages)")
        #expect(clock.sleepers == 0)
    }

    @Test("A cancelled shutdown writes summaries, and leaves no timer")
    func cancelledShutdown() async throws {
        let (recorder, clock) = (LogRecorder(), StepClock())
        let client = try local(recorder, clock)
        for _ in 0..<10 { _ = client.snapshot().getValue(for: "missing", defaultValue: false) }
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await client.shutdown()
        }
        await task.value
        #expect(recorder.metadata.compactMap { $0["repetitions"]?.description } == ["9"])
        await eventually("no timer") { clock.sleepers == 0 }
    }
}

/// A custom cache with headers, but without ordered writes and leases.
private struct HeadersOnly: HeaderReadingConfigCache {
    let store: InMemoryConfigCache
    func read(for key: String) async throws -> String? { store.read(for: key) }
    func write(for key: String, value: String) async throws { store.write(for: key, value: value) }
    func readHeader(for key: String) async throws -> CacheHeaderReading { store.readHeader(for: key) }
}

/// A cache that drops writes without an error.
private struct HangingWrites: ConfigCache {
    func read(for key: String) async throws -> String? { nil }
    func write(for key: String, value: String) async throws { try await Task.sleep(for: .seconds(600)) }
}
