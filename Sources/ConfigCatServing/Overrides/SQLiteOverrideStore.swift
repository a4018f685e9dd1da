import ConfigCatCache
import ConfigCatEvaluation
import ConfigCatSQLiteCache
import ConfigCatSQLiteMigrations
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Overrides in a SQLite database, which any number of servers can share.
///
/// The overrides that were read or written last are also held in memory. If the file is deleted or damaged, they are
/// written to the new one at the next call. A damaged file is moved aside, which is reported to `warn`.
package final class SQLiteOverrideStore: OverrideStore {
    private let path: String
    private let warn: @Sendable (String) -> Void
    private let state: Mutex<State>
    /// Only one call at a time uses the database.
    private let lane = BlockingLane(width: 1)
    private let streams = ChangeStreams()

    private struct State: ~Copyable {
        var store: SQLiteStore
        var isClosed = false
        /// The overrides by config, as they were in the database.
        var held: [String: OverrideSet] = [:]
        /// The number of the connection over which they were read or written.
        var connection = 0
    }

    /// Opens a database, which is created if it does not exist, readable only by this user.
    ///
    /// - Parameters:
    ///   - path: The path of the file; its directory has to exist.
    ///   - warn: Called with a message when a damaged file has been replaced.
    /// - Throws: `SQLiteCacheError` if the file cannot be opened or written, or a newer version has written it.
    package init(path: String, warn: @escaping @Sendable (String) -> Void) throws {
        self.path = path
        self.warn = warn
        var store = SQLiteStore(path: path, steps: Migrations.overrides, busyTimeout: 5000, synchronous: "NORMAL")
        try store.connect()
        state = Mutex(State(store: store))
    }

    package func perform(
        _ change: OverrideChange?, of config: String, publish: @escaping @Sendable (OverrideSet) -> Void
    ) async throws -> OverrideSet {
        try await lane.run { [self] in
            do {
                return try attempt(change, of: config, publish)
            } catch let error as SQLiteCacheError where error.code == .corrupt {
                // The damaged file has been replaced.
                warn(error.message)
                return try attempt(change, of: config, publish)
            }
        }
    }

    package func changes() -> AsyncStream<Void> {
        // Every write of any process goes to this file first.
        streams.stream(watching: path + "-wal")
    }

    package func close() async {
        streams.finish()
        // In a new task, because closing has to happen even if the calling task was cancelled.
        _ = try? await Task { [self] in
            try await BlockingExecutor.run { [self] in
                state.withLock { state in
                    state.isClosed = true
                    state.store.disconnect()
                }
            }
        }.value
    }

    private func attempt(
        _ change: OverrideChange?, of config: String, _ publish: @Sendable (OverrideSet) -> Void
    ) throws -> OverrideSet {
        try state.withLock { state in
            guard !state.isClosed else { throw SQLiteCacheError(.closed, "the store of overrides has been closed") }
            let (held, known) = (state.held, state.connection)
            let (connection, result) = try state.store.withDatabase { database throws(SQLiteCacheError) in
                let table = OverrideTable(database: database)
                // A file that was opened again can have lost what it had.
                let lost = database.number == known ? [:] : held
                return (database.number, try table.perform(change, of: config, lost: lost))
            }
            state.connection = connection
            let overrides = try result.get()
            state.held[config] = overrides
            publish(overrides)
            return overrides
        }
    }
}

/// The table of overrides in a database.
private struct OverrideTable {
    let database: SQLiteDatabase

    /// Makes a change, and returns the overrides of the config.
    ///
    /// - Parameters:
    ///   - change: The change, if there is one.
    ///   - config: The config.
    ///   - lost: Overrides by config, to add where the table has none with the same identity.
    /// - Returns: The overrides; a failure if the change is refused, which then has no effect.
    /// - Throws: `SQLiteCacheError` if the database cannot be read or written.
    func perform(
        _ change: OverrideChange?, of config: String, lost: [String: OverrideSet]
    ) throws(SQLiteCacheError) -> Result<OverrideSet, OverrideError> {
        if change == nil, lost.isEmpty { return .success(try read(config)) }
        return try database.transaction { () throws(SQLiteCacheError) in
            for (config, overrides) in lost {
                for override in overrides { try insert(override, of: config, replacing: false) }
            }
            var overrides = try read(config)
            guard let change else { return .success(overrides) }
            do throws(OverrideError) {
                try change.apply(to: &overrides)
            } catch {
                return .failure(error)
            }
            try write(change, overrides, of: config)
            return .success(overrides)
        }
    }

    /// Reads the overrides of a config. Rows that no version of this package has written are skipped.
    private func read(_ config: String) throws(SQLiteCacheError) -> OverrideSet {
        let rows = try database.rows(
            "SELECT key, user, type, value, enabled, updated FROM configcat_overrides WHERE config = ?1",
            [Array(config.utf8)]
        ) { row throws(SQLiteCacheError) -> Override? in
            guard let key = String(validating: row.bytes(0), as: UTF8.self),
                let user = String(validating: row.bytes(1), as: UTF8.self),
                let type = UInt8(exactly: row.integer(2)).flatMap(SettingType.init(rawValue:)),
                let json = try? JSONValue(row.bytes(3)), let value = try? SettingValue(json, type: type)
            else { return nil }
            return try? Override(
                key: key, user: user.isEmpty ? nil : user, value: value, isEnabled: row.integer(4) != 0,
                updated: Date(timeIntervalSince1970: Double(row.integer(5)) / 1000))
        }
        return OverrideSet(rows.compactMap(\.self))
    }

    /// Writes a change that led to these overrides.
    private func write(
        _ change: OverrideChange, _ changed: OverrideSet, of config: String
    ) throws(SQLiteCacheError) {
        switch change {
        case .enable(let id, _, _):
            if let override = changed[id] { try insert(override, of: config, replacing: true) }
        case .set(let override):
            try insert(override, of: config, replacing: true)
        case .remove(let id):
            try database.change(
                "DELETE FROM configcat_overrides WHERE config = ?1 AND key = ?2 AND user = ?3",
                [Array(config.utf8), Array(id.key.utf8), Array((id.user ?? "").utf8)])
        case .merge(let overrides, let isReplacing):
            if isReplacing {
                try database.change("DELETE FROM configcat_overrides WHERE config = ?1", [Array(config.utf8)])
            }
            for override in overrides { try insert(override, of: config, replacing: true) }
        }
    }

    private func insert(_ override: Override, of config: String, replacing: Bool) throws(SQLiteCacheError) {
        let milliseconds = Int64(exactly: (override.updated.timeIntervalSince1970 * 1000).rounded()) ?? 0
        try database.change(
            """
            INSERT OR \(replacing ? "REPLACE" : "IGNORE") INTO configcat_overrides
                (config, key, user, type, value, enabled, updated)
            VALUES (?1, ?2, ?3, CAST(?4 AS INTEGER), ?5, CAST(?6 AS INTEGER), CAST(?7 AS INTEGER))
            """,
            [
                Array(config.utf8), Array(override.key.utf8), Array((override.user ?? "").utf8),
                Array(String(override.value.type.rawValue).utf8), Array(JSONValue(override.value).json.utf8),
                Array((override.isEnabled ? "1" : "0").utf8), Array(String(milliseconds).utf8),
            ])
    }
}

/// Streams of the changes of a file, which end together.
private final class ChangeStreams: Sendable {
    private struct State {
        var isFinished = false
        var streams: [Int: AsyncStream<Void>.Continuation] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    func stream(watching path: String) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state -> Int? in
            guard !state.isFinished else { return nil }
            state.count += 1
            state.streams[state.count] = continuation
            return state.count
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        let watcher = FileWatcher(path: path, settling: .milliseconds(5))
        continuation.onTermination = { [weak self] _ in
            watcher.stop()
            self?.state.withLock { $0.streams[number] = nil }
        }
        watcher.start { continuation.yield() }
        return stream
    }

    func finish() {
        let streams = state.withLock { state in
            state.isFinished = true
            return state.streams.values.map(\.self)
        }
        for stream in streams { stream.finish() }
    }
}
