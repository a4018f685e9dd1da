import ConfigCatCSQLite
import ConfigCatSQLiteCache
import Foundation
import Synchronization
import ConfigCatTestSupport
import Testing

/// Processes that find a database damaged. Some tests act as a process that stops while it moves the file aside.
@Suite("SQLite recovery")
struct SQLiteRecoveryIntegrationTests {
    private static let garbage = Data(repeating: 0x58, count: 20_000)

    /// Takes the lock of a process that repairs the database.
    private func lockRecovery(_ path: String) -> Int32 {
        let lock = open(path + ".recovery-lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        #expect(lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
        return lock
    }

    @Test("opening a database waits while another process moves the damaged one aside, and the new one keeps its WAL")
    func openDuringRecovery() async throws {
        try await withFolder { folder in
            let path = folder.path + "/cache.db"
            // The file of the damaged database has already been moved, but its WAL has not.
            try Self.garbage.write(to: URL(filePath: path + ".corrupt"))
            try Self.garbage.write(to: URL(filePath: path + "-wal"))
            let lock = lockRecovery(path)
            let opened = Mutex<SQLiteConfigCache?>(nil)
            let opening = Task {
                let cache = try await blocking { try SQLiteConfigCache(path: path, busyTimeout: .seconds(600)) }
                opened.withLock { $0 = cache }
            }
            // Without the lock, the database would be open soon, and its WAL would be moved as the damaged one's.
            for _ in 0..<50 where opened.withLock({ $0 == nil }) { try await Task.sleep(for: .milliseconds(10)) }
            for suffix in ["-wal", "-shm"] { rename(path + suffix, path + ".corrupt" + suffix) }
            close(lock)
            try await opening.value
            let first = try #require(opened.withLock { $0 })
            try await first.write(for: "key", value: "value")
            let second = try SQLiteConfigCache(path: path)
            #expect(try await second.read(for: "key") == "value")
            #expect(try files(folder).contains("cache.db-wal"))
            await first.close()
            await second.close()
        }
    }

    @Test(
        "if a process is stopped during a repair, others fail after their busy timeout instead of hanging",
        arguments: [false, true])
    func stoppedHolder(isDamaged: Bool) async throws {
        try await withFolder { folder in
            let path = folder.path + "/cache.db"
            if isDamaged { try Self.garbage.write(to: URL(filePath: path)) }
            let lock = lockRecovery(path)
            // Otherwise the test could hang instead of failing.
            let release = Task {
                try await Task.sleep(for: .seconds(30))
                close(lock)
            }
            let error = await #expect(throws: SQLiteCacheError.self) {
                try await blocking { try SQLiteConfigCache(path: path, busyTimeout: .milliseconds(50)) }
            }
            #expect(error?.code == .locked && error?.message.contains(path) == true)
            release.cancel()
            close(lock)
            let cache = try SQLiteConfigCache(path: path)
            _ = try? await cache.read(for: "key")
            try await cache.write(for: "key", value: "value")
            #expect(try await cache.read(for: "key") == "value")
        }
    }

    @Test("if many caches find the damage at once, one moves the file, and no write is lost")
    func manyRecover() async throws {
        try await withFolder { folder in
            let path = folder.path + "/cache.db"
            for _ in 0..<10 {
                for file in try files(folder) { try FileManager.default.removeItem(atPath: folder.path + "/" + file) }
                try Self.garbage.write(to: URL(filePath: path))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<8 {
                        group.addTask {
                            let cache = try await blocking { try SQLiteConfigCache(path: path) }
                            _ = try? await cache.read(for: "key")
                            try await cache.write(for: "key-\(index)", value: "value")
                            await cache.close()
                        }
                    }
                    try await group.waitForAll()
                }
                let cache = try SQLiteConfigCache(path: path)
                for index in 0..<8 { #expect(try await cache.read(for: "key-\(index)") == "value") }
                #expect(try files(folder).count { $0.hasPrefix("cache.db.corrupt-") && !$0.hasSuffix("-wal") } == 1)
                await cache.close()
            }
        }
    }
}
