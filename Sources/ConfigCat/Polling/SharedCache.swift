import ConfigCatCache
import ConfigCatEvaluation

/// A client's cache entry, with whatever the cache can do beyond reading and writing.
///
/// Stores may have a clock of their own: times are converted to that of this process, so that all else need not know.
struct SharedCache: Sendable {
    typealias Machine = PollingStateMachine<ConfigEntry>

    let key: String
    private let cache: any ConfigCache
    private let headers: (any HeaderReadingConfigCache)?
    private let order: (any OrderedConfigCache)?
    private let leases: (any LeasingConfigCache)?
    private let notifier: (any NotifyingConfigCache)?
    private let clock: WallClock
    private let metrics: ClientMetrics
    /// Whose leases are this client's.
    private let token = String(UInt64.random(in: .min ... .max), radix: 36)

    init(_ cache: any ConfigCache, key: String, clock: WallClock, metrics: ClientMetrics) {
        self.cache = cache
        self.key = key
        self.clock = clock
        self.metrics = metrics
        headers = cache as? any HeaderReadingConfigCache
        order = cache as? any OrderedConfigCache
        leases = cache as? any LeasingConfigCache
        notifier = cache as? any NotifyingConfigCache
    }

    var hasLeases: Bool { leases != nil }
    var changes: AsyncStream<Void>? { notifier?.changes(for: key) }

    // MARK: - Reading

    /// What was last seen in the cache, so that it is not read or parsed again.
    struct Seen: Sendable {
        var header: CacheEntryHeader?
        var text: String?
    }

    func read(held: ConfigEntry?, acceptsOlder: Bool, seen: inout Seen) async throws -> Machine.CacheRead {
        guard let headers else { return try await readWhole(nil, seen: &seen) }
        metrics.headerRead()
        let header = try await whereItMayBlock { try await headers.readHeader(for: key) }
        let look = CacheLook(
            header: header, held: held, last: seen.header, acceptsOlder: acceptsOlder, now: clock.now())
        if case .done(let read) = look { return read }
        return try await readWhole(header, seen: &seen)
    }

    private func readWhole(_ header: CacheEntryHeader?, seen: inout Seen) async throws -> Machine.CacheRead {
        metrics.cacheRead()
        guard let text = try await whereItMayBlock({ try await cache.read(for: key) }) else { return .absent }
        if let last = seen.text, last.utf8.elementsEqual(text.utf8) { return .nothingNew }
        // What cannot be read is told once, not at each poll.
        seen.header = header
        var entry = try ConfigEntry(serialized: text)
        seen.text = header == nil ? text : nil
        if let header {
            let (newer, isOverflow) = entry.fetchTime.subtractingReportingOverflow(header.fetchTime)
            let age = isOverflow ? 0 : header.age - min(max(newer, 0), header.age)
            entry.fetchTime = CacheLook<ConfigEntry>.time(of: age, now: clock.now())
        }
        return .entry(entry)
    }

    /// Reads on threads that may wait. What was read is decoded elsewhere: that takes a processor, not a wait.
    private func whereItMayBlock<Result: Sendable>(
        _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withTaskExecutorPreference(BlockingExecutor.shared, operation: body)
    }

    // MARK: - Writing

    /// - Returns: Whether the cache kept an entry that is newer.
    func write(_ entry: ConfigEntry, isConfirmed: Bool, seen: inout Seen) async throws -> Bool {
        guard let order else {
            metrics.cacheWrite()
            let text = entry.serialized
            try await cache.write(for: key, value: text)
            seen.text = text
            return false
        }
        let age = max(0, clock.now() - entry.fetchTime)
        if isConfirmed, !entry.eTag.isEmpty {
            metrics.renewal()
            let outcome = try await order.renew(eTag: entry.eTag, age: age, for: key)
            if outcome != .otherEntry { return outcome == .keptNewer }
        }
        metrics.cacheWrite()
        return try await order.write(
            eTag: entry.eTag, configJSON: entry.config.document, age: age, for: key) == .keptNewer
    }

    // MARK: - Leases

    func acquireLease(milliseconds: Int64) async throws -> Machine.Lease {
        guard let leases else { return .failed }
        switch try await leases.acquireLease(for: key, token: token, milliseconds: milliseconds) {
        case .granted:
            metrics.lease(isGranted: true)
            return .granted
        case .held(let milliseconds):
            metrics.lease(isGranted: false)
            return .held(milliseconds: milliseconds)
        }
    }

    func releaseLease() async throws {
        try await leases?.releaseLease(for: key, token: token)
    }
}
