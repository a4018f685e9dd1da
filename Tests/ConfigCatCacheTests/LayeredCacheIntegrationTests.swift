import ConfigCat
import ConfigCatCache
import ConfigCatCacheTesting
import ConfigCatFileCache
import ConfigCatInMemoryCache
import ConfigCatRedisCache
import ConfigCatSQLiteCache
import Foundation
import Synchronization
import ConfigCatTestSupport
import Testing

@Suite("Layered cache", .cleanup)
struct LayeredCacheIntegrationTests {
    /// A layer that fails or hangs on command.
    private final class Faulty: ConfigCache {
        let isHanging = Atomic<Bool>(false)
        let calls = Atomic<Int>(0)

        func read(for key: String) async throws -> String? {
            calls.add(1, ordering: .relaxed)
            while isHanging.load(ordering: .relaxed) { try? await Task.sleep(for: .milliseconds(5)) }
            throw CocoaError(.fileReadUnknown)
        }
        func write(for key: String, value: String) async throws { throw CocoaError(.fileWriteUnknown) }
    }

    private func entry(_ eTag: String, secondsAgo: Double) -> String {
        "\(Int((Date().timeIntervalSince1970 - secondsAgo) * 1000))\n\(eTag)\n{\"of\":\"\(eTag)\"}"
    }

    @Test("keeps the contract of caches", arguments: CacheContract.checks)
    func contract(_ check: CacheContract.Check) async throws {
        try await withFolder { folder in
            try await check.run {
                try .layered([InMemoryConfigCache(), FileConfigCache(directory: folder.path)], timeout: .seconds(60))
            }
        }
    }

    @Test("a read returns the freshest entry, and the other layers get it too")
    func freshest() async throws {
        let (near, middle, far) = (InMemoryConfigCache(), InMemoryConfigCache(), InMemoryConfigCache())
        let cache: LayeredConfigCache = .layered([near, middle, far])
        near.write(for: "key", value: entry("old", secondsAgo: 100))
        far.write(for: "key", value: entry("new", secondsAgo: 10))
        #expect(try await cache.readHeader(for: "key").header?.eTag == "new")
        #expect(try await cache.read(for: "key")?.hasSuffix("{\"of\":\"new\"}") == true)
        await eventually("the layers are brought up to date") {
            near.readHeader(for: "key").header?.eTag == "new" && middle.readHeader(for: "key").header?.eTag == "new"
        }
        // Copying an entry keeps its age.
        let copied = middle.readHeader(for: "key")
        #expect(copied.storeTime - (copied.header?.fetchTime ?? copied.storeTime) >= 10_000)
    }

    @Test("a layer that fails or hangs does not block the others, and is not called until it has answered")
    func faults() async throws {
        let (good, bad) = (InMemoryConfigCache(), Faulty())
        let errors = Mutex<[Int]>([])
        let cache: LayeredConfigCache = .layered([good, bad], timeout: .milliseconds(500)) { layer, _ in
            errors.withLock { $0.append(layer) }
        }
        #expect(try await cache.write(eTag: "1", configJSON: "{}", age: 0, for: "key") == .written)
        #expect(try await cache.readHeader(for: "key").header?.eTag == "1")
        bad.isHanging.store(true, ordering: .relaxed)
        let before = bad.calls.load(ordering: .relaxed)
        for _ in 0..<10 { #expect(try await cache.read(for: "key") != nil) }
        #expect(bad.calls.load(ordering: .relaxed) == before + 1)
        bad.isHanging.store(false, ordering: .relaxed)
        #expect(errors.withLock { Set($0) } == [1])
        let alone: LayeredConfigCache = .layered([Faulty()])
        await #expect(throws: (any Error).self) { try await alone.read(for: "key") }
        await #expect(throws: (any Error).self) { try await alone.write(for: "key", value: "x") }
    }

    @Test("an entry is read only from the layer whose header was returned")
    func announced() async throws {
        /// A layer whose headers can be read, but whose entries cannot.
        final class Headers: HeaderReadingConfigCache {
            func readHeader(for key: String) -> CacheHeaderReading {
                CacheHeaderReading(
                    content: .entry(CacheEntryHeader(fetchTime: HostClock.now, eTag: "new")), storeTime: HostClock.now)
            }
            func read(for key: String) throws -> String? { throw CocoaError(.fileReadUnknown) }
            func write(for key: String, value: String) {}
        }
        let near = InMemoryConfigCache()
        let cache: LayeredConfigCache = .layered([near, Headers()])
        near.write(for: "key", value: entry("old", secondsAgo: 100))
        #expect(try await cache.readHeader(for: "key").header?.eTag == "new")
        await #expect(throws: CocoaError.self) { try await cache.read(for: "key") }
    }

    @Test(
        "an older entry of one layer does not replace the entry of a layer that stops answering"
    )
    func silentLayer() async throws {
        /// A layer that can be made to fail.
        final class Failing: HeaderReadingConfigCache {
            let store = InMemoryConfigCache()
            let fails = Atomic<Bool>(false)
            func readHeader(for key: String) throws -> CacheHeaderReading {
                if fails.load(ordering: .relaxed) { throw CocoaError(.fileReadUnknown) }
                return store.readHeader(for: key)
            }
            func read(for key: String) throws -> String? {
                if fails.load(ordering: .relaxed) { throw CocoaError(.fileReadUnknown) }
                return store.read(for: key)
            }
            func write(for key: String, value: String) { store.write(for: key, value: value) }
        }
        let (near, far) = (Failing(), Failing())
        let cache: LayeredConfigCache = .layered([near, far])
        near.write(for: "key", value: entry("old", secondsAgo: 100))
        far.write(for: "key", value: entry("new", secondsAgo: 1))
        #expect(try await cache.readHeader(for: "key").header?.eTag == "new")
        near.write(for: "key", value: entry("old", secondsAgo: 100))
        far.fails.store(true, ordering: .relaxed)
        #expect(try await cache.readHeader(for: "key").header?.eTag == "new")
        far.fails.store(false, ordering: .relaxed)
        #expect(try await cache.readHeader(for: "key").header?.eTag == "new")
    }

    @Test("a delayed write has the date of its request, in layers with and without a clock")
    func delayed() async throws {
        /// A store in memory that answers late.
        final class Slow: ConfigCache {
            let store = InMemoryConfigCache()
            func read(for key: String) -> String? { store.read(for: key) }
            func write(for key: String, value: String) async throws {
                try await Task.sleep(for: .milliseconds(300))
                store.write(for: key, value: value)
            }
        }
        final class SlowOrdered: OrderedConfigCache {
            let store = InMemoryConfigCache()
            func read(for key: String) -> String? { store.read(for: key) }
            func write(for key: String, value: String) { store.write(for: key, value: value) }
            func readHeader(for key: String) -> CacheHeaderReading { store.readHeader(for: key) }
            func write(
                _ entry: CacheEntry, replacing futureTime: Int64?, for key: String
            ) async throws -> CacheWriteOutcome {
                try await Task.sleep(for: .milliseconds(300))
                return store.write(entry, replacing: futureTime, for: key)
            }
            func refreshTimestamp(
                _ header: CacheEntryHeader, replacing futureTime: Int64?, for key: String
            ) -> CacheWriteOutcome { store.refreshTimestamp(header, replacing: futureTime, for: key) }
        }
        let (plain, ordered) = (Slow(), SlowOrdered())
        let cache: LayeredConfigCache = .layered([plain, ordered], timeout: .seconds(60))
        let asked = try await cache.readHeader(for: "key").storeTime
        let before = HostClock.now
        try await Task.sleep(for: .milliseconds(850))
        let entry = CacheEntry(fetchTime: asked, eTag: "1", configJSON: "{}")
        #expect(try await cache.write(entry, replacing: nil, for: "key") == .written)
        for store in [plain.store, ordered.store] {
            let written = try CacheEntry(serialized: try #require(store.read(for: "key")))
            // The clocks are read one after the other, in whole milliseconds.
            #expect(written.fetchTime <= before + 5 && written.fetchTime > before - 10_000)
        }
    }

    @Test(
        "an edge node starts from its disk without Redis and the CDN, and follows Redis after that returns",
        .enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.whySkipped)))
    func edge() async throws {
        try await withFolder { folder in
            let server = try await RedisServer()
            let sdkKey = NumberConfig.randomKey()
            let key = CacheKey.key(forSDKKey: sdkKey)
            let disk = folder.path + "/edge.db"
            func layers() throws -> LayeredConfigCache {
                try .layered([.sqlite(path: disk), .redis(server.url) { $0.connectTimeout = .milliseconds(500) }])
            }
            let first = try layers()
            _ = try await first.write(eTag: "1", configJSON: NumberConfig.json(1), age: 0, for: key)
            await first.close()
            try await server.stop()
            // No server listens at this address.
            let nobody = "http://127.0.0.1:\(freePort())"
            let cache = try layers()
            let client = try NumberConfig.client(cache, cdn: nobody, sdkKey: sdkKey)
            defer { client.close() }
            await eventually("the client starts from its disk") { await client.number == 1 }
            // Redis returns with a newer config, which another process has written.
            try await server.start()
            let other: RedisConfigCache = try .redis(server.url)
            await eventually("another process writes") {
                try await other.write(eTag: "2", configJSON: NumberConfig.json(2), age: 0, for: key) == .written
            }
            await eventually("the client follows Redis") {
                // A layer has half a second to answer. On a busy machine, the only read after the signal may be too
                // slow.
                await client.forceRefresh()
                return await client.number == 2
            }
            await eventually("the entry on the disk follows") {
                try await (SQLiteConfigCache(path: disk)).readHeader(for: key).header?.eTag == "2"
            }
        }
    }
}
