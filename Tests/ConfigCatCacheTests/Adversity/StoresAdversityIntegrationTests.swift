import ConfigCat
import ConfigCatCache
import ConfigCatCacheTesting
import ConfigCatFileCache
import ConfigCatInMemoryCache
import ConfigCatRedisCache
import ConfigCatSQLiteCache
import Foundation
import Logging
import Synchronization
import ConfigCatTestSupport
import Testing

/// Contents and moments at which stores could break their promises.
@Suite("Adversity: stores", .cleanup)
struct StoresAdversityIntegrationTests {
    private static let config = #"{"f":{"number":{"t":2,"v":{"i":1}}}}"#

    /// First lines that are not a fetch time, or a fetch time that no clock will reach.
    private static let times = [
        "1e400", "99999999999999999999", "9e18", "-1e400", "-9e18", "", "0x10", "nan", "1e", "--1", "+5", ".5", "5.",
        "1.5e3", "007", "9223372036854775807", "-9223372036854775808", "1700000000000\r", "1e-400",
    ]

    /// Checks that a download replaces an entry, unless the date of the entry is in the past and newer, or in the
    /// future and was not seen.
    private func check(_ cache: any FleetConfigCache, _ time: String) async throws {
        let key = "key"
        try await cache.write(for: key, value: "\(time)\n\"old\"\n{}")
        let reading = try await cache.readHeader(for: key)
        let future = reading.header.flatMap { $0.fetchTime > reading.storeTime ? $0.fetchTime : nil }
        let entry = CacheEntry(fetchTime: reading.storeTime, eTag: "\"new\"", configJSON: Self.config)
        let outcome = try await cache.write(entry, replacing: future, for: key)
        #expect(outcome == .written, "a fetch time of '\(time)' in \(type(of: cache))")
        #expect(
            try await cache.readHeader(for: key).header?.eTag == "\"new\"",
            "a fetch time of '\(time)' in \(type(of: cache))")
    }

    @Test(
        "an unreadable fetch time in Redis does not block downloads for ever", .enabled(if: RedisServer.isAvailable)
    )
    func redis() async throws {
        let server = try await RedisServer()
        let cache: RedisConfigCache = try .redis(server.url)
        for time in Self.times { try await check(cache, time) }
        await cache.close()
        try await server.stop()
    }

    @Test("an unreadable fetch time in memory, files or SQLite does not block downloads for ever")
    func others() async throws {
        try await withFolder { folder in
            let caches: [any FleetConfigCache] = [
                InMemoryConfigCache(), try FileConfigCache(directory: folder.path + "/files"),
                try SQLiteConfigCache(path: folder.path + "/cache.db"),
                LayeredConfigCache([InMemoryConfigCache(), try FileConfigCache(directory: folder.path + "/layer")]),
            ]
            for cache in caches { for time in Self.times { try await check(cache, time) } }
        }
    }

    @Test("two processes never get the lease when its key has no expiry", .enabled(if: RedisServer.isAvailable))
    func leaseWithoutEnd() async throws {
        let server = try await RedisServer()
        let cache: RedisConfigCache = try .redis(server.url)
        try await server.command("SET", "{key}:lease", "somebody")
        let first = try await cache.acquireLease(for: "key", token: "a", duration: .milliseconds(60_000))
        let second = try await cache.acquireLease(for: "key", token: "b", duration: .milliseconds(60_000))
        #expect([first, second].count { $0 == .granted } <= 1)
        await cache.close()
        try await server.stop()
    }

    @Test("a direct read of a layered cache finds the entry, although a layer lost it after its header was read")
    func announcedLayer() async throws {
        let (near, far) = (InMemoryConfigCache(), InMemoryConfigCache())
        let cache = LayeredConfigCache([near, far])
        #expect(try await cache.write(eTag: "a", configJSON: Self.config, for: "key") == .written)
        // A client's poll, which needs only the header.
        _ = try await cache.readHeader(for: "key")
        near.remove(for: "key")
        far.remove(for: "key")
        let now = near.readHeader(for: "key").storeTime
        for layer in [near, far] {
            layer.write(for: "key", value: "\(now)\nb\n\(Self.config)")
            // One of the layers is the one whose header was read.
            let other = layer === near ? far : near
            other.remove(for: "key")
            #expect(try await cache.read(for: "key") != nil)
            _ = try await cache.readHeader(for: "key")
        }
    }

    // MARK: - Full disks

    private func makeOptions(_ cdn: ServedConfig, _ cache: any ConfigCache) -> ConfigCatOptions {
        var options = ConfigCatOptions()
        options.baseUrl = cdn.url
        options.configCache = cache
        options.pollingMode = PollingModes.autoPoll(autoPollIntervalInSeconds: 600, maxInitWaitTimeInSeconds: 600)
        options.logLevel = .critical
        return options
    }

    @Test(
        "a SQLite file on a disk without space for the entry is not written in a loop",
        .enabled(if: FullFileSystem.isAvailable), arguments: [false, true])
    func fullDisk(_ isLayered: Bool) async throws {
        let filler = String(repeating: "x", count: 300_000)
        let cdn = try await ServedConfig(#"{"f":{"number":{"t":2,"v":{"i":1}},"text":{"t":1,"v":{"s":"\#(filler)"}}}}"#)
        try await withFolder { folder in
            let system = try FullFileSystem(at: folder)
            defer { system.remove() }
            let path = folder.path + "/mnt/cache.db"
            let store = try SQLiteConfigCache(path: path)
            // There is space for leases, but not for the entry.
            try Data(count: 700_000).write(to: URL(filePath: folder.path + "/mnt/filler"))
            let counted = CountingCache(store)
            let cache: any ConfigCache = isLayered ? LayeredConfigCache([counted, InMemoryConfigCache()]) : counted
            let sdkKey = "configcat-sdk-1/FULL_DISK_ATTACK_0000\(isLayered ? 1 : 0)/0000567890123456789012"
            let client = try openClient(sdkKey: sdkKey, options: makeOptions(cdn, cache))
            #expect(await client.getValue(for: "number", defaultValue: -1) == 1)
            try await Task.sleep(for: .seconds(1))
            let before = counted.writes.load(ordering: .relaxed)
            try await Task.sleep(for: .seconds(3))
            let writes = counted.writes.load(ordering: .relaxed) - before
            #expect(
                writes <= 3,
                "\(writes) attempts in 3 seconds, of which \(counted.failures.load(ordering: .relaxed)) failed")
            await client.shutdown()
            await store.close()
        }
    }
}

/// Counts the writes to another cache.
final class CountingCache: FleetConfigCache {
    private let cache: any FleetConfigCache
    let writes = Atomic<Int>(0)
    let failures = Atomic<Int>(0)

    init(_ cache: any FleetConfigCache) { self.cache = cache }

    func read(for key: String) async throws -> String? { try await cache.read(for: key) }
    func write(for key: String, value: String) async throws { try await cache.write(for: key, value: value) }
    func readHeader(for key: String) async throws -> CacheHeaderReading { try await cache.readHeader(for: key) }

    func write(
        _ entry: CacheEntry, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome {
        writes.add(1, ordering: .relaxed)
        do {
            return try await cache.write(entry, replacing: futureTime, for: key)
        } catch {
            failures.add(1, ordering: .relaxed)
            throw error
        }
    }

    func refreshTimestamp(
        _ header: CacheEntryHeader, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome {
        try await cache.refreshTimestamp(header, replacing: futureTime, for: key)
    }

    func acquireLease(for key: String, token: String, duration: Duration) async throws -> LeaseResult {
        try await cache.acquireLease(for: key, token: token, duration: duration)
    }

    func releaseLease(for key: String, token: String) async throws {
        try await cache.releaseLease(for: key, token: token)
    }

    func changes(for key: String) -> AsyncStream<Void> { cache.changes(for: key) }
}
