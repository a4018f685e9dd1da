public import ConfigCatCache
import Synchronization

/// A cache in a SQLite database, for the processes of one machine.
///
/// The database is in WAL mode: readers do not wait for a writer. A process that is killed loses nothing that was
/// written; a power cut may lose the last writes with ``Synchronous/normal``, but not with ``Synchronous/full``. A
/// damaged file is moved aside, never deleted, and a new one is created; the next read or write reports this by
/// throwing. A deleted file is created again.
///
/// If an operation fails, the methods throw ``SQLiteCacheError``.
///
///     options.configCache = try .sqlite(path: "/var/lib/flags.db")
public final class SQLiteConfigCache: ClosableConfigCache, FleetConfigCache, RemovingConfigCache {
    /// The moments at which SQLite waits for the disk.
    public enum Synchronous: String, Sendable {
        /// Never: a power cut may damage the database.
        case off = "OFF"
        /// At checkpoints: a power cut may lose the last writes, but does not damage the database.
        case normal = "NORMAL"
        /// At each write: a power cut loses nothing.
        case full = "FULL"
    }

    private let path: String
    private let signal = ChangeSignal()
    private let state: Mutex<State>
    private let now: @Sendable () -> Int64
    /// Only one call at a time uses the database; a disk that hangs occupies one thread.
    private let lane = BlockingLane(width: 1)

    private struct State: ~Copyable {
        var store: SQLiteStore
        var isClosed = false
    }

    /// Creates a cache in a database file, which is created if it does not exist.
    ///
    /// - Parameters:
    ///   - path: The path of the file; its directory has to exist.
    ///   - busyTimeout: How long to wait for other processes' writes; 5 seconds by default.
    ///   - synchronous: When SQLite waits for the disk; `normal` by default.
    /// - Throws: ``SQLiteCacheError`` if the file cannot be opened, or a newer version of this package has written it.
    public convenience init(
        path: String, busyTimeout: Duration = .seconds(5), synchronous: Synchronous = .normal
    ) throws {
        try self.init(path: path, busyTimeout: busyTimeout, synchronous: synchronous) { HostClock.now }
    }

    /// Creates a cache with the given clock.
    package init(
        path: String, busyTimeout: Duration = .seconds(5), synchronous: Synchronous = .normal,
        now: @escaping @Sendable () -> Int64
    ) throws {
        self.now = now
        self.path = path
        var store = SQLiteStore(
            path: path, busyTimeout: Int32(clamping: max(0, busyTimeout.milliseconds)),
            synchronous: synchronous.rawValue)
        try store.connect()
        state = Mutex(State(store: store))
    }

    /// Reads the value of a key; nil if there is none.
    public func read(for key: String) async throws -> String? {
        try await perform { database throws(SQLiteCacheError) in try database.read(key) }
    }

    /// Writes the value of a key.
    public func write(for key: String, value: String) async throws {
        try await perform { database throws(SQLiteCacheError) in try database.write(key, value) }
    }

    /// Removes the value of a key, if there is one.
    public func remove(for key: String) async throws {
        try await perform { database throws(SQLiteCacheError) in try database.remove(key) }
    }

    // MARK: - Fleets

    /// Reads the header of a key's entry, and the clock of the host.
    public func readHeader(for key: String) async throws -> CacheHeaderReading {
        try await perform { [now] database throws(SQLiteCacheError) in
            CacheHeaderReading(beginningOf: try database.header(key), storeTime: now())
        }
    }

    /// Writes an entry, unless the database has a newer one.
    public func write(
        _ entry: CacheEntry, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome {
        try await transaction(key) { transaction, now throws(SQLiteCacheError) in
            try transaction.write(entry, replacing: futureTime, now: now)
        }
    }

    /// Sets the fetch time of an entry without writing its config.
    public func refreshTimestamp(
        _ header: CacheEntryHeader, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome {
        try await transaction(key) { transaction, now throws(SQLiteCacheError) in
            try transaction.refreshTimestamp(header, replacing: futureTime, now: now)
        }
    }

    /// Takes the lease of a key, unless another process holds it.
    public func acquireLease(for key: String, token: String, duration: Duration) async throws -> LeaseResult {
        try await transaction(key) { transaction, now throws(SQLiteCacheError) in
            try transaction.acquireLease(token: token, duration: duration, now: now)
        }
    }

    /// Ends a lease, if the token holds it.
    public func releaseLease(for key: String, token: String) async throws {
        try await transaction(key) { transaction, _ throws(SQLiteCacheError) in
            try transaction.releaseLease(token: token)
        }
    }

    /// Returns a stream of change signals for a key. A write of any key causes a signal.
    public func changes(for key: String) -> AsyncStream<Void> {
        // Every write of any process goes to this file first. Listeners read the header to learn whether their entry
        // changed.
        let watcher = FileWatcher(path: path + "-wal", settling: .milliseconds(5))
        let stream = signal.stream(for: key) { watcher.stop() }
        watcher.start { [weak signal] in signal?.send(for: key) }
        return stream
    }

    /// Closes the database, and ends all streams of change signals. Later calls throw.
    public func close() async {
        signal.finish()
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

    /// Calls `body` in a transaction. `now` is the time after the transaction has begun.
    private func transaction<Result: Sendable>(
        _ key: String,
        _ body: @escaping @Sendable (inout SQLiteEntryTransaction, _ now: Int64) throws(SQLiteCacheError) -> Result
    ) async throws -> Result {
        try await perform { [now] database throws(SQLiteCacheError) in
            try database.transaction { () throws(SQLiteCacheError) in
                var transaction = SQLiteEntryTransaction(database: database, key: key)
                return try body(&transaction, now())
            }
        }
    }

    private func perform<Result: Sendable>(
        _ body: @escaping @Sendable (SQLiteDatabase) throws(SQLiteCacheError) -> Result
    ) async throws -> Result {
        try await lane.run { [self] in
            try state.withLock { state in
                guard !state.isClosed else { throw SQLiteCacheError(.closed, "the SQLite cache has been closed") }
                return try state.store.withDatabase(body)
            }
        }
    }
}

extension SQLiteConfigCache: NamedConfigCache {
    /// The name of the system in traces: `sqlite`.
    public var systemName: String { "sqlite" }
}

extension ConfigCache where Self == SQLiteConfigCache {
    /// Creates a cache in a database file: `options.configCache = try .sqlite(path: "/var/lib/flags.db")`.
    ///
    /// - Parameters:
    ///   - path: The path of the file, which is created if it does not exist; its directory has to exist.
    ///   - busyTimeout: How long to wait for other processes' writes; 5 seconds by default.
    ///   - synchronous: When SQLite waits for the disk; `normal` by default.
    /// - Returns: The cache.
    /// - Throws: ``SQLiteCacheError`` if the file cannot be opened, or a newer version of this package has written it.
    public static func sqlite(
        path: String, busyTimeout: Duration = .seconds(5), synchronous: SQLiteConfigCache.Synchronous = .normal
    ) throws -> SQLiteConfigCache {
        try SQLiteConfigCache(path: path, busyTimeout: busyTimeout, synchronous: synchronous)
    }
}
