import ConfigCatEvaluation
import ConfigCatTestSupport
import Foundation
import Synchronization
import Testing

@testable import ConfigCat

#if DistributedTracing
    import InMemoryTracing
    import Tracing
#endif

/// Observers and caches that a client does not expect.
@Suite("Adversity: observing", .cleanup)
struct ObservingAdversityIntegrationTests {
    /// An observer with a sampling that changes, which runs a closure.
    private final class Strange: EvaluationObserver {
        private let rates: Mutex<[Double]>
        private let body: @Sendable () -> Void

        init(_ rates: [Double] = [], _ body: @escaping @Sendable () -> Void = {}) {
            self.rates = Mutex(rates)
            self.body = body
        }

        var sampling: EvaluationSampling {
            rates.withLock { EvaluationSampling(rate: $0.isEmpty ? 1 : $0.removeFirst()) }
        }

        func observed(_ observation: EvaluationObservation) { body() }
    }

    private final class StrangeImmediate: ImmediateEvaluationObserver {
        private let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        func observed(_ observation: EvaluationObservation) { body() }
    }

    @Test("rates are those of exactly these keys, not of keys in another Unicode form")
    func samplingKeys() {
        let sampling = EvaluationSampling(rate: 0.5, rates: ["caf\u{E9}": 0])
        #expect(sampling.rate(for: "caf\u{E9}") == 0)
        #expect(sampling.rate(for: "cafe\u{301}") == 0.5)
    }

    @Test("an observer that is registered twice gets each evaluation twice")
    func twice() async throws {
        let recorder = Recorder()
        let client = try await observedClient([recorder, recorder])
        for _ in 1...10 { _ = await client.getValue(for: "plain", defaultValue: false) }
        await eventually("all are observed twice") { recorder.all.count == 20 }
    }

    @Test(
        "a sampling that becomes invalid after it was checked harms no evaluation",
        arguments: [Double.nan, -1, 2, .infinity])
    func changingSampling(rate: Double) async throws {
        let count = Mutex(0)
        let client = try await observedClient([
            Strange([rate]) { count.withLock { $0 += 1 } }, Strange([rate, rate]),
        ])
        for _ in 1...100 { #expect(await client.getValue(for: "plain", defaultValue: false)) }
        if rate > 1 { await eventually("all are observed") { count.withLock(\.self) == 100 } }
    }

    @Test("an observer may close its client, on the evaluating thread and on the queue", arguments: [false, true])
    func closing(isImmediate: Bool) async throws {
        let held = Mutex<ConfigCatClient?>(nil)
        let calls = Mutex(0)
        let body: @Sendable () -> Void = {
            calls.withLock { $0 += 1 }
            let client = held.withLock(\.self)
            client?.close()
            _ = client?.snapshot().getValue(for: "plain", defaultValue: false)
        }
        let client = try await observedClient([
            isImmediate ? StrangeImmediate(body) as any EvaluationObserver : Strange([], body)
        ])
        held.withLock { $0 = client }
        #expect(await client.getValue(for: "plain", defaultValue: false))
        await eventually("the observer was called") { calls.withLock(\.self) == 1 }
        await client.shutdown()
        #expect(await client.getValue(for: "plain", defaultValue: false))
        #expect(calls.withLock(\.self) == 1)
        held.withLock { $0 = nil }
    }

    @Test("threads that evaluate while the client closes get values, and observers at most one call for each")
    func closingInParallel() async throws {
        for _ in 1...20 {
            let calls = Mutex(0)
            let client = try await observedClient([
                StrangeImmediate { calls.withLock { $0 += 1 } }, Strange { calls.withLock { $0 += 1 } },
                EvaluationCounter(),
            ])
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var areAll = true
                        for _ in 0..<100 {
                            areAll = await client.getValue(for: "plain", defaultValue: false) && areAll
                        }
                        return areAll
                    }
                }
                group.addTask {
                    await client.shutdown()
                    return true
                }
                for await areAll in group { #expect(areAll) }
            }
            #expect(calls.withLock(\.self) <= 800)
        }
    }

    @Test("the error of an invalid baseUrl does not contain its password")
    func password() {
        for url in ["http://jane:pa55@cdn", "https://jane:pa55@cdn:80/x"] {
            var options = ConfigCatOptions()
            options.baseUrl = url
            let error = #expect(throws: ConfigCatError.self) { try options.validate() }
            #expect(error?.message.contains("baseUrl") == true)
            #expect("\(error.map { "\($0)" } ?? "")".contains("pa55") == false)
        }
    }

    #if DistributedTracing
        @Test("a caller that is cancelled, and a cache that hangs, leave no span open once the client is closed")
        func cancellation() async throws {
            let tracer = InMemoryTracer()
            let cdn = try await TestCDN(.stall)
            let cache = TestCache()
            let client = try makeClient(cdn) { options in
                options.tracing.tracer = tracer
                options.configCache = cache
                options.cacheTimeout = .milliseconds(50)
            }
            let caller = Task { await client.forceRefresh() }
            await eventually("the download has begun") { !cdn.requests.isEmpty }
            caller.cancel()
            cdn.set(ReasonConfig.answer)
            cache.hang(true)
            let second = Task { await client.forceRefresh() }
            await eventually("a cache call has begun") { cache.reads > 0 }
            second.cancel()
            await client.shutdown()
            await eventually("all spans have ended") { tracer.activeSpans.isEmpty }
            #expect(!tracer.finishedSpans.isEmpty)
            _ = (await caller.value, await second.value)
        }

        @Test("a URL in a config puts neither the SDK key nor credentials into spans and the log")
        func redirect() async throws {
            let tracer = InMemoryTracer()
            let url = "http://jane:pa55@127.0.0.1:\(freePort())/\(testKey)"
            let cdn = try await TestCDN(.config(#"{"p":{"u":"\#(url)","r":2},"f":{}}"#, eTag: "\"e0\""))
            let recorder = LogRecorder()
            let client = try makeClient(cdn, recorder: recorder) { $0.tracing.tracer = tracer }
            await client.forceRefresh()
            await client.shutdown()
            #expect(tracer.finishedSpans.count == 2)
            var texts = recorder.messages + recorder.metadata.map { "\($0)" }
            for span in tracer.finishedSpans {
                texts.append("\(span.operationName) \(span.status?.message ?? "")")
                span.attributes.forEach { texts.append("\($0)=\($1)") }
            }
            #expect(recorder.ids == [1103])
            for text in texts { #expect(!text.contains(testKey) && !text.contains("pa55"), "\(text)") }
        }
    #endif
}
