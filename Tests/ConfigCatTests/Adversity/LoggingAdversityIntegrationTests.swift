import ConfigCatCache
import ConfigCatEvaluation
import Logging
import Synchronization
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

/// Events that might keep others out of the log, and the limits of counting them.
@Suite("Adversity: limited log events", .cleanup)
struct LoggingAdversityIntegrationTests {
    private func event(_ id: Int, _ subject: String) -> RepeatedEvents.Event {
        RepeatedEvents.Event(id: id, subject: subject)
    }

    @Test("Events about many keys do not hide the first event of another kind")
    func firstOfAnotherKind() {
        var events = RepeatedEvents()
        for number in 0..<1000 { _ = events.add(event(1001, "\(number)"), .error, now: 0) }
        #expect(events.add(event(1103, "The config cannot be downloaded."), .error, now: 1) == .write)
        #expect(events.add(event(2200, "The cache cannot be read."), .error, now: 2) == .write)
    }

    @Test("A failed download is logged at once, even after events about many missing keys")
    func failureAfterMissingKeys() async throws {
        let (cdn, recorder) = (try await TestCDN(TestConfig.answer(1)), LogRecorder())
        let client = try makeClient(cdn, recorder: recorder)
        #expect(await client.forceRefresh().success)
        for number in 0..<RepeatedEvents.limit {
            _ = await client.getValue(for: "from a request \(number)", defaultValue: 0)
        }
        cdn.set(.response(status: 503))
        #expect(await client.forceRefresh().success == false)
        #expect(recorder.messages.contains { $0.contains("[1101]") && $0.contains("503") })
        await client.shutdown()
        await cdn.stop()
    }

    @Test("A message with few characters and many bytes is cut")
    func combiningMarks() {
        var events = RepeatedEvents()
        let long = "a" + String(repeating: "\u{301}", count: 500_000)
        _ = events.add(event(1001, long), .error, now: 0)
        events.describe(event(1001, long), as: "Setting '\(long)' cannot be evaluated.")
        _ = events.add(event(1001, long), .error, now: 0)
        #expect(events.endWindow(now: 60_000)[0].message.utf8.count < 1000)
    }

    @Test("Errors during a shutdown are summed up at its end")
    func failuresDuringShutdown() async throws {
        let (cdn, recorder, cache) = (try await TestCDN(TestConfig.answer(1)), LogRecorder(), TestCache())
        cache.fail(writes: "no writing")
        let gate = GatedCache(cache)
        let client = try makeClient(cdn, recorder: recorder) { $0.configCache = gate }
        gate.open()
        await client.forceRefresh()
        await eventually("a failed write") { recorder.ids == [2201] }
        for number in 2...3 {
            if number == 3 { gate.shut() }
            cdn.set(TestConfig.answer(number))
            await client.forceRefresh()
            if number == 2 { await eventually("a second failed write") { gate.ended >= 2 } }
        }
        await eventually("a write that waits") { gate.waiting == 1 }
        client.close()
        gate.open()
        await client.shutdown()
        let repetitions = recorder.metadata.compactMap { Int($0["repetitions"]?.description ?? "") }
        let written = recorder.ids.count - repetitions.count + repetitions.reduce(0, +)
        #expect(written == gate.ended, "not all failures were logged or summed up: \(recorder.messages)")
        await cdn.stop()
    }

    @Test("A log handler that closes the client, or creates another, does not deadlock, not even for a summary")
    func handlerThatCallsTheClient() async throws {
        let (recorder, clock) = (LogRecorder(), StepClock())
        let calls = Mutex(0)
        let found = Mutex<ConfigCatClient?>(nil)
        recorder.setHandler {
            calls.withLock { $0 += 1 }
            let other = try? ConfigCatClient.get(sdkKey: "handler that creates clients") {
                $0.flagOverrides = LocalDictionaryDataSource(source: ["known": true], behaviour: .localOnly)
            }
            _ = other?.snapshot().getValue(for: "known", defaultValue: false)
            other?.close()
            let client = found.withLock(\.self)
            _ = client?.health
            client?.close()
            _ = client?.snapshot().getValue(for: "missing", defaultValue: 1)
        }
        for isSummary in [false, true] {
            let client = try makeClient(nil, recorder: recorder, host: clock.host) {
                $0.flagOverrides = LocalDictionaryDataSource(source: ["known": true], behaviour: .localOnly)
            }
            let before = calls.withLock(\.self)
            if !isSummary { found.withLock { $0 = client } }
            for _ in 0..<3 { _ = await client.getValue(for: "missing", defaultValue: 1) }
            found.withLock { $0 = client }
            if isSummary { await clock.advance(milliseconds: 60_001) }
            _ = await client.getValue(for: "missing", defaultValue: 1)
            await client.shutdown()
            #expect(calls.withLock(\.self) > before)
            #expect(client.health.isClosed)
            found.withLock { $0 = nil }
        }
    }

    @Test("With many threads, windows and keys, each event is written or counted exactly once")
    func nothingIsLost() async throws {
        let clock = StepClock()
        let written = EventCount()
        let limiter = EventLimiter(host: clock.host) { summary in
            written.add(summary.repetitions)
        }
        let rounds = 5000
        let tasks = (1...8).map { number in
            Task {
                for round in 0..<rounds {
                    let event = RepeatedEvents.Event(id: 1001, subject: "\((round * number) % 3000)")
                    if limiter.admits(event, .error) { written.add(1) }
                    if round % 500 == 0 { await clock.advance(milliseconds: 30_001) }
                }
            }
        }
        for task in tasks { await task.value }
        limiter.close()
        // The timer may be writing.
        await limiter.waitUntilIdle()
        #expect(written.value == tasks.count * rounds)
    }
}

/// A cache whose writes wait for a gate.
private final class GatedCache: ConfigCache {
    private let cache: TestCache
    private let state = Mutex((isOpen: false, ended: 0, waiting: [CheckedContinuation<Void, Never>]()))

    init(_ cache: TestCache) { self.cache = cache }

    var waiting: Int { state.withLock(\.waiting.count) }
    /// The number of writes that have ended.
    var ended: Int { state.withLock(\.ended) }
    func shut() { state.withLock { $0.isOpen = false } }

    func open() {
        let resumed = state.withLock { state in
            defer { (state.isOpen, state.waiting) = (true, []) }
            return state.waiting
        }
        for waiter in resumed { waiter.resume() }
    }

    func read(for key: String) async throws -> String? { try await cache.read(for: key) }

    func write(for key: String, value: String) async throws {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
        defer { state.withLock { $0.ended += 1 } }
        try await cache.write(for: key, value: value)
    }
}

/// Counts events of all threads.
private final class EventCount: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock(\.self) }
    func add(_ number: Int) { count.withLock { $0 += number } }
}
