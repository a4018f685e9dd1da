import ConfigCatCache
import ConfigCatInMemoryCache
import NIOHTTP1
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

/// The handling of content that a client reads from its cache or downloads.
@Suite("Shared cache", .cleanup)
struct SharedCacheIntegrationTests {
    private let key = CacheKey.key(forSDKKey: testKey)

    private func number(_ client: ConfigCatClient) async -> Int {
        await client.getValue(for: "number", defaultValue: -1)
    }

    private func ok(_ number: Int, eTag: String) -> TestCDN.Answer {
        .response(status: 200, headers: ["ETag": eTag], body: Array(TestConfig.json(number).utf8))
    }

    @Test("a status 200 with the held ETag but other content is a change, for all processes")
    func sameETag() async throws {
        let cdn = try await TestCDN(ok(1, eTag: "\"same\""))
        let cache = InMemoryConfigCache()
        let downloading = try makeClient(cdn) { $0.configCache = cache }
        let following = try makeClient(cdn) { options in
            options.configCache = cache
            options.offline = true
        }
        #expect(await downloading.forceRefresh().success)
        await eventually("the entry is followed") {
            await following.forceRefresh(); return await number(following) == 1
        }
        cdn.set(ok(2, eTag: "\"same\""))
        #expect(await downloading.forceRefresh().success)
        #expect(await number(downloading) == 2)
        await eventually("the change is followed") {
            await following.forceRefresh(); return await number(following) == 2
        }
    }

    @Test("the same content with another ETag is not a change")
    func otherETag() async throws {
        let cdn = try await TestCDN(ok(1, eTag: "\"a\""))
        let client = try makeClient(cdn)
        var changes = client.configChanges.makeAsyncIterator()
        #expect(await client.forceRefresh().success)
        cdn.set(ok(1, eTag: "\"b\""))
        #expect(await client.forceRefresh().success)
        cdn.set(ok(2, eTag: "\"c\""))
        #expect(await client.forceRefresh().success)
        #expect(await changes.next()?.eTag == "\"a\"")
        #expect(await changes.next()?.eTag == "\"c\"")
        #expect(cdn.requests.last?.headers["If-None-Match"] == ["\"b\""])
    }

    @Test(
        "unreadable content is reported once, and again when it changes", arguments: [false, true])
    func unreadable(isOrdered: Bool) async throws {
        let recorder = LogRecorder()
        let cache: any ConfigCache = isOrdered ? InMemoryConfigCache() : TestCache()
        let client = try makeClient(nil, recorder: recorder) { options in
            options.configCache = cache
            options.offline = true
            options.cacheTimeout = .seconds(600)
        }
        for (index, text) in ["garbage", "1700000000000\n\"1\"\n{", "x\ny\nz"].enumerated() {
            try await cache.write(for: key, value: text)
            for _ in 0..<3 { await client.forceRefresh() }
            #expect(recorder.ids.count { $0 == 2200 } == index + 1)
        }
    }

    @Test("an empty value counts as absent, and is not reported", arguments: [false, true])
    func empty(isOrdered: Bool) async throws {
        let recorder = LogRecorder()
        let cache: any ConfigCache = isOrdered ? InMemoryConfigCache() : TestCache()
        try await cache.write(for: key, value: "")
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn, mode: patientPolling, recorder: recorder) { $0.configCache = cache }
        #expect(await number(client) == 1)
        await client.shutdown()
        #expect(recorder.ids.isEmpty)
        #expect(try await cache.read(for: key)?.hasSuffix(TestConfig.json(1)) == true)
    }

    @Test("an older entry of another SDK is adopted after two intervals, from a cache without capabilities")
    func older() async throws {
        let clock = TestClock()
        let cache = TestCache()
        cache.set("\(clock.wall - 1000)\n\"1\"\n" + TestConfig.json(1), for: key)
        let mode = PollingModes.autoPoll(autoPollIntervalInSeconds: 1, maxInitWaitTimeInSeconds: 600)
        let client = try makeClient(nil, mode: mode, host: clock.host) { options in
            options.configCache = cache
            options.offline = true
        }
        #expect(await number(client) == 1)
        cache.set("\(clock.wall - 100_000)\n\"2\"\n" + TestConfig.json(2), for: key)
        let reads = cache.reads
        await eventually("the older entry is seen") { cache.reads > reads + 1 }
        #expect(await number(client) == 1)
        clock.advance(seconds: 2)
        await eventually("it is taken") { await number(client) == 2 }
    }

    @Test("an ETag of up to 8 KiB is shared; a longer one is not kept", arguments: [242, 5000, 9000])
    func longETag(_ length: Int) async throws {
        let eTag = "\"" + String(repeating: "e", count: length - 2) + "\""
        let cdn = try await TestCDN(ok(1, eTag: eTag))
        let cache = InMemoryConfigCache()
        let client = try makeClient(cdn) { $0.configCache = cache }
        for _ in 0..<2 { #expect(await client.forceRefresh().success) }
        await client.shutdown()
        #expect(cache.readHeader(for: key).header?.eTag == (length > 8192 ? "" : eTag))
        #expect(cdn.requests.last?.headers["If-None-Match"] == (length > 8192 ? [] : [eTag]))
    }

    @Test("no error of a cache prevents later writes, not even a CancellationError")
    func cancellationError() async throws {
        /// Throws a `CancellationError` at the first write.
        final class Cancelling: ConfigCache {
            let cache = TestCache()
            func read(for key: String) async throws -> String? { try await cache.read(for: key) }
            func write(for key: String, value: String) async throws {
                try await cache.write(for: key, value: value)
                if cache.writes.count == 1 { throw CancellationError() }
            }
        }
        let recorder = LogRecorder()
        let cdn = try await TestCDN(TestConfig.answer(1))
        let cache = Cancelling()
        let client = try makeClient(cdn, recorder: recorder) { $0.configCache = cache }
        for version in 1...4 {
            cdn.set(TestConfig.answer(version))
            #expect(await client.forceRefresh().success)
            await eventually("it is written") { cache.cache.writes.count == version }
        }
        #expect(recorder.ids == [2201])
    }
}
