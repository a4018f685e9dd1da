import ConfigCatCache
import ConfigCatEvaluation

/// A client's cache entry, with whatever the cache can do beyond reading and writing.
///
/// Entries are dated by the clock of the store where it has one, else by the clock of the host; here those dates become times
/// of this process, so that the rest of the client needs no wall clock.
struct SharedCache: Sendable {
    typealias Machine = PollingStateMachine<ConfigEntry>

    let key: String
    private let cache: any ConfigCache
    private let headers: (any HeaderReadingConfigCache)?
    private let order: (any OrderedConfigCache)?
    private let leases: (any LeasingConfigCache)?
    private let notifier: (any NotifyingConfigCache)?
    private let host: HostRuntime
    private let metrics: ClientMetrics
    private let token: LeaseToken

    init(_ cache: any ConfigCache, key: String, host: HostRuntime, metrics: ClientMetrics) {
        self.cache = cache
        self.key = key
        self.host = host
        token = LeaseToken(client: host.random())
        self.metrics = metrics
        headers = cache as? any HeaderReadingConfigCache
        order = cache as? any OrderedConfigCache
        leases = cache as? any LeasingConfigCache
        notifier = cache as? any NotifyingConfigCache
    }

    var hasLeases: Bool { leases != nil }

    /// What the cache says of its signals at this moment.
    var kind: HealthRecord.CacheKind {
        guard notifier != nil, (cache as? LayeredConfigCache)?.reportsChanges ?? true else { return .silent }
        let reporter = cache as? any SubscriptionReportingConfigCache
        guard let reporter else { return .notifying }
        return .reporting(isSubscribed: reporter.isSubscribed(for: key))
    }

    var changes: AsyncStream<Void>? { notifier?.changes(for: key) }

    // MARK: - Reading

    /// Reads the entry, or as much of it as is needed.
    ///
    /// - Parameters:
    ///   - held: What the client holds.
    ///   - acceptsOlder: Whether an older entry is of use.
    ///   - seen: What was seen before.
    /// - Throws: Whatever the cache throws; `CacheEntryError` or `ConfigDecodingError` once for each content that is not an
    ///   entry.
    func read(held: ConfigEntry?, acceptsOlder: Bool, seen: inout SeenEntry) async throws -> Machine.CacheRead {
        guard let headers else { return Machine.CacheRead(try await readWithoutHeader(&seen)) }
        for _ in 1...Self.attempts {
            if let read = try await read(headers, held, acceptsOlder, &seen) { return read }
        }
        return Machine.CacheRead(.failed)
    }

    /// How often an entry is read that is replaced between its header and the rest.
    private static let attempts = 3

    /// Reads the header, and the rest if it is needed. Returns nil if the rest belongs to another entry.
    private func read(
        _ headers: any HeaderReadingConfigCache, _ held: ConfigEntry?, _ acceptsOlder: Bool, _ seen: inout SeenEntry
    ) async throws -> Machine.CacheRead? {
        metrics.headerRead()
        let asked = host.now()
        let reading = try await onBlockingThreads { try await headers.readHeader(for: key) }
        var store = StoreReading(storeTime: reading.storeTime, instant: host.now(), asked: asked)
        switch reading.content {
        case .absent: return Machine.CacheRead(.absent, store: store)
        case .unreadable(let error):
            if seen.isNew(error) { throw error }
            return Machine.CacheRead(.failed, store: store)
        case .entry(let header):
            seen.seeReadable()
            if header.fetchTime > store.storeTime { store.futureTime = header.fetchTime }
            var time = seen.date(header, storeTime: store.storeTime, earliest: asked, now: store.instant)
            time.storeTime = header.fetchTime
            time = time.dated(by: store)
            let check = HeaderCheck(
                header, time: time, store: store, held: held, last: seen.header, acceptsOlder: acceptsOlder)
            switch check {
            case .done(let content):
                // It may be accepted later, and is read whole then.
                if case .older = content, seen.header == header { seen.header = nil }
                return Machine.CacheRead(content, store: store)
            case .readWhole:
                guard let text = try await readText() else { return Machine.CacheRead(.absent, store: store) }
                // What has been written since is newer than its header says.
                guard try CacheEntryHeader(beginningOf: text).hasETag(of: header) else { return nil }
                // Content that is not a config is reported once, not at each poll.
                seen.header = header
                do {
                    return Machine.CacheRead(.entry(try Self.entry(text, time)), store: store)
                } catch {
                    (cache as? any RejectingConfigCache)?.reject(for: key)
                    throw error
                }
            }
        }
    }

    /// Reads a cache that has no headers. Such an entry is dated by the clock of the host that wrote it.
    private func readWithoutHeader(_ seen: inout SeenEntry) async throws -> Machine.CacheRead.Content {
        guard let text = try await readText() else { return .absent }
        if let last = seen.text, last.utf8.elementsEqual(text.utf8) { return .unchanged }
        // Content that is not an entry is reported once, not at each poll.
        seen.text = text
        let header = try CacheEntryHeader(beginningOf: text)
        let now = host.now()
        return .entry(try Self.entry(text, seen.date(header, storeTime: host.wall(), earliest: now, now: now)))
    }

    /// Reads the value; nil if there is none, or an empty one.
    private func readText() async throws -> String? {
        metrics.cacheRead()
        guard let text = try await onBlockingThreads({ try await cache.read(for: key) }), !text.isEmpty else {
            return nil
        }
        return text
    }

    private static func entry(_ text: String, _ time: EntryTime) throws -> ConfigEntry {
        let entry = try CacheEntry(serialized: text)
        return ConfigEntry(config: try Config(json: entry.configJSON), eTag: entry.eTag, time: time)
    }

    /// Reads on threads that may wait. What was read is decoded elsewhere: that takes a processor, not a wait.
    private func onBlockingThreads<Result: Sendable>(
        _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withTaskExecutorPreference(host.blockingExecutor, operation: body)
    }

    // MARK: - Writing

    enum WriteOutcome: Sendable {
        /// The cache holds an entry that begins like this, asked for at this time. The text is that of a cache without headers.
        case written(CacheEntryHeader, EntryTime, text: String?)
        /// The cache kept an entry that is newer.
        case keptNewer
    }

    /// Writes an entry; a confirmed one by its time only, where the cache can do that.
    func write(_ write: Machine.Write) async throws -> WriteOutcome {
        let entry = write.entry
        guard let order else {
            metrics.cacheWrite()
            let fetchTime =
                if let headers { try await storeTime(of: entry, in: headers) } else { entry.time.fetchTime }
            let written = entry.cacheEntry(fetchTime: fetchTime)
            let text = written.serialized
            try await cache.write(for: key, value: text)
            return .written(written.header, entry.time, text: text)
        }
        let header = CacheEntryHeader(
            fetchTime: try await storeTime(of: entry, in: order), eTag: entry.eTag)
        var outcome = CacheWriteOutcome.needsFullWrite
        if write.isConfirmed, !entry.eTag.isEmpty {
            metrics.renewal()
            outcome = try await order.refreshTimestamp(header, replacing: write.futureTime, for: key)
        }
        if outcome == .needsFullWrite {
            metrics.cacheWrite()
            let whole = entry.cacheEntry(fetchTime: header.fetchTime)
            outcome = try await order.write(whole, replacing: write.futureTime, for: key)
        }
        return outcome == .keptNewer ? .keptNewer : .written(header, entry.time, text: nil)
    }

    /// Returns when an entry was asked for, by the store's clock. One that was downloaded while the store could not be reached
    /// is dated now, by what has passed since on the monotonic clock.
    private func storeTime(of entry: ConfigEntry, in store: any HeaderReadingConfigCache) async throws -> Int64 {
        if entry.time.isAgeKnown, let storeTime = entry.time.storeTime { return storeTime }
        metrics.headerRead()
        let reading = try await store.readHeader(for: key)
        return StoreReading(storeTime: reading.storeTime, instant: host.now()).storeTime(at: entry.time.instant)
    }

    // MARK: - Leases

    func acquireLease(duration: Duration) async throws -> Machine.Lease {
        guard let leases else { return .failed }
        switch try await leases.acquireLease(for: key, token: token.current, duration: duration) {
        case .granted:
            metrics.lease(isGranted: true)
            return .granted
        case .held(let left):
            metrics.lease(isGranted: false)
            return .held(milliseconds: left.milliseconds)
        }
    }

    func releaseLease() async throws {
        try await leases?.releaseLease(for: key, token: token.next())
    }
}
