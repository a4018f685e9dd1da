public import ConfigCatCache
import Synchronization

/// Keeps values in the memory of this process, for the clients in it. When there are too many, those that were not used for
/// longest go.
public final class InMemoryConfigCache: FleetConfigCache, RemovingConfigCache {
    /// The cache that ``ConfigCatCache/ConfigCache/inMemory()`` gives to all clients of the process.
    public static let shared = InMemoryConfigCache()

    private struct Entry {
        var value: String
        var lastUse: UInt64
    }

    private struct State {
        var entries: [[UInt8]: Entry] = [:]
        var leases: [[UInt8]: LeaseRecord] = [:]
        var uses: UInt64 = 0

        mutating func use(_ key: [UInt8]) -> String? {
            uses += 1
            entries[key]?.lastUse = uses
            return entries[key]?.value
        }

        mutating func set(_ value: String, _ key: [UInt8], limit: Int) {
            uses += 1
            entries[key] = Entry(value: value, lastUse: uses)
            guard entries.count > limit else { return }
            if let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })?.key { entries[oldest] = nil }
        }

        mutating func header(_ key: [UInt8]) -> CacheHeaderReading.Content {
            CacheHeaderReading.Content(beginningOf: use(key))
        }
    }

    private let state = Mutex(State())
    private let signal = ChangeSignal()
    private let maximumEntries: Int
    private let now: @Sendable () -> Int64

    /// Creates an empty cache.
    ///
    /// - Parameter maximumEntries: How many values are kept at most; at least 1, 1,000 by default.
    public convenience init(maximumEntries: Int = 1000) {
        let clock = SteadyClock()
        self.init(maximumEntries: maximumEntries) { clock.now }
    }

    /// Creates an empty cache with a clock of its own.
    package init(maximumEntries: Int = 1000, now: @escaping @Sendable () -> Int64) {
        self.maximumEntries = max(1, maximumEntries)
        self.now = now
    }

    public func read(for key: String) -> String? {
        state.withLock { $0.use(Array(key.utf8)) }
    }

    public func write(for key: String, value: String) {
        state.withLock { $0.set(value, Array(key.utf8), limit: maximumEntries) }
        signal.send(for: key)
    }

    public func remove(for key: String) {
        state.withLock { _ = $0.entries.removeValue(forKey: Array(key.utf8)) }
        signal.send(for: key)
    }

    // MARK: - Fleets

    public func readHeader(for key: String) -> CacheHeaderReading {
        state.withLock { CacheHeaderReading(content: $0.header(Array(key.utf8)), storeTime: now()) }
    }

    public func write(_ entry: CacheEntry, replacing futureTime: Int64?, for key: String) -> CacheWriteOutcome {
        let outcome = state.withLock { state in
            let bytes = Array(key.utf8)
            guard
                WritePrecedence.shouldReplace(
                    stored: state.header(bytes).header?.fetchTime, fetchTime: entry.fetchTime, futureTime: futureTime,
                    now: now())
            else { return CacheWriteOutcome.keptNewer }
            state.set(entry.serialized, bytes, limit: maximumEntries)
            return .written
        }
        if outcome == .written { signal.send(for: key) }
        return outcome
    }

    public func refreshTimestamp(_ header: CacheEntryHeader, replacing futureTime: Int64?, for key: String)
        -> CacheWriteOutcome
    {
        state.withLock { state in
            let bytes = Array(key.utf8)
            let outcome = WritePrecedence.timestampRefresh(
                of: state.header(bytes).header, by: header, futureTime: futureTime, now: now())
            guard outcome == .written, let value = state.entries[bytes]?.value,
                let end = value.utf8.firstIndex(of: UInt8(ascii: "\n"))
            else { return outcome }
            state.entries[bytes]?.value = "\(header.fetchTime)" + value[end...]
            return outcome
        }
    }

    public func acquireLease(for key: String, token: String, duration: Duration) -> LeaseResult {
        state.withLock {
            LeaseRecord.acquire(
                &$0.leases[Array(key.utf8)], token: token, duration: duration, now: now())
        }
    }

    public func releaseLease(for key: String, token: String) {
        state.withLock { state in
            let key = Array(key.utf8)
            if state.leases[key]?.token == token { state.leases[key] = nil }
        }
    }

    public func changes(for key: String) -> AsyncStream<Void> {
        signal.stream(for: key)
    }
}

extension ConfigCache where Self == InMemoryConfigCache {
    /// The memory of this process, shared by all its clients: `options.configCache = .inMemory()`.
    public static func inMemory() -> InMemoryConfigCache { .shared }
}
