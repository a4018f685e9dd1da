import ConfigCatEvaluation
import ConfigCatSQLiteCache
import ConfigCatTestSupport
import Foundation
import Synchronization
import Testing

@testable import ConfigCatServing

@Suite("Stores of overrides", .cleanup)
struct OverrideStoreTests {
    private func override(_ key: String, _ value: SettingValue = .bool(true), user: String? = nil) throws -> Override {
        try Override(key: key, user: user, value: value, updated: Date(timeIntervalSince1970: 1_700_000_000.123))
    }

    /// The messages about damaged files.
    private final class Warnings: Sendable {
        let list = Mutex<[String]>([])
        var all: [String] { list.withLock(\.self) }
    }

    private func open(_ folder: URL, _ warnings: Warnings = Warnings()) throws -> SQLiteOverrideStore {
        let store = try SQLiteOverrideStore(path: folder.appending(path: "o.db").path) { warning in
            warnings.list.withLock { $0.append(warning) }
        }
        Cleanup.add { await store.close() }
        return store
    }

    @Test("both stores keep what is set, by config, and forget what is removed", arguments: [true, false])
    func contract(isPersistent: Bool) async throws {
        try await withFolder { folder in
            let store: any OverrideStore = isPersistent ? try open(folder) : MemoryOverrideStore()
            let values: [SettingValue] = [
                .bool(false), .string("\u{0}\"é"), .string(""), .int(-5), .double(5), .double(0.1),
            ]
            for (index, value) in values.enumerated() {
                _ = try await store.change(.set(override("k\(index)", value, user: "u\(index)")), of: "c")
            }
            var all = try await store.overrides(of: "c")
            #expect(all.map(\.value) == values)
            #expect(all.first == (try override("k0", .bool(false), user: "u0")))
            #expect(try await store.overrides(of: "other").isEmpty)

            all = try await store.change(.remove(Override.ID(key: "k0", user: "u0")), of: "c")
            #expect(all.count == 5)
            await #expect(throws: OverrideError.self) {
                try await store.change(.remove(Override.ID(key: "k1", user: nil)), of: "c")
            }
            all = try await store.change(.enable(Override.ID(key: "k1", user: "u1"), false, at: Date()), of: "c")
            #expect(all.count == 5)
            #expect(try await store.overrides(of: "c").first?.isEnabled == false)
            #expect(try await store.overrides(of: "c") == all)
            all = try await store.change(
                .merge([override("k1", .int(3), user: "u1"), override("new")], replacing: false), of: "c")
            #expect(all.count == 6)
            #expect(all[Override.ID(key: "k1", user: "u1")]?.value == .int(3))
            all = try await store.change(.merge([override("only")], replacing: true), of: "c")
            #expect(all.map(\.key) == ["only"])
            #expect(try await store.change(.removeAll, of: "c").isEmpty)
            #expect(try await store.overrides(of: "c").isEmpty)
            await store.close()
        }
    }

    @Test("keys and users that differ only in their Unicode form are different", arguments: [true, false])
    func bytes(isPersistent: Bool) async throws {
        try await withFolder { folder in
            let store: any OverrideStore = isPersistent ? try open(folder) : MemoryOverrideStore()
            for key in ["e\u{301}", "\u{e9}"] { _ = try await store.change(.set(override(key)), of: "c") }
            #expect(try await store.overrides(of: "c").count == 2)
        }
    }

    @Test("overrides outlive the store, and the file is private")
    func persistence() async throws {
        try await withFolder { folder in
            let first = try open(folder)
            var disabled = try override("k", .string("v"), user: "u")
            disabled.isEnabled = false
            _ = try await first.change(.set(disabled), of: "c")
            await first.close()
            await #expect(throws: SQLiteCacheError.self) { try await first.overrides(of: "c") }
            #expect(mode(folder.appending(path: "o.db").path) == 0o600)
            #expect(try await open(folder).overrides(of: "c") == OverrideSet([disabled]))
        }
    }

    @Test("two servers share a file, and learn of each other's changes")
    func sharing() async throws {
        try await withFolder { folder in
            let (one, other) = (try open(folder), try open(folder))
            _ = try await other.overrides(of: "c")
            let changes = other.changes()
            let seen = Task {
                for await _ in changes { if try await other.overrides(of: "c").count == 40 { return true } };
                return false
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<40 {
                    let store = index % 2 == 0 ? one : other
                    let change = OverrideChange.set(try override("k\(index)"))
                    group.addTask { _ = try await store.change(change, of: "c") }
                }
                try await group.waitForAll()
            }
            #expect(try await one.overrides(of: "c").count == 40)
            #expect(try await seen.value)
            await other.close()
            var iterator = other.changes().makeAsyncIterator()
            #expect(await iterator.next() == nil)
        }
    }

    @Test("overrides are published in the order of changes", arguments: [true, false])
    func order(isPersistent: Bool) async throws {
        try await withFolder { folder in
            let store: any OverrideStore = isPersistent ? try open(folder) : MemoryOverrideStore()
            let published = Counts()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<30 {
                    let change = OverrideChange.set(try override("k\(index)"))
                    group.addTask {
                        try await store.perform(change, of: "c") { published.add($0.count) }
                    }
                }
                try await group.waitForAll()
            }
            #expect(published.all == Array(1...30))
        }
    }

    private final class Counts: Sendable {
        private let list = Mutex<[Int]>([])
        var all: [Int] { list.withLock { $0 } }
        func add(_ count: Int) { list.withLock { $0.append(count) } }
    }

    @Test("a refused change changes nothing", arguments: [true, false])
    func refused(isPersistent: Bool) async throws {
        try await withFolder { folder in
            let store: any OverrideStore = isPersistent ? try open(folder) : MemoryOverrideStore()
            _ = try await store.change(.set(override("k")), of: "c")
            let many = try (0...OverrideSet.maximumCount).map { try override("k\($0)") }
            await #expect(throws: OverrideError.self) {
                try await store.change(.merge(many, replacing: true), of: "c")
            }
            #expect(try await store.overrides(of: "c").count == 1)
        }
    }

    @Test("a deleted file is created again, with what the server holds")
    func deleted() async throws {
        try await withFolder { folder in
            let store = try open(folder)
            _ = try await store.change(.set(override("a")), of: "c")
            _ = try await store.change(.set(override("b")), of: "d")
            for name in try files(folder) { try FileManager.default.removeItem(at: folder.appending(path: name)) }
            let after = try await store.change(.set(override("z")), of: "c")
            #expect(after.map(\.key) == ["a", "z"])
            #expect(try await open(folder).overrides(of: "d").map(\.key) == ["b"])
        }
    }

    @Test("a damaged file is moved aside with a warning, and the server's overrides are written again")
    func damaged() async throws {
        try await withFolder { folder in
            let warnings = Warnings()
            let store = try open(folder, warnings)
            _ = try await store.change(.set(override("a")), of: "c")
            let path = folder.appending(path: "o.db")
            for name in try files(folder) { try FileManager.default.removeItem(at: folder.appending(path: name)) }
            try Data("this is not a database, but long enough to be read as one".utf8).write(to: path)
            #expect(try await store.overrides(of: "c").map(\.key) == ["a"])
            #expect(warnings.all.count == 1)
            #expect(warnings.all.first?.contains("was damaged") ?? false)
            #expect(try files(folder).contains { $0.contains(".corrupt-") })
        }
    }

    @Test("a file that is damaged from the start does not keep a server from starting")
    func damagedAtStart() async throws {
        try await withFolder { folder in
            try Data(repeating: 0x41, count: 5000).write(to: folder.appending(path: "o.db"))
            let warnings = Warnings()
            let store = try open(folder, warnings)
            #expect(try await store.overrides(of: "c").isEmpty)
            #expect(warnings.all.count == 1)
        }
    }

    @Test("a path that cannot be opened is an error that names it")
    func unusable() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "missing/o.db").path
            let error = #expect(throws: SQLiteCacheError.self) { try SQLiteOverrideStore(path: path) { _ in } }
            #expect(error?.message.contains(path) ?? false)
        }
    }

    @Test("rows that no version of this package has written are skipped")
    func strangeRows() async throws {
        try await withFolder { folder in
            let store = try open(folder)
            _ = try await store.change(.set(override("a")), of: "c")
            let database = try SQLiteDatabase(
                path: folder.appending(path: "o.db").path, busyTimeout: 5000, synchronous: "NORMAL")
            for (key, type, value) in [("x", "9", "true"), ("y", "0", "1"), ("z", "2", "{")] {
                try database.change(
                    "INSERT INTO configcat_overrides VALUES (?1, ?2, x'', CAST(?3 AS INTEGER), ?4, 1, 1)",
                    ["c", key, type, value].map { Array($0.utf8) })
            }
            #expect(try await store.overrides(of: "c").map(\.key) == ["a"])
            #expect(try await store.change(.set(override("y")), of: "c").map(\.key) == ["a", "y"])
        }
    }
}

extension OverrideStore {
    fileprivate func overrides(of config: String) async throws -> OverrideSet {
        try await perform(nil, of: config) { _ in }
    }

    fileprivate func change(_ change: OverrideChange, of config: String) async throws -> OverrideSet {
        try await perform(change, of: config) { _ in }
    }
}
