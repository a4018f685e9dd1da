import ConfigCatCache
import ConfigCatInMemoryCache
import Foundation
import Synchronization
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

/// Uses of clients under which a promise of the guide was once broken.
@Suite("Adversity: clients", .cleanup)
struct ClientsAdversityIntegrationTests {
    private let key = CacheKey.key(forSDKKey: testKey)

    private func number(_ client: ConfigCatClient) async -> Int {
        await client.getValue(for: "number", defaultValue: -1)
    }

    // MARK: - Leaks

    @Test("a client that was shut down and released keeps neither its hooks nor its config in memory")
    func hooksAreReleased() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        weak var hooks: Hooks?
        do {
            let client = try makeClient(cdn, mode: patientPolling, isReleased: true)
            #expect(await number(client) == 1)
            hooks = client.hooks
            await client.shutdown()
        }
        await eventually("the hooks are released", within: 5) { hooks == nil }
    }

    @Test("a handler that uses its client does not keep a closed client in memory")
    func handlersAreReleased() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        weak var gone: ConfigCatClient?
        do {
            let client = try makeClient(cdn, mode: patientPolling, isReleased: true)
            gone = client
            client.hooks.addOnConfigChanged { (_: Config) in _ = client.snapshot() }
            #expect(await number(client) == 1)
            await client.shutdown()
        }
        await eventually("the client is released", within: 5) { gone == nil }
    }

    // MARK: - Deadlocks

    /// Calls a body on another thread, and returns whether it returned in time.
    private static func comesBack(_ body: @escaping @Sendable () -> Void) -> Bool {
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            body()
            done.signal()
        }
        return done.wait(timeout: .now() + .seconds(10)) == .success
    }

    private final class Observer: Sendable {
        private let hooks: Hooks
        private let result: Result
        private let subscription: Hooks.Subscription

        final class Result: Sendable {
            let cameBack = Mutex<Bool?>(nil)
        }

        init(_ hooks: Hooks, _ result: Result) {
            self.hooks = hooks
            self.result = result
            subscription = hooks.addOnError { (_: String) in }
        }

        deinit {
            let (hooks, subscription) = (hooks, subscription)
            let cameBack = ClientsAdversityIntegrationTests.comesBack { hooks.remove(subscription) }
            result.cameBack.withLock { $0 = cameBack }
        }
    }

    @Test("a handler is released outside the lock of the hooks, so that a deinitializer may remove subscriptions")
    func handlerThatOwnsAnObserver() async throws {
        let hooks = Hooks()
        let result = Observer.Result()
        func subscribe() -> Hooks.Subscription {
            let observer = Observer(hooks, result)
            return hooks.addOnConfigChanged { (_: Config) in _ = observer }
        }
        let subscription = subscribe()
        try await blocking { hooks.remove(subscription) }
        #expect(result.cameBack.withLock { $0 } == true)
    }

    /// A cache that hangs, and calls the client when a read is cancelled.
    private final class CancellationCache: ConfigCache {
        let client = Mutex<ConfigCatClient?>(nil)
        let isAsked = Atomic<Bool>(false)
        let cameBack = Mutex<Bool?>(nil)

        func read(for key: String) async throws -> String? {
            isAsked.store(true, ordering: .relaxed)
            try await withTaskCancellationHandler {
                try await Task.sleep(for: .seconds(600))
            } onCancel: {
                let client = client.withLock { $0 }
                let back = ClientsAdversityIntegrationTests.comesBack { _ = client?.isOffline }
                cameBack.withLock { $0 = back }
            }
            return nil
        }

        func write(for key: String, value: String) {}
    }

    @Test("a cache's cancellation handler may call the client")
    func cancellationHandler() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let cache = CancellationCache()
        let client = try makeClient(cdn) { $0.configCache = cache }
        cache.client.withLock { $0 = client }
        await eventually("it is asked") { cache.isAsked.load(ordering: .relaxed) }
        try await blocking { client.close() }
        cache.client.withLock { $0 = nil }
        #expect(cache.cameBack.withLock { $0 } == true)
    }

    // MARK: - Waiters

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    @Test(
        "a wait for tasks with a short limit ends, also on a busy machine",
        .timeLimit(.minutes(2)))
    func shortLimit() async throws {
        let tracker = TaskTracker()
        let hanging = tracker.run { try? await Task.sleep(for: .seconds(3600)) }
        let ended = Counter()
        let total = 4000
        let tasks = (0..<total).map { _ in
            Task {
                _ = await tracker.waitUntilIdle(atMost: .zero)
                ended.value.add(1, ordering: .relaxed)
            }
        }
        await eventually("all waits end", within: 20) { ended.value.load(ordering: .relaxed) == total }
        let lost = total - ended.value.load(ordering: .relaxed)
        #expect(lost == 0, "\(lost) of \(total) waits have not ended")
        hanging.cancel()
        for task in tasks { await task.value }
    }

    // MARK: - Caches of users

    /// A cache with headers and a clock, but without ordered writes.
    private final class HeaderCache: HeaderReadingConfigCache {
        let values = Mutex<[String: String]>([:])
        let clock: TestClock
        init(_ clock: TestClock) { self.clock = clock }

        func read(for key: String) -> String? { values.withLock { $0[key] } }
        func write(for key: String, value: String) { values.withLock { $0[key] = value } }
        func readHeader(for key: String) -> CacheHeaderReading {
            CacheHeaderReading(beginningOf: read(for: key), storeTime: clock.wall)
        }
    }

    @Test(
        "in a cache with a clock, but without ordered writes, a download is dated by the cache's clock",
        arguments: [-3600, 3600])
    func headerOnly(_ offset: Int64) async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let (host, store) = (TestClock(), TestClock())
        host.setWall(by: offset)
        let cache = HeaderCache(store)
        let client = try makeClient(cdn, host: host.host) { $0.configCache = cache }
        #expect(await client.forceRefresh().success)
        await client.shutdown()
        let entry = try CacheEntry(serialized: try #require(cache.read(for: key)))
        #expect(entry.fetchTime == store.wall)
    }

    @Test(
        "an ETag in the cache that is not a valid header value does not prevent downloads",
        arguments: ["\"a\"\r", "\"a\"\0", "\"a\u{7F}\"", "a\u{1B}[0m", " ", "\u{FFFD}é"])
    func invalidETag(_ eTag: String) async throws {
        let cdn = try await TestCDN(TestConfig.answer(2))
        let cache = InMemoryConfigCache()
        cache.write(for: key, value: "1\n\(eTag)\n" + TestConfig.json(1))
        let client = try makeClient(cdn, mode: PollingModes.lazyLoad()) { options in
            options.configCache = cache
            options.cacheTimeout = .seconds(600)
        }
        let result = await client.forceRefresh()
        #expect(result.success, "\(result.error ?? "")")
        #expect(await number(client) == 2)
    }

    // MARK: - Hot loops

    /// A store that has one fault, and counts its writes.
    private final class FaultyStore: FleetConfigCache {
        enum Fault: CaseIterable {
            /// Entries are evicted at once, and the change is signalled, as by Redis with too little memory.
            case evicts
            /// Leases can be written and are signalled, but entries cannot be written, as by SQLite on a disk that is
            /// nearly full: the write-ahead log changes with each attempt.
            case isNearlyFull
            /// Reads come from a replica that is behind.
            case readsLag
        }

        struct Full: Error {}

        private let store = InMemoryConfigCache()
        private let signals = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let fault: Fault
        let isBroken = Atomic<Bool>(false)
        let writes = Atomic<Int>(0)

        init(_ fault: Fault) { self.fault = fault }

        private var broken: Bool { isBroken.load(ordering: .relaxed) }
        func signal() { signals.continuation.yield() }

        func read(for key: String) -> String? { broken ? nil : store.read(for: key) }
        func write(for key: String, value: String) { store.write(for: key, value: value) }

        func readHeader(for key: String) -> CacheHeaderReading {
            var reading = store.readHeader(for: key)
            guard broken else { return reading }
            reading.content =
                fault == .readsLag
                ? .entry(CacheEntryHeader(fetchTime: reading.storeTime - 100_000, eTag: "\"0\"")) : .absent
            return reading
        }

        func write(_ entry: CacheEntry, replacing futureTime: Int64?, for key: String) throws -> CacheWriteOutcome {
            writes.add(1, ordering: .relaxed)
            guard broken else { return store.write(entry, replacing: futureTime, for: key) }
            switch fault {
            case .evicts: signal()
            case .isNearlyFull:
                signal()
                throw Full()
            case .readsLag: return .keptNewer
            }
            return .written
        }

        func refreshTimestamp(_ header: CacheEntryHeader, replacing futureTime: Int64?, for key: String)
            -> CacheWriteOutcome
        {
            broken ? .needsFullWrite : store.refreshTimestamp(header, replacing: futureTime, for: key)
        }

        func acquireLease(for key: String, token: String, duration: Duration) -> LeaseResult {
            if broken, fault == .isNearlyFull { signal() }
            return store.acquireLease(for: key, token: token, duration: duration)
        }

        func releaseLease(for key: String, token: String) { store.releaseLease(for: key, token: token) }
        func changes(for key: String) -> AsyncStream<Void> { signals.stream }
    }

    @Test(
        "a store that cannot keep an entry is written once for each poll, not in a loop",
        arguments: FaultyStore.Fault.allCases)
    private func hotLoop(_ fault: FaultyStore.Fault) async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let cache = FaultyStore(fault)
        let client = try makeClient(cdn, mode: patientPolling) { $0.configCache = cache }
        #expect(await number(client) == 1)
        try await Task.sleep(for: .milliseconds(200))
        cache.isBroken.store(true, ordering: .relaxed)
        let before = cache.writes.load(ordering: .relaxed)
        cache.signal()
        // The next poll is due in a minute.
        try await Task.sleep(for: .seconds(1))
        let writes = cache.writes.load(ordering: .relaxed) - before
        #expect(writes <= 5, "\(writes) writes in a second")
    }
}
