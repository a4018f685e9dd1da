import ConfigCatCSQLite
import ConfigCatCache
import ConfigCatCacheTesting
import ConfigCatFileCache
import ConfigCatRedisCache
import ConfigCatSQLiteCache
import Foundation
import ConfigCatTestSupport
import Testing

/// Whatever delays a write, the entry has the date of its request, and does not replace a newer entry.
@Suite("Delayed writes")
struct WriteDelayIntegrationTests {
    /// Delays a write, and writes a newer entry before it, through `other`: another cache with the same store.
    /// `delayed` runs its body while writes through `cache` wait.
    private func check(
        _ cache: any OrderedConfigCache, _ other: any OrderedConfigCache,
        delayed: (() async throws -> Void) async throws -> Void
    ) async throws {
        let asked = try await cache.readHeader(for: "key").storeTime
        let first = CacheEntry(fetchTime: asked, eTag: "1", configJSON: "{}")
        var write: Task<CacheWriteOutcome, any Error>?
        try await delayed {
            write = Task { try await cache.write(first, replacing: nil, for: "key") }
            try await Task.sleep(for: .milliseconds(400))
        }
        #expect(try await write?.value == .written)
        #expect(try await other.readHeader(for: "key").header == first.header)
        // A newer entry overtakes the second write.
        let askedAgain = try await cache.readHeader(for: "key").storeTime
        try await Task.sleep(for: .milliseconds(20))
        #expect(try await other.write(eTag: "3", configJSON: "{}", for: "key") == .written)
        let second = CacheEntry(fetchTime: askedAgain, eTag: "2", configJSON: "{}")
        #expect(try await cache.write(second, replacing: nil, for: "key") == .keptNewer)
        #expect(try await other.readHeader(for: "key").header?.eTag == "3")
    }

    @Test("a delayed write keeps its date and replaces no newer entry in a file that another process has locked")
    func file() async throws {
        for _ in 0..<10 {
            do {
                return try await withLockedFile()
            } catch is FileCacheError {
                // On a busy machine, the lock was held for longer than the cache waits for it.
            }
        }
        Issue.record("the lock was always held for too long")
    }

    private func withLockedFile() async throws {
        try await withFolder { folder in
            let cache = try FileConfigCache(directory: folder.path)
            try await check(cache, cache) { body in
                let lock = open(folder.path + "/.lock-key", O_RDWR | O_CREAT, 0o600)
                defer { close(lock) }
                #expect(flock(lock, LOCK_EX) == 0)
                try await body()
            }
        }
    }

    @Test("a delayed write keeps its date and replaces no newer entry in a database that another process writes")
    func sqlite() async throws {
        try await withFolder { folder in
            let path = folder.path + "/cache.db"
            let cache = try SQLiteConfigCache(path: path)
            try await check(cache, cache) { body in
                var other: OpaquePointer?
                sqlite3_open(path, &other)
                #expect(sqlite3_exec(other, "BEGIN IMMEDIATE", nil, nil, nil) == SQLITE_OK)
                try await body()
                sqlite3_close(other)
            }
        }
    }

    @Test(
        "a delayed write keeps its date and replaces no newer entry in a paused Redis",
        .enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.whySkipped)))
    func redis() async throws {
        let server = try await RedisServer()
        func connect() throws -> RedisConfigCache { try .redis(server.url) { $0.commandTimeout = .seconds(60) } }
        let (cache, other) = (try connect(), try connect())
        try await check(cache, other) { body in
            server.pause()
            try await body()
            server.resume()
        }
        await cache.close()
        await other.close()
        try await server.stop()
    }
}
