import ConfigCatCache
import ConfigCatInMemoryCache
import ConfigCatRedisCache
import Foundation
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

@Suite("Client health", .cleanup)
struct ClientHealthIntegrationTests {
    @Test("A download makes a client fresh; its age grows with the clock")
    func download() async throws {
        let (cdn, clock) = (try await TestCDN(TestConfig.answer(1)), TestClock())
        let client = try makeClient(cdn, host: clock.host)
        await client.waitForReady()
        #expect(client.health.isStale(after: .seconds(3600)))
        await client.forceRefresh()
        #expect(client.health.configAge == .zero)
        #expect(client.health.lastSync?.source == .cdn)
        #expect(client.health.isReady)
        #expect(client.health.cache == nil)
        clock.advance(seconds: 90)
        #expect(client.health.configAge == .seconds(90))
        // A status 304 confirms the config.
        await client.forceRefresh()
        #expect(client.health.configAge == .zero)
        client.close()
        await cdn.stop()
    }

    @Test("A failure is counted and described, without the SDK key")
    func failures() async throws {
        let (cdn, clock) = (try await TestCDN(TestConfig.answer(1)), TestClock())
        let client = try makeClient(cdn, host: clock.host)
        await client.forceRefresh()
        cdn.set(.response(status: 503))
        for _ in 0..<3 { await client.forceRefresh() }
        clock.advance(seconds: 10)
        #expect(client.health.consecutiveFailures == 3)
        #expect(client.health.lastFailure?.code == .unexpectedHttpResponse)
        #expect(client.health.lastFailure?.age == .seconds(10))
        #expect(client.health.configAge == .seconds(10))
        cdn.set(.response(status: 404))
        await client.forceRefresh()
        let message = client.health.lastFailure?.message ?? ""
        #expect(message.contains("404") && !message.contains(testKey))
        // A refusal delays the next request, and confirms nothing.
        #expect(client.health.configAge == .seconds(10))
        cdn.set(TestConfig.answer(2))
        await client.forceRefresh()
        #expect(client.health.consecutiveFailures == 0)
        #expect(client.health.lastFailure == nil)
        client.close()
        await cdn.stop()
    }

    @Test("A config that another process downloaded is a sync with the cache")
    func sharedConfig() async throws {
        let (cdn, cache) = (try await TestCDN(TestConfig.answer(1)), InMemoryConfigCache())
        let writer = try makeClient(cdn) { $0.configCache = cache }
        await writer.forceRefresh()
        await writer.shutdown()
        let reader = try makeClient(cdn) { options in
            options.configCache = cache
            options.offline = true
        }
        await reader.waitForReady()
        #expect(reader.health.lastSync?.source == .cache)
        #expect(reader.health.isOffline)
        #expect(reader.health.cache?.isWorking == true)
        #expect(reader.health.cache?.subscription == .active)
        reader.setOnline()
        #expect(!reader.health.isOffline)
        await reader.shutdown()
        #expect(reader.health.isClosed)
        #expect(reader.health.cache?.subscription == .inactive)
        await cdn.stop()
    }

    @Test("A failure of the cache is reported until the cache works again")
    func failingCache() async throws {
        let (cdn, cache) = (try await TestCDN(TestConfig.answer(1)), TestCache())
        let client = try makeClient(cdn) { $0.configCache = cache }
        await client.waitForReady()
        cache.fail(reads: "no reading of \(testKey)", writes: "no writing")
        await client.forceRefresh()
        await eventually("a failed write") { client.health.cache?.writeError == "no writing" }
        let error = try #require(client.health.cache?.readError)
        #expect(error.hasPrefix("no reading") && !error.contains(testKey))
        #expect(client.health.cache?.subscription == .unsupported)
        cache.fail()
        await client.forceRefresh()
        await eventually("a write") { client.health.cache?.isWorking == true }
        await client.shutdown()
        await cdn.stop()
    }

    @Test("A client with local overrides only is ready and never stale")
    func localOnly() throws {
        let client = try makeClient(nil) {
            $0.flagOverrides = LocalDictionaryDataSource(source: ["a": true], behaviour: .localOnly)
        }
        #expect(client.health.isReady)
        #expect(client.health.isLocalOnly)
        #expect(!client.health.isStale(after: .zero))
    }

    @Test(
        "Health turns bad when Redis and the CDN are stopped, and good again when they return",
        .enabled(if: RedisServer.isAvailable, "\(RedisServer.whySkipped)"))
    func outage() async throws {
        let redis = try await RedisServer()
        let cache = try RedisConfigCache.redis(redis.url)
        let layered = LayeredConfigCache([InMemoryConfigCache(), try RedisConfigCache.redis(redis.url)])
        var cdn: ServedConfig? = try await ServedConfig(TestConfig.json(1))
        let (url, served) = (try #require(cdn?.url), PollingModes.autoPoll(autoPollIntervalInSeconds: 1))
        let clients = try [cache, layered as any ConfigCache].map { cache in
            try makeClient(nil, mode: served) { options in
                options.baseUrl = url
                options.configCache = cache
                options.cacheTimeout = .seconds(2)
            }
        }
        func holds(_ body: (ClientHealth) -> Bool) -> Bool { clients.allSatisfy { body($0.health) } }
        func isGood(_ health: ClientHealth) -> Bool {
            !health.isStale(after: .seconds(5)) && health.cache?.isWorking == true
                && health.cache?.subscription == .active
        }
        await eventually("all is well") { holds { isGood($0) && $0.isReady && $0.lastFailure == nil } }

        try await redis.stop()
        await eventually("the subscription is lost") { holds { $0.cache?.subscription == .inactive } }
        await eventually("a cache that cannot be read") { clients[0].health.cache?.readError != nil }
        // The CDN keeps the config fresh.
        await eventually("a download") { holds { $0.lastSync?.source == .cdn && !$0.isStale(after: .seconds(5)) } }

        cdn = nil
        await eventually("failures") { holds { $0.consecutiveFailures > 1 && $0.lastFailure != nil } }
        await eventually("a stale config") { holds { $0.isStale(after: .seconds(3)) } }
        #expect(await clients[0].getValue(for: "number", defaultValue: 0) == 1)

        try await redis.start()
        await eventually("the subscription is back") { holds { $0.cache?.subscription == .active } }
        await eventually("a cache that works") { holds { $0.cache?.readError == nil } }
        cdn = try await ServedConfig(TestConfig.json(2), port: try #require(URL(string: url)?.port))
        await eventually("all is well again") {
            holds { isGood($0) && $0.consecutiveFailures == 0 && $0.lastFailure == nil }
        }
        for client in clients { await client.shutdown() }
        withExtendedLifetime(cdn) {}
    }
}
