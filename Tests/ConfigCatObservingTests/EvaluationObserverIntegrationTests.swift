import ConfigCatCache
import ConfigCatEvaluation
import ConfigCatTestSupport
import Dispatch
import Foundation
import Logging
import Synchronization
import Testing

@testable import ConfigCat

@Suite("Observers of evaluations", .cleanup)
struct EvaluationObserverIntegrationTests {
    @Test("an observer gets each evaluation, with the ETag, the identity of the config and the time")
    func observes() async throws {
        let recorder = Recorder()
        let client = try await observedClient([recorder])
        let before = Date()
        #expect(await client.getValue(for: "plain", defaultValue: false))
        #expect(client.snapshot().getValue(for: "split", defaultValue: 0, user: ReasonConfig.other) == 2)
        _ = await client.getValueDetails(for: "ruled", defaultValue: "", user: ReasonConfig.jane)
        #expect(await client.value(of: FeatureFlag("missing", defaultValue: 7)) == 7)
        await eventually("all evaluations were observed") { recorder.all.count == 4 }
        #expect(recorder.keys == ["plain", "split", "ruled", "missing"])
        #expect(recorder.all.map(\.details.reason) == [.default, .split, .targetingMatch, .error])
        #expect(recorder.all.map(\.details.variationId) == ["v-plain", "v-two", "v-rule", nil])
        for observation in recorder.all {
            #expect(observation.eTag == "\"e1\"")
            #expect(observation.flagSetID == CacheKey.key(forSDKKey: testKey))
            #expect(observation.time.timeIntervalSince(before) > -1)
            #expect(observation.time <= Date())
        }
    }

    @Test("an observer also gets evaluations of all settings, and those that a snapshot for a user repeats")
    func memo() async throws {
        let recorder = Recorder()
        let client = try await observedClient([recorder])
        let flags = client.snapshot(for: ReasonConfig.jane)
        for _ in 1...3 { #expect(flags.getValue(for: "ruled", defaultValue: "") == "jane") }
        _ = flags.getAllValues()
        await eventually("all evaluations were observed") { recorder.all.count == 3 + 5 }
        #expect(recorder.all.allSatisfy { $0.details.user?.identifier == "jane" })
    }

    @Test("an observer that throws harms neither evaluations nor other observers")
    func throwing() async throws {
        struct Failing: EvaluationObserver {
            struct Failure: Error {}
            func observed(_ observation: EvaluationObservation) throws { throw Failure() }
        }
        let (recorder, log) = (Recorder(), LogRecorder())
        let client = try await observedClient([Failing(), recorder, Failing()], recorder: log)
        for _ in 1...10 { #expect(await client.getValue(for: "plain", defaultValue: false)) }
        await eventually("the other observer got all") { recorder.all.count == 10 }
        #expect(log.messages.isEmpty)
    }

    @Test("a slow observer delays no evaluation, and observations beyond 10,000 are dropped and logged")
    func slow() async throws {
        final class Slow: EvaluationObserver {
            let gate = DispatchSemaphore(value: 0)
            let isOpen = Atomic(false)
            let count = Atomic(0)
            func observed(_ observation: EvaluationObservation) {
                if !isOpen.load(ordering: .relaxed) { gate.wait() }
                count.add(1, ordering: .relaxed)
            }
        }
        let (slow, log) = (Slow(), LogRecorder())
        let client = try await observedClient([slow], recorder: log)
        let snapshot = client.snapshot()
        // None of these evaluations waits for the observer, which is stopped.
        for _ in 1...12_000 { _ = snapshot.getValue(for: "plain", defaultValue: false) }
        #expect(slow.count.load(ordering: .relaxed) == 0)
        slow.isOpen.store(true, ordering: .relaxed)
        slow.gate.signal()
        await eventually("the observer got as many as may wait") { slow.count.load(ordering: .relaxed) == 10_000 }
        await eventually("the dropped ones are logged") { log.ids == [3300] }
        #expect(log.messages.first?.contains("2000 calls") == true)
    }

    @Test("a closed client observes nothing, and still evaluates")
    func closed() async throws {
        let (recorder, immediate) = (Recorder(), LogRecorder())
        let client = try await observedClient([recorder, LogObserver(logger: immediate.logger(.info))])
        let snapshot = client.snapshot()
        #expect(snapshot.getValue(for: "plain", defaultValue: false))
        await client.shutdown()
        #expect(recorder.all.count == 1)
        #expect(snapshot.getValue(for: "plain", defaultValue: false))
        #expect(await client.getValue(for: "plain", defaultValue: false))
        await client.shutdown()
        #expect(recorder.all.count == 1)
        #expect(immediate.messages.count == 1)
    }

    @Test("an observer is released with its client")
    func released() async throws {
        weak var observer: Recorder?
        let cdn = try await TestCDN(ReasonConfig.answer)
        do {
            let recorder = Recorder()
            observer = recorder
            let client = try makeClient(cdn, isReleased: true) { $0.evaluationObservers = [recorder] }
            await client.forceRefresh()
            _ = await client.getValue(for: "plain", defaultValue: false)
            await client.shutdown()
        }
        await eventually("nothing retains the observer") { observer == nil }
    }

    @Test("clients that share options share observers, and close separately")
    func sharedOptions() async throws {
        let recorder = Recorder()
        let cdn = try await TestCDN(ReasonConfig.answer)
        let clients = try (0..<2).map { _ in try makeClient(cdn) { $0.evaluationObservers = [recorder] } }
        for client in clients {
            await client.forceRefresh()
            _ = await client.getValue(for: "plain", defaultValue: false)
        }
        await eventually("both were observed") { recorder.all.count == 2 }
        await clients[0].shutdown()
        _ = await clients[0].getValue(for: "plain", defaultValue: false)
        _ = await clients[1].getValue(for: "plain", defaultValue: false)
        await eventually("the open client was observed") { recorder.all.count == 3 }
    }

    @Test("evaluations inside an observer, or inside a log handler that an observer calls, are not observed")
    func recursion() async throws {
        final class Evaluating: EvaluationObserver, LogHandler {
            let client = Mutex<ConfigCatClientSnapshot?>(nil)
            let calls = Atomic(0)
            func observed(_ observation: EvaluationObservation) { evaluate() }
            func log(event: LogEvent) { evaluate() }
            func evaluate() {
                calls.add(1, ordering: .relaxed)
                _ = client.withLock(\.self)?.getValue(for: "split", defaultValue: 0, user: ReasonConfig.other)
                _ = client.withLock(\.self)?.getValueDetails(for: "plain", defaultValue: false)
            }
            var metadata: Logger.Metadata {
                get { [:] }
                set {}
            }
            var logLevel: Logger.Level {
                get { .trace }
                set {}
            }
            subscript(metadataKey _: String) -> Logger.Metadata.Value? {
                get { nil }
                set {}
            }
        }
        let (queued, immediate, recorder) = (Evaluating(), Evaluating(), Recorder())
        let logger = Logger(label: "recursion") { _ in immediate }
        let client = try await observedClient([queued, LogObserver(logger: logger, level: .critical), recorder])
        for evaluating in [queued, immediate] { evaluating.client.withLock { $0 = client.snapshot() } }
        #expect(await client.getValue(for: "plain", defaultValue: false))
        await client.shutdown()
        #expect(recorder.keys == ["plain"])
        #expect(queued.calls.load(ordering: .relaxed) == 1)
        #expect(immediate.calls.load(ordering: .relaxed) == 1)
    }

    @Test("handlers of evaluations and observers are independent")
    func handlers() async throws {
        let recorder = Recorder(EvaluationSampling(rate: 0))
        let handled = Counter()
        let client = try await observedClient([recorder])
        let subscription = client.hooks.addOnFlagEvaluated { _ in handled.value.add(1, ordering: .relaxed) }
        _ = await client.getValue(for: "plain", defaultValue: false)
        client.hooks.remove(subscription)
        _ = await client.getValue(for: "plain", defaultValue: false)
        await client.shutdown()
        #expect(handled.value.load(ordering: .relaxed) == 1)
        #expect(recorder.all.isEmpty)
    }

    @Test("a snapshot that does not come from a client is not observed")
    func withoutClient() throws {
        let snapshot = ConfigCatClientSnapshot(config: try Config(json: ReasonConfig.json))
        #expect(snapshot.lookup("ruled", false).kind == .requiresEvaluation)
    }

    @Test("an identity that contains the SDK key is rejected; any other is in the observations")
    func flagSetID() async throws {
        let recorder = Recorder()
        let client = try await observedClient([recorder]) { $0.flagSetID = "shop/production" }
        _ = await client.getValue(for: "plain", defaultValue: false)
        await eventually("it was observed") { recorder.all.map(\.flagSetID) == ["shop/production"] }
        #expect(throws: ConfigCatError.self) { try makeClient(nil) { $0.flagSetID = "id of \(testKey)" } }
    }

    @Test("a rate outside of 0 to 1 is an error that names the observer and the key")
    func invalidSampling() {
        for (sampling, message) in [
            (EvaluationSampling(rate: 1.5), "rate is 1.5"), (EvaluationSampling(rate: .nan), "rate is nan"),
            (EvaluationSampling(rates: ["hot": -1]), #"rates["hot"] is -1.0"#),
        ] {
            var options = ConfigCatOptions()
            options.evaluationObservers = [Recorder(), Recorder(sampling)]
            let error = #expect(throws: ConfigCatError.self) {
                try ConfigCatClient.get(sdkKey: testKey, options: options)
            }
            #expect(
                error?.message == "evaluationObservers[1].sampling: \(message); it has to be from 0 to 1")
        }
    }
}

private final class Counter: Sendable {
    let value = Atomic(0)
}

@Suite("Sampling of evaluations", .cleanup)
struct EvaluationSamplingIntegrationTests {
    /// Returns whether the next evaluation builds details.
    private func buildsDetails(_ client: ConfigCatClient, _ key: String) -> Bool {
        client.snapshot().lookup(key, false).kind == .unknown
    }

    @Test("without observers, no evaluation builds details")
    func noObservers() async throws {
        let client = try await observedClient([])
        for key in ["plain", "ruled", "split", "missing"] { #expect(!buildsDetails(client, key)) }
    }

    @Test("details are built only for settings that an observer wants")
    func wanted() async throws {
        let client = try await observedClient([
            Recorder(EvaluationSampling(rate: 0, rates: ["split": 1])),
            Recorder(EvaluationSampling(rate: 0, rates: ["ruled": 1, "plain": 0])),
        ])
        for _ in 1...100 {
            #expect(buildsDetails(client, "split"))
            #expect(buildsDetails(client, "ruled"))
            #expect(!buildsDetails(client, "plain"))
            #expect(!buildsDetails(client, "missing"))
        }
        await client.shutdown()
        for key in ["plain", "ruled", "split"] { #expect(!buildsDetails(client, key)) }
    }

    @Test("observers whose destination is off want nothing")
    func off() async throws {
        let client = try await observedClient([LogObserver(logger: LogRecorder().logger(.warning))])
        #expect(!buildsDetails(client, "plain"))
    }

    @Test("each observer gets its share, whichever method evaluates", arguments: [false, true])
    func shares(hasDetails: Bool) async throws {
        let (few, half, all) = (
            Recorder(EvaluationSampling(rate: 0.1)), Recorder(EvaluationSampling(rate: 1, rates: ["split": 0.5])),
            Recorder(EvaluationSampling(rate: 0, rates: ["plain": 1]))
        )
        let client = try await observedClient([few, half, all])
        let snapshot = client.snapshot()
        for _ in 1...4000 {
            if hasDetails {
                _ = snapshot.getValueDetails(for: "split", defaultValue: 0)
            } else {
                _ = snapshot.getValue(for: "split", defaultValue: 0)
            }
        }
        await client.shutdown()
        // More than ten standard deviations on each side.
        #expect((200...600).contains(few.all.count))
        #expect((1600...2400).contains(half.all.count))
        #expect(all.all.isEmpty)
    }
}
