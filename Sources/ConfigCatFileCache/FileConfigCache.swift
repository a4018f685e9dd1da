public import ConfigCatCache
import Synchronization

/// Keeps each value in a file of its own, for the processes of one machine.
///
/// A write goes to a new file in the same directory, which is flushed to the disk and then takes the place of the old one,
/// so that a reader sees the old value or the new, and a crash at any moment leaves one of them. Files have the mode 0600,
/// the directory, if it is made here, 0700.
public final class FileConfigCache: ClosableConfigCache, FleetConfigCache, RemovingConfigCache {
    private let store: FileStore
    private let signal = ChangeSignal()
    private let isClosed = Atomic<Bool>(false)
    /// A disk that hangs occupies so many threads, and no more.
    private let lane = BlockingLane(width: 4)
    private let now: @Sendable () -> Int64

    /// Creates a cache in a directory, which is made if it is not there.
    ///
    /// - Parameter directory: The path of the directory.
    /// - Throws: `FileCacheError` if the path is not a directory and cannot be made one.
    public convenience init(directory: String) throws {
        try self.init(directory: directory) { HostClock.now }
    }

    /// Creates a cache with a clock of its own.
    package init(directory: String, now: @escaping @Sendable () -> Int64) throws {
        store = FileStore(directory: directory)
        self.now = now
        try store.prepare()
    }

    public func read(for key: String) async throws -> String? {
        try await perform { try $0.value(for: key) }
    }

    public func write(for key: String, value: String) async throws {
        try await perform { try $0.set(value, for: key) }
    }

    public func remove(for key: String) async throws {
        try await perform { try $0.remove(key) }
    }

    // MARK: - Fleets

    public func readHeader(for key: String) async throws -> CacheHeaderReading {
        try await perform { [now] store in
            CacheHeaderReading(content: try store.header(for: key), storeTime: now())
        }
    }

    public func write(
        _ entry: CacheEntry, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome {
        try await transaction(key) { try $0.write(entry, replacing: futureTime, now: $1) }
    }

    public func refreshTimestamp(
        _ header: CacheEntryHeader, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome {
        try await transaction(key) { try $0.refreshTimestamp(header, replacing: futureTime, now: $1) }
    }

    public func acquireLease(for key: String, token: String, duration: Duration) async throws -> LeaseResult {
        try await transaction(key) { try $0.acquireLease(token: token, duration: duration, now: $1) }
    }

    public func releaseLease(for key: String, token: String) async throws {
        try await transaction(key) { transaction, _ in try transaction.releaseLease(token: token) }
    }

    public func changes(for key: String) -> AsyncStream<Void> {
        guard let path = try? store.path(key) else { return AsyncStream { $0.finish() } }
        let watcher = FileWatcher(path: path, settling: .milliseconds(2))
        let stream = signal.stream(for: key) { watcher.stop() }
        watcher.start { [weak signal] in signal?.send(for: key) }
        return stream
    }

    public func close() async {
        signal.finish()
        isClosed.store(true, ordering: .relaxed)
    }

    /// Does something with a key while no other process writes it. The time is that at which the key has been locked.
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

extension ConfigCache where Self == FileConfigCache {
    /// Files in a directory: `options.configCache = try .file(directory: "/var/cache/flags")`.
    ///
    /// - Parameter directory: The path of the directory; it is made if it is not there.
    /// - Throws: `FileCacheError` if the path is no directory and cannot be made one.
    public static func file(directory: String) throws -> FileConfigCache {
        try FileConfigCache(directory: directory)
    }
}
