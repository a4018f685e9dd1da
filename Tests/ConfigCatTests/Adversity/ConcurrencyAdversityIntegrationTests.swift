import ConfigCatSimulation
import ConfigCatCache
import ConfigCatInMemoryCache
import Foundation
import Logging
import Synchronization
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

/// Many threads, handlers and log handlers that call the same client at once.
@Suite("Adversity: many callers", .cleanup, .serialized)
struct ConcurrencyAdversityIntegrationTests {
    private let key = CacheKey.key(forSDKKey: testKey)

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
        func add() { value.add(1, ordering: .relaxed) }
        var count: Int { value.load(ordering: .relaxed) }
    }

    /// A log handler that calls the client for each record.
    private struct CallingHandler: LogHandler {
        let client: Box
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        final class Box: Sendable {
            let client = Mutex<ConfigCatClient?>(nil)
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: Logging.LogEvent) {
            guard let client = client.client.withLock({ $0 }) else { return }
            _ = client.isOffline
            _ = client.snapshot()
            let subscription = client.hooks.addOnError { (_: String) in }
            client.hooks.remove(subscription)
            if event.level >= .warning { client.setOffline() }
        }
    }

    @Test(
        "a shutdown ends although handlers, log handlers and other threads call the client at the same time",
        .timeLimit(.minutes(2)))
    func everything() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        for round in 0..<20 {
            let box = CallingHandler.Box()
            let cache = InMemoryConfigCache()
            let modes = [patientPolling, PollingModes.lazyLoad(), PollingModes.manualPoll()]
            let client = try makeClient(cdn, mode: modes[round % 3]) { options in
                options.configCache = cache
                options.logger = Logger(label: "test") { _ in CallingHandler(client: box) }
                options.logLevel = .debug
            }
            box.client.withLock { $0 = client }
            let ended = Counter()
            client.hooks.addOnConfigChanged { (_: Config) in
                client.setOnline()
                _ = client.snapshot()
                if round.isMultiple(of: 4) { client.close() }
            }
            client.hooks.addOnError { (_: String) in client.setOnline() }
            client.hooks.addOnReady { (_: ClientCacheState) in if round.isMultiple(of: 5) { client.close() } }
            let calls: [@Sendable () async -> Void] = [
                { _ = await client.getValue(for: "number", defaultValue: -1) },
                { await client.forceRefresh() },
                { await client.waitForReady() },
                { client.setOffline() },
                { client.setOnline() },
                { _ = client.hooks.addOnReady { (_: ClientCacheState) in ended.add() } },
                { cache.remove(for: CacheKey.key(forSDKKey: testKey)) },
                { client.setDefaultUser(user: ConfigCatUser(identifier: "1")) },
            ]
            let tasks = (0..<200).map { number in
                Task {
                    await calls[number % calls.count]()
                    ended.add()
                }
            }
            for task in tasks where Int.random(in: 0..<4) == 0 { task.cancel() }
            try await Task.sleep(for: .milliseconds(Int.random(in: 0..<10)))
            let shutdowns = (0..<3).map { _ in Task { await client.shutdown() } }
            shutdowns[0].cancel()
            let done = Counter()
            let waiting = Task {
                for task in tasks + shutdowns { await task.value }
                done.add()
            }
            await eventually("round \(round): all calls come back", within: 20) { done.count == 1 }
            waiting.cancel()
            box.client.withLock { $0 = nil }
        }
    }

    @Test(
        "handlers that block delay neither other tasks of the process nor the handlers of other clients",
        .timeLimit(.minutes(2)))
    func blockedHandlers() async throws {
        let semaphore = DispatchSemaphore(value: 0)
        let count = 4 * ProcessInfo.processInfo.activeProcessorCount
        let blocked = (0..<count).map { _ in Hooks() }
        let started = Counter()
        for hooks in blocked {
            hooks.addOnError { (_: String) in
                started.add()
                semaphore.wait()
            }
            hooks.fireError("blocks", nil)
        }
        let (task, handler) = (Counter(), Counter())
        let other = Hooks()
        other.addOnError { (_: String) in handler.add() }
        other.fireError("does not block", nil)
        Task { task.add() }
        Task(priority: .utility) { task.add() }
        let result = try await blocking {
            Thread.sleep(forTimeInterval: 5)
            return (started.count, task.count, handler.count)
        }
        for _ in 0..<count { semaphore.signal() }
        #expect(result.1 == 2, "tasks that ran; \(result.0) of \(count) handlers had begun")
        #expect(result.2 == 1, "handlers of others that ran; \(result.0) of \(count) handlers had begun")
        withExtendedLifetime(blocked) {}
    }

    /// A cache with headers and a clock that shows arbitrary times.
    private final class WildCache: HeaderReadingConfigCache {
        let time: Int64
        let value: String
        init(_ time: Int64, _ value: String) { (self.time, self.value) = (time, value) }
        func read(for key: String) -> String? { value }
        func write(for key: String, value: String) {}
        func readHeader(for key: String) -> CacheHeaderReading {
            CacheHeaderReading(beginningOf: value, storeTime: time)
        }
    }

    @Test("arbitrary times of entries and of a store's clock do not crash the process")
    func wildTimes() async throws {
        let cdn = try await TestCDN(TestConfig.answer(2))
        for storeTime in [Int64.min, -1, 0, 1_700_000_000_000, .max] {
            for fetchTime in ["-9223372036854775808", "-8e18", "0", "8e18", "9223372036854775807"] {
                let cache = WildCache(storeTime, "\(fetchTime)\n\"1\"\n\(TestConfig.json(1))")
                for mode in [patientPolling, PollingModes.lazyLoad()] {
                    let client = try makeClient(cdn, mode: mode) { $0.configCache = cache }
                    #expect([1, 2].contains(await client.getValue(for: "number", defaultValue: -1)))
                    #expect(await client.forceRefresh().success)
                    await client.shutdown()
                }
            }
        }
    }

    @Test("a download is never dated later, by the store's clock, than the moment of its request")
    func rounding() {
        var random = SplitMix(state: 1)
        var tooYoung = 0
        for _ in 0..<1000 {
            // These times are in microseconds, but clocks show whole milliseconds.
            let offset = Int64(random.next() % 1000)
            let answered = Int64(random.next() % 1_000_000)
            let asked = answered + Int64(random.next() % 1_000_000)
            let reading = StoreReading(storeTime: (answered + offset) / 1000, instant: answered / 1000)
            if reading.storeTime(at: asked / 1000) > (asked + offset) / 1000 { tooYoung += 1 }
        }
        #expect(tooYoung == 0)
    }
}
