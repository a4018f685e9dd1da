import ConfigCatCSQLite
import ConfigCatCache
import ConfigCatCacheTesting
import ConfigCatSQLiteCache
import Foundation
import ConfigCatTestSupport
import Testing

@Suite("SQLite cache")
struct SQLiteCacheIntegrationTests {
    private static let entry = "1700000000000\n\"1\"\n{\"f\":{}}"

    /// Runs SQL on a separate connection, like another process.
    private func execute(_ sql: String, in path: String) -> Int32 {
        var database: OpaquePointer?
        defer { sqlite3_close_v2(database) }
        guard sqlite3_open(path, &database) == SQLITE_OK else { return SQLITE_CANTOPEN }
        return sqlite3_exec(database, sql, nil, nil, nil)
    }

    @Test("keeps the contract of caches", arguments: CacheContract.checks)
    func contract(_ check: CacheContract.Check) async throws {
        try await withFolder { folder in
            try await check.run { try SQLiteConfigCache(path: folder.path + "/cache.db") }
        }
    }

    @Test("the files of the database have the mode 0600")
    func permissions() async throws {
        try await withFolder { folder in
            let path = folder.path + "/cache.db"
            let cache = try SQLiteConfigCache(path: path)
            try await cache.write(for: "key", value: "value")
            for suffix in ["", "-wal", "-shm"] { #expect(mode(path + suffix) == 0o600) }
            await cache.close()
        }
    }

    @Test("an entry is stored in two parts, and read as one")
    func parts() async throws {
        try await withFolder { folder in
            let path = folder.path + "/cache.db"
            let cache = try SQLiteConfigCache(path: path)
            try await cache.write(for: "key", value: Self.entry)
            #expect(try await cache.read(for: "key") == Self.entry)
            #expect(
                execute(
                    "UPDATE configcat_entries SET header = CAST('2' || char(10) || '\"2\"' || char(10) AS BLOB)",
                    in: path) == SQLITE_OK)
            #expect(try await cache.read(for: "key") == "2\n\"2\"\n{\"f\":{}}")
        }
    }

    @Test("processes that start together apply each migration once")
    func concurrentStarts() async throws {
        try await withFolder { folder in
            let path = folder.path + "/cache.db"
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<20 {
                    group.addTask {
                        let cache = try SQLiteConfigCache(path: path)
                        try await cache.write(for: "key-\(index)", value: "value")
                    }
                }
                try await group.waitForAll()
            }
            let cache = try SQLiteConfigCache(path: path)
            for index in 0..<20 { #expect(try await cache.read(for: "key-\(index)") == "value") }
        }
    }

    @Test("a database of a newer version is refused, and stays unchanged")
    func newerSchema() async throws {
        try await withFolder { folder in
            let path = folder.path + "/cache.db"
            #expect(execute("PRAGMA user_version = 99; CREATE TABLE future (x)", in: path) == SQLITE_OK)
            let error = #expect(throws: SQLiteCacheError.self) { try SQLiteConfigCache(path: path) }
            #expect(error?.code == .newerSchema && error?.message.contains("99") == true)
            #expect(execute("INSERT INTO future VALUES (1)", in: path) == SQLITE_OK)
        }
    }

    @Test("an unusable path of the database is refused with an error that names it")
    func invalidPaths() async throws {
        try await withFolder { folder in
            for path in [folder.path, folder.path + "/none/cache.db"] {
                let error = #expect(throws: SQLiteCacheError.self) { try SQLiteConfigCache(path: path) }
                #expect(error?.code == .cannotOpen && error?.message.contains(path) == true)
            }
        }
    }

    @Test("a write waits for another process, and has its own error code if that takes too long")
    func locked() async throws {
        try await withFolder { folder in
            let path = folder.path + "/cache.db"
            let cache = try SQLiteConfigCache(path: path, busyTimeout: .milliseconds(50))
            try await cache.write(for: "key", value: "before")
            var other: OpaquePointer?
            sqlite3_open(path, &other)
            #expect(sqlite3_exec(other, "BEGIN IMMEDIATE", nil, nil, nil) == SQLITE_OK)
            let error = await #expect(throws: SQLiteCacheError.self) {
                try await cache.write(for: "key", value: "after")
            }
            #expect(error?.code == .locked)
            #expect(try await cache.read(for: "key") == "before")
            sqlite3_close_v2(other)
            try await cache.write(for: "key", value: "after")
            #expect(try await cache.read(for: "key") == "after")
        }
    }

    @Test("a damaged file is moved aside, reported once, and replaced by a new one", arguments: [false, true])
    func damaged(isOpen: Bool) async throws {
        try await withFolder { folder in
            let path = folder.path + "/cache.db"
            var cache: SQLiteConfigCache?
            if isOpen {
                let open = try SQLiteConfigCache(path: path)
                try await open.write(for: "key", value: Self.entry)
                // Written to the main file, so that reading finds the damage.
                #expect(execute("PRAGMA wal_checkpoint(TRUNCATE)", in: path) == SQLITE_OK)
                cache = open
            }
            let garbage = Data(repeating: 0x58, count: 20_000)
            if isOpen {
                let file = try FileHandle(forWritingTo: URL(filePath: path))
                try file.write(contentsOf: garbage)
                try file.close()
                let open = try #require(cache)
                let error = await #expect(throws: SQLiteCacheError.self) { try await open.read(for: "key") }
                #expect(error?.code == .corrupt && error?.message.contains("was moved to") == true)
            } else {
                try garbage.write(to: URL(filePath: path))
                // A server can still start; the first read reports the damage.
                let opened = try SQLiteConfigCache(path: path)
                let error = await #expect(throws: SQLiteCacheError.self) { try await opened.read(for: "key") }
                #expect(error?.code == .corrupt && error?.message.contains("was moved to") == true)
                cache = opened
            }
            let fresh = try #require(cache)
            #expect(try await fresh.read(for: "key") == nil)
            try await fresh.write(for: "key", value: "again")
            #expect(try await fresh.read(for: "key") == "again")
            #expect(try files(folder).contains { $0.hasPrefix("cache.db.corrupt-") })
        }
    }

    @Test("a file that is deleted while the cache is open is created again")
    func deleted() async throws {
        try await withFolder { folder in
            let path = folder.path + "/cache.db"
            let cache = try SQLiteConfigCache(path: path)
            try await cache.write(for: "key", value: "value")
            for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
            #expect(try await cache.read(for: "key") == nil)
            try await cache.write(for: "key", value: "again")
            let other = try SQLiteConfigCache(path: path)
            #expect(try await other.read(for: "key") == "again")
        }
    }

    @Test(
        "a full disk has its own error code, and keeps the old value",
        .enabled(if: FullFileSystem.isAvailable, "needs to mount a small file system"))
    func full() async throws {
        try await withFolder { folder in
            let mounted = try FullFileSystem(at: folder)
            defer { mounted.remove() }
            let cache = try SQLiteConfigCache(path: folder.path + "/mnt/cache.db")
            try await cache.write(for: "key", value: "small")
            let error = await #expect(throws: SQLiteCacheError.self) {
                try await cache.write(for: "key", value: String(repeating: "x", count: 4 << 20))
            }
            #expect(error?.code == .full)
            #expect(try await cache.read(for: "key") == "small")
            await cache.close()
        }
    }

    @Test("500 writers killed at random moments leave whole values only, and lose no finished write")
    func kills() async throws {
        try await withFolder { folder in
            let path = folder.path + "/cache.db"
            try await KilledWriters.check("sqlite", path, try SQLiteConfigCache(path: path))
        }
    }
}
