import ConfigCatCache
import ConfigCatInMemoryCache
import Foundation
import Logging
import Synchronization
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

/// Clients that are used before they start, closed early, shut down, cancelled, or created with the same options.
@Suite("Client life", .cleanup)
struct ClientLifeIntegrationTests {
    private let key = CacheKey.key(forSDKKey: testKey)

    private func randomKey() -> String {
        func part() -> String {
            String((0..<22).map { _ in "abcdefghijklmnopqrstuvwxyz0123456789".randomElement() ?? "x" })
        }
        return "configcat-sdk-1/\(part())/\(part())"
    }

    /// Returns a client that has not started.
    private func unstarted(
        _ cdn: TestCDN, _ mode: PollingMode, _ configure: (inout ConfigCatOptions) -> Void = { _ in }
    ) throws -> ConfigCatClient {
        var options = ConfigCatOptions()
        options.baseUrl = cdn.url
        options.pollingMode = mode
        options.logger = LogRecorder().logger(.warning)
        options.cacheTimeout = .seconds(600)
        configure(&options)
        return try ConfigCatClient(
            sdkKey: try SDKKey(testKey, isProxyAllowed: true, isLocalOnly: options.isLocalOnly), options: options)
    }

    // MARK: - Before the start

    @Test("threads that use a client while it is being created get its values")
    func useWhileCreated() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        for _ in 0..<100 {
            let sdkKey = randomKey()
            let values = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let client = try ConfigCatClient.get(sdkKey: sdkKey) { options in
                            options.baseUrl = cdn.url
                            options.pollingMode = PollingModes.lazyLoad()
                            options.logLevel = .critical
                        }
                        return await client.getValue(for: "number", defaultValue: -1)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(values == [1, 1, 1, 1])
            await (try ConfigCatClient.get(sdkKey: sdkKey)).shutdown()
        }
        await cdn.stop()
    }

    @Test("evaluations and refreshes before the start get a result, and the start joins their cycle")
    func useBeforeStart() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try unstarted(cdn, PollingModes.lazyLoad())
        async let value = client.getValue(for: "number", defaultValue: -1)
        async let refresh = client.forceRefresh()
        try await Task.sleep(for: .milliseconds(5))
        client.start()
        #expect(await value == 1)
        #expect(await refresh.success)
        await client.shutdown()
        await cdn.stop()
    }

    @Test("a client that is closed before it starts does nothing afterwards")
    func closeBeforeStart() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        try await withFolder { folder in
            let path = folder.path + "/flags.json"
            try #"{"flags":{"number":5}}"#.write(toFile: path, atomically: true, encoding: .utf8)
            for _ in 0..<20 {
                let client = try unstarted(cdn, patientPolling) { options in
                    options.flagOverrides = LocalFileDataSource(path: path, behaviour: .localOverRemote)
                    options.configCache = InMemoryConfigCache()
                }
                client.close()
                client.start()
                await client.shutdown()
                #expect(await client.getValue(for: "number", defaultValue: -1) == -1)
            }
            #expect(inotifyWatches(on: folder.path) == 0)
        }
        #expect(cdn.requests.isEmpty)
        await cdn.stop()
    }

    @Test("clients that are closed while they are being created leave no request and no watched file")
    func closeWhileCreated() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        try await withFolder { folder in
            let path = folder.path + "/flags.json"
            try #"{"flags":{"number":5}}"#.write(toFile: path, atomically: true, encoding: .utf8)
            for _ in 0..<100 {
                let sdkKey = randomKey()
                let created = Task {
                    try ConfigCatClient.get(sdkKey: sdkKey) { options in
                        options.baseUrl = cdn.url
                        options.logLevel = .critical
                        options.flagOverrides = LocalFileDataSource(path: path, behaviour: .localOverRemote)
                    }
                }
                let closed = Task {
                    // As `closeAll()` does, but without the clients of other tests.
                    while true {
                        if let client = ConfigCatClient.open(sdkKey: sdkKey) { return client.close() }
                        await Task.yield()
                    }
                }
                let client = try await created.value
                await closed.value
                await client.shutdown()
            }
            #expect(inotifyWatches(on: folder.path) == 0)
        }
        let requests = cdn.requests.count
        try await Task.sleep(for: .milliseconds(100))
        #expect(cdn.requests.count == requests)
        await cdn.stop()
    }

    // MARK: - Shutdown

    @Test("after a shutdown, the download is in the cache, the lease is free, and the client is released")
    func shutdown() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        for round in 0..<20 {
            let cache = SlowCache()
            weak var gone: ConfigCatClient?
            do {
                let client = try makeClient(cdn, mode: patientPolling, isReleased: true) { $0.configCache = cache }
                gone = client
                if round.isMultiple(of: 2) {
                    await client.waitForReady()
                } else {
                    #expect(await client.forceRefresh().success)
                }
                await client.shutdown()
            }
            #expect(cache.store.readHeader(for: key).header?.eTag == "\"1\"")
            #expect(cache.store.acquireLease(for: key, token: "other", duration: .milliseconds(5000)) == .granted)
            await eventually("the client is released") { gone == nil }
        }
        await cdn.stop()
    }

    @Test("after closing, the download is written to the cache and the lease is released, in the background")
    func close() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let cache = SlowCache()
        let client = try makeClient(cdn, mode: patientPolling) { $0.configCache = cache }
        await client.waitForReady()
        client.close()
        await eventually("the entry is written") { cache.store.readHeader(for: key).header?.eTag == "\"1\"" }
        await eventually("the lease is free") {
            cache.store.acquireLease(for: key, token: "other", duration: .milliseconds(5000)) == .granted
        }
        await cdn.stop()
    }

    @Test("a lease that is kept after a failed download is released by a shutdown")
    func leaseAfterFailure() async throws {
        let cdn = try await TestCDN(.response(status: 500))
        let cache = SlowCache()
        let client = try makeClient(cdn, mode: patientPolling) { options in
            options.configCache = cache
            // The times are long enough for a busy machine.
            options.leaseDuration = .seconds(600)
            options.cacheTimeout = .seconds(600)
        }
        await client.waitForReady()
        #expect(cache.store.acquireLease(for: key, token: "other", duration: .milliseconds(600_000)) != .granted)
        await client.shutdown()
        #expect(cache.store.acquireLease(for: key, token: "other", duration: .milliseconds(600_000)) == .granted)
        await cdn.stop()
    }

    @Test("a shutdown ends although the cache hangs, and the lost write is logged")
    func hangingCache() async throws {
        let recorder = LogRecorder()
        let cdn = try await TestCDN(TestConfig.answer(1))
        let cache = TestCache()
        let client = try makeClient(cdn, recorder: recorder) { options in
            options.configCache = cache
            options.cacheTimeout = .milliseconds(200)
        }
        await client.waitForReady()
        cache.hang(true)
        await client.forceRefresh()
        await client.shutdown()
        #expect(recorder.ids.contains(2201))
        await cdn.stop()
    }

    @Test("a second shutdown, concurrent ones, and one that is cancelled all return")
    func shutdownTwice() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let cache = SlowCache()
        let client = try makeClient(cdn, mode: patientPolling) { $0.configCache = cache }
        await client.waitForReady()
        let cancelled = Task { await client.shutdown() }
        cancelled.cancel()
        await cancelled.value
        async let first: Void = client.shutdown()
        async let second: Void = client.shutdown()
        _ = await (first, second)
        #expect(cache.store.readHeader(for: key).header?.eTag == "\"1\"")
        await cdn.stop()
    }

    // MARK: - Cancellation

    @Test("each wait ends when its task is cancelled, and other waits continue")
    func cancellation() async throws {
        let cdn = try await TestCDN(.stall)
        let client = try makeClient(cdn, mode: patientPolling)
        let lazy = try makeClient(cdn, mode: PollingModes.lazyLoad())
        let patient = Task { await client.waitForReady() }
        let waits: [@Sendable () async -> Void] = [
            { await client.waitForReady() },
            { _ = await client.getValue(for: "number", defaultValue: 1) },
            { _ = await client.getAllKeys() },
            { _ = await client.forceRefresh() },
            { _ = await lazy.getValue(for: "number", defaultValue: 1) },
            { _ = await lazy.forceRefresh() },
        ]
        for wait in waits {
            // The tasks are cancelled before or after they begin to wait.
            for pause in [0, 20] {
                let task = Task(operation: wait)
                if pause > 0 { try await Task.sleep(for: .milliseconds(pause)) }
                task.cancel()
                await task.value
            }
        }
        cdn.set(TestConfig.answer(1))
        client.close()
        #expect(await patient.value == .noFlagData)
        await client.shutdown()
        await lazy.shutdown()
        await cdn.stop()
    }

    // MARK: - Hooks

    @Test("clients that are created with the same options have separate events")
    func sharedOptions() async throws {
        let cdns = [try await TestCDN(TestConfig.answer(1)), try await TestCDN(TestConfig.answer(2))]
        let seen = Mutex<[Int]>([])
        let hooks = Hooks()
        hooks.addOnReady(snapshotHandler: { snapshot in
            seen.withLock { $0.append(snapshot.getValue(for: "number", defaultValue: -1)) }
        })
        var clients: [ConfigCatClient] = []
        for (index, cdn) in cdns.enumerated() {
            let client = try makeClient(cdn, mode: patientPolling) { $0.hooks = hooks }
            await client.waitForReady()
            await eventually("the handler is called") { seen.withLock { $0 } == Array(1...(index + 1)) }
            let late = Mutex(-1)
            client.hooks.addOnReady(snapshotHandler: { snapshot in
                late.withLock { $0 = snapshot.getValue(for: "number", defaultValue: -1) }
            })
            await eventually("a late handler gets the snapshot of its client") { late.withLock { $0 } == index + 1 }
            clients.append(client)
        }
        for client in clients { await client.shutdown() }
        for cdn in cdns { await cdn.stop() }
    }

    @Test("a client that gets the hooks of a closed client calls the handlers that are added to it")
    func hooksOfClosedClient() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let closed = try makeClient(cdn)
        await closed.shutdown()
        let client = try makeClient(cdn) { $0.hooks = closed.hooks }
        let isReady = Mutex(false)
        client.hooks.addOnReady { _ in isReady.withLock { $0 = true } }
        await client.waitForReady()
        await eventually("the handler is called", within: 5) { isReady.withLock(\.self) }
        await client.shutdown()
    }

    @Test("handlers are called for events before closing, and not for later ones")
    func handlersAfterClose() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let events = Mutex<[String]>([])
        let gate = DispatchSemaphore(value: 0)
        let client = try makeClient(cdn) { options in
            options.hooks.addOnConfigChanged { (_: Config) in
                gate.wait()
                events.withLock { $0.append("changed") }
            }
            options.hooks.addOnFlagEvaluated { details in events.withLock { $0.append(details.key) } }
            options.hooks.addOnError { (_: String) in events.withLock { $0.append("error") } }
        }
        #expect(await client.forceRefresh().success)
        _ = await client.getValue(for: "number", defaultValue: -1)
        client.close()
        _ = await client.getValue(for: "after", defaultValue: -1)
        _ = await client.getValue(for: "number", defaultValue: -1)
        client.hooks.addOnReady { (_: ClientCacheState) in events.withLock { $0.append("ready") } }
        await client.shutdown()
        gate.signal()
        await eventually("what happened before is delivered") { events.withLock { $0.count } >= 2 }
        try await Task.sleep(for: .milliseconds(50))
        #expect(events.withLock { $0 } == ["changed", "number"])
        await cdn.stop()
    }

    @Test(
        "a bounded number of calls waits for slow handlers, and the number of dropped calls is logged")
    func slowHandlers() async throws {
        let recorder = LogRecorder()
        let gate = DispatchSemaphore(value: 0)
        let called = Atomic<Int>(0)
        let hooks = Hooks().copy(log: EventLogger(recorder.logger(.warning)))
        hooks.addOnError { (_: String) in
            if called.add(1, ordering: .relaxed).oldValue == 0 { gate.wait() }
        }
        for number in 0..<30_000 { hooks.fireError("\(number)", nil) }
        gate.signal()
        await eventually("the dropped calls are logged") { recorder.ids == [3300] }
        #expect(called.load(ordering: .relaxed) == 10_000)
    }
}

/// A cache in memory whose writes are slow.
private final class SlowCache: ForwardingCache, LeasingConfigCache {
    let store = InMemoryConfigCache()

    private func pause() async { try? await Task.sleep(for: .milliseconds(30)) }

    func write(for key: String, value: String) async {
        await pause()
        store.write(for: key, value: value)
    }
    func write(_ entry: CacheEntry, replacing futureTime: Int64?, for key: String) async throws -> CacheWriteOutcome {
        await pause()
        try Task.checkCancellation()
        return store.write(entry, replacing: futureTime, for: key)
    }
    func refreshTimestamp(_ header: CacheEntryHeader, replacing futureTime: Int64?, for key: String) async
        -> CacheWriteOutcome
    {
        await pause()
        return store.refreshTimestamp(header, replacing: futureTime, for: key)
    }
    func releaseLease(for key: String, token: String) async {
        await pause()
        store.releaseLease(for: key, token: token)
    }
}
