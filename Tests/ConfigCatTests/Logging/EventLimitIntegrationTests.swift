import ConfigCatEvaluation
import Dispatch
import Logging
import Synchronization
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

@Suite("Limited log events", .cleanup)
struct EventLimitIntegrationTests {
    /// Returns a client with one setting, `known`.
    private func client(
        _ recorder: LogRecorder, _ clock: StepClock = StepClock(), isReleased: Bool = false,
        _ configure: (inout ConfigCatOptions) -> Void = { _ in }
    ) throws -> ConfigCatClient {
        try makeClient(nil, recorder: recorder, host: clock.host, isReleased: isReleased) { options in
            options.flagOverrides = LocalDictionaryDataSource(source: ["known": true], behaviour: .localOnly)
            configure(&options)
        }
    }

    @Test("60,000 evaluations of a missing key write two lines")
    func missingKey() async throws {
        let (recorder, clock) = (LogRecorder(), StepClock())
        let client = try client(recorder, clock)
        for _ in 0..<60_000 { #expect(await client.getValue(for: "missing", defaultValue: 1) == 1) }
        #expect(recorder.ids == [1001])
        await eventually("a timer") { clock.sleepers == 1 }
        await clock.advance(milliseconds: 60_000)
        await eventually("a summary") { recorder.messages.count == 2 }
        #expect(recorder.messages[1].hasPrefix("[1001] Setting 'missing' cannot be evaluated"))
        #expect(recorder.messages[1].hasSuffix("… and 59,999 times more in the last 60 s."))
        #expect(recorder.metadata[1]["event_id"] == "1001")
        #expect(recorder.metadata[1]["repetitions"] == "59999")
        await client.shutdown()
        #expect(recorder.messages.count == 2)
    }

    @Test("Evaluations of the same missing key on several threads are counted together")
    func threads() async throws {
        let recorder = LogRecorder()
        let client = try client(recorder)
        let snapshot = client.snapshot()
        try await blocking {
            DispatchQueue.concurrentPerform(iterations: 32) { _ in
                for _ in 0..<1000 { _ = snapshot.getValue(for: "missing", defaultValue: 1) }
            }
        }
        #expect(recorder.messages.count == 1)
        await client.shutdown()
        #expect(recorder.messages.last?.contains("and 31,999 times more") ?? false)
    }

    @Test("Handlers are called for every error")
    func hooks() async throws {
        let recorder = LogRecorder()
        let errors = Mutex(0)
        let client = try client(recorder) { options in
            options.hooks.addOnError { _ in errors.withLock { $0 += 1 } }
        }
        for _ in 0..<500 { _ = await client.getValue(for: "missing", defaultValue: 1) }
        await client.hooks.waitUntilIdle(atMost: .seconds(60))
        #expect(errors.withLock { $0 } == 500)
        #expect(recorder.messages.count == 1)
        client.close()
    }

    @Test("Warnings are limited by setting and condition, for all users together")
    func warnings() async throws {
        let recorder = LogRecorder()
        let cdn = try await TestCDN(.config(Self.rules, eTag: "\"1\""))
        let client = try makeClient(cdn, recorder: recorder)
        #expect(await client.forceRefresh().success)
        for number in 0..<100 {
            let user = ConfigCatUser(identifier: "\(number)", custom: ["version": .string("not a version \(number)")])
            _ = await client.getValue(for: "rules", defaultValue: "", user: user)
            _ = await client.getValue(for: "rules", defaultValue: "")
        }
        // One event for each of the two conditions about the version, and one for the setting without a user.
        #expect(recorder.ids.sorted() == [3001, 3004, 3004])
        await client.shutdown()
        #expect(recorder.ids.count == 6)
    }

    private static let rules = #"""
        {"f": {"rules": {"t": 1, "v": {"s": "none"}, "r": [
            {"c": [{"u": {"a": "version", "c": 6, "s": "1.0.0"}}], "s": {"v": {"s": "a"}}},
            {"c": [{"u": {"a": "version", "c": 6, "s": "2.0.0"}}], "s": {"v": {"s": "b"}}}]}}}
        """#

    @Test("At level info, every evaluation is explained")
    func infoIsNotLimited() async throws {
        let recorder = LogRecorder()
        let client = try client(recorder) { options in
            options.logger = recorder.logger(.info)
            options.logLevel = .info
        }
        for _ in 0..<100 { _ = await client.getValue(for: "known", defaultValue: false) }
        #expect(recorder.ids == Array(repeating: 5000, count: 100))
        client.close()
    }

    @Test("Events below the log level are not counted")
    func hiddenEvents() async throws {
        let recorder = LogRecorder()
        let client = try client(recorder) { $0.logLevel = .critical }
        for _ in 0..<10 { _ = await client.getValue(for: "missing", defaultValue: 1) }
        await client.shutdown()
        #expect(recorder.messages == [])
    }

    @Test("A closed client has no timer; a later event, or its release, writes the summary")
    func closedClient() async throws {
        let (recorder, clock) = (LogRecorder(), StepClock())
        var client: ConfigCatClient? = try client(recorder, clock, isReleased: true)
        await client?.shutdown()
        #expect(clock.sleepers == 0)
        for _ in 0..<10 { _ = await client?.getValue(for: "missing", defaultValue: 1) }
        #expect(recorder.messages.count == 1)
        #expect(clock.sleepers == 0)
        await clock.advance(milliseconds: 60_000)
        for _ in 0..<10 { _ = await client?.getValue(for: "missing", defaultValue: 1) }
        #expect(recorder.messages.count == 2)
        #expect(recorder.messages.last?.contains("and 9 times more") ?? false)
        weak let held = client
        client = nil
        await eventually("the client is released") { held == nil }
        await eventually("the last summary") { recorder.messages.count == 3 }
        #expect(recorder.messages.last?.contains("and 10 times more") ?? false)
    }

    @Test("The timer does not retain the limiter, and the release of the limiter writes the summaries")
    func limiterIsReleased() async throws {
        let clock = StepClock()
        let written = Mutex<[RepeatedEvents.Summary]>([])
        var limiter: EventLimiter? = EventLimiter(host: clock.host) { summary in
            written.withLock { $0.append(summary) }
        }
        let event = RepeatedEvents.Event(id: 1001, subject: "missing")
        #expect(limiter?.admits(event, .error) == true)
        for _ in 0..<10 { #expect(limiter?.admits(event, .error) == false) }
        await eventually("a timer") { clock.sleepers == 1 }
        limiter = nil
        #expect(written.withLock { $0.map(\.repetitions) } == [10])
        await eventually("the timer ends") { clock.sleepers == 0 }
    }

    @Test("A snapshot that does not come from a client writes every event")
    func snapshotWithoutClient() throws {
        let recorder = LogRecorder()
        let config = try Config(json: Array(TestConfig.json(1).utf8))
        let snapshot = ConfigCatClientSnapshot(config: config, logger: recorder.logger(.warning))
        for _ in 0..<3 { _ = snapshot.getValue(for: "missing", defaultValue: 1) }
        #expect(recorder.ids == [1001, 1001, 1001])
    }

    @Test("A log handler that evaluates settings does not deadlock")
    func handlerThatEvaluates() async throws {
        let found = Mutex<ConfigCatClient?>(nil)
        let (recorder, clock) = (LogRecorder(), StepClock())
        recorder.setHandler { _ = found.withLock(\.self)?.snapshot().getValue(for: "missing", defaultValue: 1) }
        let client = try client(recorder, clock)
        found.withLock { $0 = client }
        for _ in 0..<10 { _ = await client.getValue(for: "missing", defaultValue: 1) }
        await eventually("a timer") { clock.sleepers == 1 }
        await clock.advance(milliseconds: 60_000)
        await eventually("a summary") { recorder.messages.count == 2 }
        found.withLock { $0 = nil }
        await client.shutdown()
    }
}
