import ConfigCatCache
import ConfigCatInMemoryCache
import Foundation
import Synchronization
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

/// Resources and tasks after `shutdown()` has returned.
@Suite("Adversity: shutdown", .cleanup)
struct ShutdownAdversityIntegrationTests {
    private let key = CacheKey.key(forSDKKey: testKey)

    @Test("after a shutdown, no override file is watched")
    func overrides() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        try await withFolder { folder in
            let path = folder.path + "/flags.json"
            try #"{"flags":{"number":5}}"#.write(toFile: path, atomically: true, encoding: .utf8)
            var left = 0
            for _ in 0..<50 {
                let client = try makeClient(cdn, mode: patientPolling) { options in
                    options.flagOverrides = LocalFileDataSource(path: path, behaviour: .localOverRemote)
                }
                await client.waitForReady()
                await eventually("the folder is watched") { inotifyWatches(on: folder.path) > 0 }
                await client.shutdown()
                left += inotifyWatches(on: folder.path)
            }
            #expect(left == 0, "descriptors after 50 shutdowns")
        }
        await cdn.stop()
    }

    @Test("after a shutdown, no handler runs or waits")
    func handlers() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let (hasBegun, isRunning) = (Flag(), Flag())
        let client = try makeClient(cdn, mode: patientPolling)
        client.hooks.addOnReady { (_: ClientCacheState) in
            isRunning.set(true)
            hasBegun.set(true)
            Thread.sleep(forTimeInterval: 0.5)
            isRunning.set(false)
        }
        await eventually("the handler runs") { hasBegun.isSet }
        await client.shutdown()
        #expect(!isRunning.isSet)
        await cdn.stop()
    }

    private final class Flag: Sendable {
        private let value = Atomic<Bool>(false)
        var isSet: Bool { value.load(ordering: .relaxed) }
        func set(_ isSet: Bool) { value.store(isSet, ordering: .relaxed) }
    }

    /// A store that grants its lease when the test lets it.
    private final class LateLeases: ForwardingCache, LeasingConfigCache {
        let store = InMemoryConfigCache()
        let isAsked = Atomic<Bool>(false)
        let mayAnswer = Atomic<Bool>(false)

        func acquireLease(for key: String, token: String, duration: Duration) async -> LeaseResult {
            isAsked.store(true, ordering: .relaxed)
            while !mayAnswer.load(ordering: .relaxed) { try? await Task.sleep(for: .milliseconds(2)) }
            return store.acquireLease(for: key, token: token, duration: duration)
        }
    }

    @Test("a lease that is granted after a shutdown has stopped waiting for the cache is released")
    func lateLease() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let cache = LateLeases()
        let client = try makeClient(cdn, mode: patientPolling) { options in
            options.configCache = cache
            options.cacheTimeout = .milliseconds(200)
            options.leaseDuration = .seconds(600)
        }
        await eventually("the lease is asked for") { cache.isAsked.load(ordering: .relaxed) }
        await client.shutdown()
        cache.mayAnswer.store(true, ordering: .relaxed)
        try await Task.sleep(for: .milliseconds(200))
        await eventually("the lease is free", within: 5) {
            cache.store.acquireLease(for: key, token: "other", duration: .milliseconds(600_000)) == .granted
        }
        await cdn.stop()
    }

    @Test("of two shutdowns of one client, both wait until everything is released, even if the first is cancelled")
    func twice() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        for _ in 0..<20 {
            let cache = InMemoryConfigCache()
            let client = try makeClient(cdn, mode: patientPolling) { $0.configCache = cache }
            #expect(await client.getValue(for: "number", defaultValue: -1) == 1)
            let first = Task { await client.shutdown() }
            first.cancel()
            await client.shutdown()
            #expect(cache.readHeader(for: key).header?.eTag == "\"1\"")
            #expect(cache.acquireLease(for: key, token: "other", duration: .milliseconds(1000)) == .granted)
            await first.value
        }
        await cdn.stop()
    }
}
