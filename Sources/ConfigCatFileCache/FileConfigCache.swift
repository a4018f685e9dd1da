public import ConfigCatCache
import Synchronization

/// A cache that keeps each value in a separate file, for the processes of one machine.
///
/// A write creates a new file in the same directory, flushes it to the disk, and renames it over the old one. Thus a
/// reader sees either the old value or the new one, and a crash at any moment leaves one of them. Files have the mode
/// 0600; the directory has the mode 0700 if the cache creates it.
///
/// If an operation fails, the methods throw ``FileCacheError``.
///
///     options.configCache = try .file(directory: "/var/cache/flags")
public final class FileConfigCache: ClosableConfigCache, FleetConfigCache, RemovingConfigCache {
    private let store: FileStore
    private let signal = ChangeSignal()
    private let isClosed = Atomic<Bool>(false)
    /// A disk that hangs occupies at most four threads.
    private let lane = BlockingLane(width: 4)
    private let now: @Sendable () -> Int64

    /// Creates a cache in a directory, which is created if it does not exist.
    ///
    /// - Parameter directory: The path of the directory.
    /// - Throws: ``FileCacheError`` if the path is not a directory, or the directory cannot be created.
    public convenience init(directory: String) throws {
        try self.init(directory: directory) { HostClock.now }
    }

    /// Creates a cache with the given clock.
    package init(directory: String, now: @escaping @Sendable () -> Int64) throws {
        store = FileStore(directory: directory)
        self.now = now
        try store.prepare()
    }

    /// Reads the file of a key; nil if there is none.
    public func read(for key: String) async throws -> String? {
        try await perform { try $0.value(for: key) }
    }

    /// Writes the file of a key.
    public func write(for key: String, value: String) async throws {
        try await perform { try $0.set(value, for: key) }
    }

    /// Removes the file of a key, if there is one.
    public func remove(for key: String) async throws {
        try await perform { try $0.remove(key) }
    }

    // MARK: - Fleets

    /// Reads the header of a key's entry, and the clock of the host.
    public func readHeader(for key: String) async throws -> CacheHeaderReading {
        try await perform { [now] store in
            CacheHeaderReading(content: try store.header(for: key), storeTime: now())
        }
    }

    /// Writes an entry, unless the file has a newer one.
    public func write(
        _ entry: CacheEntry, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome {
        try await transaction(key) { try $0.write(entry, replacing: futureTime, now: $1) }
    }

    /// Sets the fetch time of an entry in place, if that is possible.
    public func refreshTimestamp(
        _ header: CacheEntryHeader, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome {
        try await transaction(key) { try $0.refreshTimestamp(header, replacing: futureTime, now: $1) }
    }

    /// Takes the lease of a key, unless another process holds it.
    public func acquireLease(for key: String, token: String, duration: Duration) async throws -> LeaseResult {
        try await transaction(key) { try $0.acquireLease(token: token, duration: duration, now: $1) }
    }

    /// Ends a lease, if the token holds it.
    public func releaseLease(for key: String, token: String) async throws {
        try await transaction(key) { transaction, _ in try transaction.releaseLease(token: token) }
    }

    /// Returns a stream of change signals for a key, whose file it watches.
    public func changes(for key: String) -> AsyncStream<Void> {
        guard let path = try? store.path(key) else { return AsyncStream { $0.finish() } }
        let watcher = FileWatcher(path: path, settling: .milliseconds(2))
        let stream = signal.stream(for: key) { watcher.stop() }
        watcher.start { [weak signal] in signal?.send(for: key) }
        return stream
    }

    /// Ends all streams of change signals. Later calls throw.
    public func close() async {
        signal.finish()
        isClosed.store(true, ordering: .relaxed)
    }

    /// Calls `body` while the key is locked for other processes. `now` is the time after the key was locked.
    private func transaction<Result: Sendable>(
        _ key: String, _ body: @escaping @Sendable (inout FileEntryTransaction, _ now: Int64) throws -> Result
    ) async throws -> Result {
        try await perform { [now] store in
            try store.locked(key) {
                var transaction = FileEntryTransaction(store: store, key: key)
                return try body(&transaction, now())
            }
        }
    }

    private func perform<Result: Sendable>(
        _ body: @escaping @Sendable (FileStore) throws -> Result
    ) async throws -> Result {
        guard !isClosed.load(ordering: .relaxed) else {
            throw FileCacheError(.closed, "the file cache has been closed")
        }
        return try await lane.run { [store] in try body(store) }
    }
}

extension FileConfigCache: NamedConfigCache {
    /// The name of the system in traces: `file`.
    public var systemName: String { "file" }
}

extension ConfigCache where Self == FileConfigCache {
    /// Creates a cache of files in a directory: `options.configCache = try .file(directory: "/var/cache/flags")`.
    ///
    /// - Parameter directory: The path of the directory, which is created if it does not exist.
    /// - Returns: The cache.
    /// - Throws: ``FileCacheError`` if the path is not a directory, or the directory cannot be created.
    public static func file(directory: String) throws -> FileConfigCache {
        try FileConfigCache(directory: directory)
    }
}
