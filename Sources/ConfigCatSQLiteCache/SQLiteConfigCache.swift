public import ConfigCatCache
import Synchronization

/// Keeps values in a SQLite database, for the processes of one machine.
///
/// The database is in WAL mode: readers do not wait for a writer. A process that is killed loses nothing that was written;
/// with `synchronous` at `normal`, a power cut may lose the last writes, with `full` it does not. A file that is damaged is
/// moved aside, never deleted, and a fresh one begun, of which the next read or write tells by an error; one that is deleted
/// is made again.
public final class SQLiteConfigCache: ClosableConfigCache, RemovingConfigCache {
    /// When SQLite waits for the disk.
    public enum Synchronous: String, Sendable {
        /// Never: a power cut may damage the database.
        case off = "OFF"
        /// At checkpoints: a power cut may lose the last writes, and damages nothing.
        case normal = "NORMAL"
        /// At each write.
        case full = "FULL"
    }

    private let state: Mutex<State>

    private struct State: ~Copyable {
        var store: SQLiteStore
        var isClosed = false
    }

    /// A cache in a database file, which is made if it is not there.
    ///
    /// - Parameters:
    ///   - path: The path of the file; its directory has to be there.
    ///   - busyTimeout: How long to wait for other processes' writes; 5 seconds by default.
    ///   - synchronous: When SQLite waits for the disk; `normal` by default.
    /// - Throws: `SQLiteCacheError` if the file cannot be opened, or a newer version has written it.
    public init(path: String, busyTimeout: Duration = .seconds(5), synchronous: Synchronous = .normal) throws {
        let (seconds, attoseconds) = busyTimeout.components
        let milliseconds = min(max(seconds, 0), 2_000_000) * 1000 + attoseconds / 1_000_000_000_000_000
        var store = SQLiteStore(
            path: path, busyTimeout: Int32(clamping: milliseconds), synchronous: synchronous.rawValue)
        try store.connect()
        state = Mutex(State(store: store))
    }

    public func read(for key: String) async throws -> String? {
        try await perform { try $0.read(key) }
    }

    public func write(for key: String, value: String) async throws {
        try await perform { try $0.write(key, value) }
    }

    public func remove(for key: String) async throws {
        try await perform { try $0.remove(key) }
    }

    public func close() async {
        // Not run as others are: it has to be done even in a task that was cancelled.
        _ = try? await Task { [self] in
            try await BlockingExecutor.run { [self] in
                state.withLock { state in
                    state.isClosed = true
                    state.store.disconnect()
                }
            }
        }.value
    }

    private func perform<Result: Sendable>(
        _ body: @escaping @Sendable (inout SQLiteStore) throws -> Result
    ) async throws -> Result {
        try await BlockingExecutor.run { [self] in
            try state.withLock { state in
                guard !state.isClosed else { throw SQLiteCacheError(.closed, "the SQLite cache has been closed") }
                return try body(&state.store)
            }
        }
    }
}

extension ConfigCache where Self == SQLiteConfigCache {
    /// A database file: `options.configCache = try .sqlite(path: "/var/lib/flags.db")`.
    ///
    /// - Parameters:
    ///   - path: The path of the file; its directory has to be there.
    ///   - busyTimeout: How long to wait for other processes' writes; 5 seconds by default.
    ///   - synchronous: When SQLite waits for the disk; `normal` by default.
    /// - Throws: `SQLiteCacheError` if the file cannot be opened, or a newer version has written it.
    public static func sqlite(
        path: String, busyTimeout: Duration = .seconds(5), synchronous: SQLiteConfigCache.Synchronous = .normal
    ) throws -> SQLiteConfigCache {
        try SQLiteConfigCache(path: path, busyTimeout: busyTimeout, synchronous: synchronous)
    }
}
