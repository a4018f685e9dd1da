import ConfigCatCache
import ConfigCatInMemoryCache
import Synchronization
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

/// The health of a client after events that could be mistaken for others.
@Suite("Adversity: health", .cleanup)
struct HealthAdversityIntegrationTests {
    /// As in all ConfigCat SDKs, a refusal refreshes the timestamp of the entry, so that only one process of a fleet asks.
    @Test("A refusal makes the health of the refused process stale, but not that of the rest of the fleet")
    func refusalOfAnotherProcess() async throws {
        let (cdn, clock, cache) = (try await TestCDN(TestConfig.answer(1)), TestClock(), InMemoryConfigCache())
        let asking = try makeClient(cdn, host: clock.host) { $0.configCache = cache }
        await asking.forceRefresh()
        await eventually("an entry") { !cache.isEmpty }
        let following = try makeClient(cdn, host: clock.host) { options in
            options.configCache = cache
            options.offline = true
        }
        await following.waitForReady()
        #expect(following.health.lastSync?.source == .cache)
        // The SDK key is deleted in the dashboard.
        cdn.set(.response(status: 404))
        clock.advance(seconds: 3600)
        let header = cache.header
        await asking.forceRefresh()
        await asking.shutdown()
        #expect(asking.health.isStale(after: .seconds(600)))
        #expect(asking.health.lastFailure?.message.contains("404") == true)
        #expect(cache.header != header)
        await following.forceRefresh()
        #expect(!following.health.isStale(after: .seconds(600)))
        #expect(cdn.requests.count == 2)
        await following.shutdown()
        await cdn.stop()
    }

    @Test("A cache counts as working again after the release of a lease has failed once")
    func lostRelease() async throws {
        let (cdn, cache) = (try await TestCDN(TestConfig.answer(1)), ReleaseFailingCache())
        cache.isFailing.withLock { $0 = true }
        let client = try makeClient(cdn, mode: patientPolling) { $0.configCache = cache }
        await client.waitForReady()
        await eventually("a release that failed") { cache.failures.withLock(\.self) == 1 }
        // The cache works again. All reads succeed, as in a process for which others download.
        cache.isFailing.withLock { $0 = false }
        client.setOffline()
        for _ in 0..<3 { await client.forceRefresh() }
        #expect(client.health.cache?.readError == nil)
        #expect(client.health.cache?.isWorking == true, "\(client.health.cache?.writeError ?? "")")
        await client.shutdown()
        await cdn.stop()
    }

    @Test("The health of a closed client agrees with its properties")
    func closedClient() async throws {
        let cdn = try await TestCDN(.stall)
        let client = try makeClient(cdn, mode: patientPolling)
        client.close()
        #expect(await client.getValue(for: "number", defaultValue: -1) == -1)
        #expect(client.health.isReady, "evaluations do not wait any more")
        #expect(client.health.isOffline == client.isOffline)
    }

    @Test("Downloads that are cancelled by going offline do not count as failures")
    func cancelledDownload() async throws {
        let cdn = try await TestCDN(.stall)
        let client = try makeClient(cdn)
        for round in 1...5 {
            async let result = client.forceRefresh()
            await eventually("a request") { cdn.requests.count >= round }
            client.setOffline()
            #expect(client.health.isOffline)
            #expect(await result.success == false)
            client.setOnline()
        }
        #expect(client.health.consecutiveFailures == 0)
        #expect(client.health.lastFailure == nil)
    }
}

extension InMemoryConfigCache {
    private static let key = CacheKey.key(forSDKKey: testKey)
    fileprivate var header: CacheEntryHeader? { readHeader(for: Self.key).header }
    fileprivate var isEmpty: Bool { header == nil }
}

/// A cache that sometimes fails to release leases.
private final class ReleaseFailingCache: ForwardingCache, LeasingConfigCache, NotifyingConfigCache {
    let store = InMemoryConfigCache()
    let isFailing = Mutex(false)
    let failures = Mutex(0)

    func releaseLease(for key: String, token: String) throws {
        if isFailing.withLock(\.self) {
            failures.withLock { $0 += 1 }
            throw TestCache.Fault(description: "the connection was lost")
        }
        store.releaseLease(for: key, token: token)
    }
}
