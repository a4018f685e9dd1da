import ConfigCatCache
import ConfigCatCacheTesting
import ConfigCatInMemoryCache
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

/// Clients whose clocks, or whose stores' clocks, are wrong or jump.
@Suite("Clocks", .cleanup)
struct ClockIntegrationTests {
    private let key = CacheKey.key(forSDKKey: testKey)

    private func number(_ client: ConfigCatClient) async -> Int {
        await client.getValue(for: "number", defaultValue: -1)
    }

    /// The kinds of store: without a clock, and with one.
    enum Store: CaseIterable {
        case plain, ordered

        func make(_ clock: TestClock) -> any ConfigCache {
            switch self {
            case .plain: TestCache()
            case .ordered: InMemoryConfigCache { clock.wall }
            }
        }
    }

    @Test("a wall clock that is set back does not stop polling", arguments: [nil, .plain, .ordered] as [Store?])
    func setBack(_ store: Store?) async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let clock = TestClock()
        let mode = PollingModes.autoPoll(autoPollIntervalInSeconds: 1, maxInitWaitTimeInSeconds: 600)
        let client = try makeClient(cdn, mode: mode, host: clock.host) { $0.configCache = store?.make(clock) }
        #expect(await number(client) == 1)
        clock.setWall(by: -3600)
        for _ in 0..<2 {
            let requests = cdn.requests.count
            clock.advance(seconds: 1)
            await eventually("it polls") { cdn.requests.count > requests }
        }
    }

    @Test("a refused request is repeated after the interval, although the wall clock was set back")
    func refusal() async throws {
        let cdn = try await TestCDN(.response(status: 404))
        let clock = TestClock()
        let client = try makeClient(cdn, mode: PollingModes.lazyLoad(), host: clock.host)
        _ = await number(client)
        clock.setWall(by: -3600)
        _ = await number(client)
        #expect(cdn.requests.count == 1)
        clock.advance(seconds: 60)
        _ = await number(client)
        #expect(cdn.requests.count == 2)
    }

    @Test(
        "an entry dated in the future is used, counts as fresh for one interval, and is then replaced by a download",
        arguments: Store.allCases)
    func future(_ store: Store) async throws {
        let cdn = try await TestCDN(TestConfig.answer(2))
        let clock = TestClock()
        let cache = store.make(clock)
        try await cache.write(for: key, value: "\(clock.wall + 3_600_000)\n\"1\"\n" + TestConfig.json(1))
        // After a restart, the client reads the entry for the first time again.
        for _ in 0..<2 {
            let client = try makeClient(cdn, mode: PollingModes.lazyLoad(), host: clock.host) {
                $0.configCache = cache
            }
            #expect(await number(client) == 1)
            clock.advance(seconds: 59)
            #expect(await number(client) == 1)
            await client.shutdown()
        }
        #expect(cdn.requests.isEmpty)
        let client = try makeClient(cdn, mode: PollingModes.lazyLoad(), host: clock.host) { $0.configCache = cache }
        #expect(await number(client) == 1)
        clock.advance(seconds: 60)
        #expect(await number(client) == 2)
        await client.shutdown()
        let entry = try CacheEntry(serialized: try #require(try await cache.read(for: key)))
        #expect(entry.eTag == "\"2\"" && entry.fetchTime == clock.wall)
    }

    @Test("an entry dated in the future that cannot be replaced in the store does not replace a download")
    func futureInReadOnlyStore() async throws {
        let cdn = try await TestCDN(TestConfig.answer(2))
        let clock = TestClock()
        let cache = TestCache()
        cache.set("\(clock.wall + 3_600_000)\n\"1\"\n" + TestConfig.json(1), for: key)
        cache.fail(writes: "read-only")
        let client = try makeClient(cdn, mode: PollingModes.lazyLoad(), host: clock.host) { $0.configCache = cache }
        #expect(await number(client) == 1)
        for _ in 0..<5 {
            clock.advance(seconds: 60)
            #expect(await number(client) == 2)
        }
    }

    @Test("a client whose clock is ahead adopts newer entries of others, and does not overwrite them")
    func ahead() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let (ahead, right) = (TestClock(), TestClock())
        ahead.setWall(by: 3600)
        let cache = InMemoryConfigCache { right.wall }
        func client(_ clock: TestClock) throws -> ConfigCatClient {
            try makeClient(cdn, mode: patientPolling, host: clock.host) { options in
                options.configCache = cache
                options.cacheTimeout = .seconds(600)
            }
        }
        let first = try client(ahead)
        #expect(await number(first) == 1)
        let second = try client(right)
        #expect(await number(second) == 1)
        for clock in [ahead, right] { clock.advance(seconds: 10) }
        cdn.set(TestConfig.answer(2))
        #expect(await second.forceRefresh().success)
        await eventually("the first follows") { await number(first) == 2 }
        #expect(cache.readHeader(for: key).header?.eTag == "\"2\"")
        await first.shutdown()
        await second.shutdown()
        #expect(cache.readHeader(for: key).header?.eTag == "\"2\"")
    }

    @Test("after the store's clock was set back, downloads replace entries that are dated in the future")
    func storeSetBack() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let clock = TestClock()
        let cache = InMemoryConfigCache { clock.wall }
        let clients = try (0..<3).map { _ in
            try makeClient(cdn, mode: PollingModes.lazyLoad(), host: clock.host) { options in
                options.configCache = cache
                options.cacheTimeout = .seconds(600)
            }
        }
        for client in clients { #expect(await number(client) == 1) }
        clock.setWall(by: -3600)
        for version in 2...4 {
            cdn.set(TestConfig.answer(version))
            clock.advance(seconds: 61)
            for client in clients { #expect(await number(client) == version) }
            await eventually("it is in the store") { cache.readHeader(for: key).header?.eTag == "\"\(version)\"" }
        }
        #expect(cdn.requests.count <= 12)
        for client in clients { await client.shutdown() }
    }
}
