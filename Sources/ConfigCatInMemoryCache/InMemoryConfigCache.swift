public import ConfigCatCache
import Synchronization

/// A cache in the memory of this process, for the clients in it. If it has too many values, it removes the least
/// recently used ones.
///
///     options.configCache = .inMemory()
public final class InMemoryConfigCache: FleetConfigCache, RemovingConfigCache {
    /// The cache that ``ConfigCatCache/ConfigCache/inMemory()`` returns to all clients of the process.
    public static let shared = InMemoryConfigCache()

    private struct State {
        var slots: [[UInt8]: InMemorySlot] = [:]
        var uses: UInt64 = 0

        /// Calls `body` with the slot of a key, and marks the slot as the most recently used.
        mutating func use<Result>(_ key: String, _ body: (inout InMemorySlot) -> Result) -> Result {
            uses += 1
            let key = Array(key.utf8)
            var slot = slots.removeValue(forKey: key) ?? InMemorySlot()
            slot.lastUse = uses
            // Reading an absent key must not cause the removal of another key.
            defer { if !slot.isEmpty { slots[key] = slot } }
            return body(&slot)
        }

        mutating func removeOldest(beyond limit: Int) {
            guard slots.count > limit else { return }
            if let oldest = slots.min(by: { $0.value.lastUse < $1.value.lastUse })?.key { slots[oldest] = nil }
        }
    }

    private let state = Mutex(State())
    private let signal = ChangeSignal()
    private let maximumEntries: Int
    private let now: @Sendable () -> Int64

    /// Creates an empty cache.
    ///
    /// - Parameter maximumEntries: The maximum number of values; at least 1, 1,000 by default.
    public convenience init(maximumEntries: Int = 1000) {
        let clock = SteadyClock()
        self.init(maximumEntries: maximumEntries) { clock.now }
    }

    /// Creates an empty cache with the given clock.
    package init(maximumEntries: Int = 1000, now: @escaping @Sendable () -> Int64) {
        self.maximumEntries = max(1, maximumEntries)
        self.now = now
    }

    /// Returns the value of a key; nil if there is none.
    public func read(for key: String) -> String? { use(key) { $0.value } }

    /// Sets the value of a key.
    public func write(for key: String, value: String) {
        use(key) { $0.value = value }
        signal.send(for: key)
    }

    /// Removes the value of a key, if there is one.
    public func remove(for key: String) {
        use(key) { $0.value = nil }
        signal.send(for: key)
    }

    // MARK: - Fleets

    /// Returns the header of a key's entry, and the time of this cache.
    public func readHeader(for key: String) -> CacheHeaderReading {
        use(key) { [now] slot in CacheHeaderReading(beginningOf: slot.value, storeTime: now()) }
    }

    /// Writes an entry, unless the cache has a newer one.
    public func write(_ entry: CacheEntry, replacing futureTime: Int64?, for key: String) -> CacheWriteOutcome {
        let outcome = use(key) { [now] in $0.write(entry, replacing: futureTime, now: now()) }
        if outcome == .written { signal.send(for: key) }
        return outcome
    }

    /// Sets the fetch time of an entry.
    public func refreshTimestamp(
        _ header: CacheEntryHeader, replacing futureTime: Int64?, for key: String
    ) -> CacheWriteOutcome {
        use(key) { [now] in $0.refreshTimestamp(header, replacing: futureTime, now: now()) }
    }

    /// Takes the lease of a key, unless another token holds it.
    public func acquireLease(for key: String, token: String, duration: Duration) -> LeaseResult {
        use(key) { [now] in $0.acquireLease(token: token, duration: duration, now: now()) }
    }

    /// Ends a lease, if the token holds it.
    public func releaseLease(for key: String, token: String) {
        use(key) { $0.releaseLease(token: token) }
    }

    /// Calls `body` with the value and the lease of a key, while the cache is locked.
    private func use<Result: Sendable>(_ key: String, _ body: @Sendable (inout InMemorySlot) -> Result) -> Result {
        state.withLock { state in
            defer { state.removeOldest(beyond: maximumEntries) }
            return state.use(key, body)
        }
    }

    /// Returns a stream of change signals for a key.
    public func changes(for key: String) -> AsyncStream<Void> {
        signal.stream(for: key)
    }
}

extension InMemoryConfigCache: NamedConfigCache {
    /// The name of the system in traces: `in_memory`.
    public var systemName: String { "in_memory" }
}

extension ConfigCache where Self == InMemoryConfigCache {
    /// Returns the in-memory cache that all clients of the process share: `options.configCache = .inMemory()`.
    ///
    /// - Returns: ``InMemoryConfigCache/shared``.
    public static func inMemory() -> InMemoryConfigCache { .shared }
}
