public import ConfigCatCache
import Synchronization

/// Keeps each value in a file of its own, for the processes of one machine.
///
/// A write goes to a new file in the same directory, which is flushed to the disk and then takes the place of the old one,
/// so that a reader sees the old value or the new, and a crash at any moment leaves one of them. Files have the mode 0600,
/// the directory, if it is made here, 0700.
public final class FileConfigCache: ClosableConfigCache, RemovingConfigCache {
    private let store: FileStore
    private let isClosed = Atomic<Bool>(false)

    /// A cache in a directory, which is made if it is not there.
    ///
    /// - Parameter directory: The path of the directory.
    /// - Throws: `FileCacheError` if the path is no directory and cannot be made one.
    public init(directory: String) throws {
        store = FileStore(directory: directory)
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

    public func close() async {
        isClosed.store(true, ordering: .relaxed)
    }

    private func perform<Result: Sendable>(
        _ body: @escaping @Sendable (FileStore) throws -> Result
    ) async throws -> Result {
        guard !isClosed.load(ordering: .relaxed) else {
            throw FileCacheError(.closed, "the file cache has been closed")
        }
        return try await BlockingExecutor.run { [store] in try body(store) }
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
