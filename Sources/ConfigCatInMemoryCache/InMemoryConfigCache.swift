public import ConfigCatCache
import Synchronization

/// Keeps values in the memory of this process, for the clients in it. When there are too many, those that were not used for
/// longest go.
public final class InMemoryConfigCache: RemovingConfigCache {
    /// The cache that ``ConfigCatCache/ConfigCache/inMemory()`` gives to all clients of the process.
    public static let shared = InMemoryConfigCache()

    private struct Entry {
        var value: String
        var lastUse: UInt64
    }

    private struct State {
        var entries: [[UInt8]: Entry] = [:]
        var uses: UInt64 = 0
    }

    private let state = Mutex(State())
    private let maximumEntries: Int

    /// An empty cache.
    ///
    /// - Parameter maximumEntries: How many values are kept at most; at least 1, 1,000 by default.
    public init(maximumEntries: Int = 1000) {
        self.maximumEntries = max(1, maximumEntries)
    }

    public func read(for key: String) -> String? {
        state.withLock { state in
            state.uses += 1
            let key = Array(key.utf8)
            state.entries[key]?.lastUse = state.uses
            return state.entries[key]?.value
        }
    }

    public func write(for key: String, value: String) {
        state.withLock { state in
            state.uses += 1
            state.entries[Array(key.utf8)] = Entry(value: value, lastUse: state.uses)
            guard state.entries.count > maximumEntries else { return }
            if let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse })?.key {
                state.entries[oldest] = nil
            }
        }
    }

    public func remove(for key: String) {
        state.withLock { _ = $0.entries.removeValue(forKey: Array(key.utf8)) }
    }
}

extension ConfigCache where Self == InMemoryConfigCache {
    /// The memory of this process, shared by all its clients: `options.configCache = .inMemory()`.
    public static func inMemory() -> InMemoryConfigCache { .shared }
}
