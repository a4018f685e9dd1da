import ConfigCatCache
import ConfigCatEvaluation

/// A client's entry in its cache, and the capabilities of the cache.
///
/// Entries are dated by the clock of the store if it has one, and by the clock of the host otherwise. This type
/// converts these dates to times of this process, so that the rest of the client needs no wall clock.
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
    private let tracing: OperationTracing
    private let token: LeaseToken

    init(
        _ cache: any ConfigCache, key: String, host: HostRuntime, metrics: ClientMetrics,
        tracing: OperationTracing = OperationTracing()
    ) {
        self.tracing = tracing
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

    /// Whether the cache has change signals, and receives them at this moment.
    var kind: HealthRecord.CacheKind {
        guard notifier != nil, (cache as? LayeredConfigCache)?.reportsChanges ?? true else { return .silent }
        let reporter = cache as? any SubscriptionReportingConfigCache
        guard let reporter else { return .notifying }
        return .reporting(isSubscribed: reporter.isSubscribed(for: key))
    }

    var changes: AsyncStream<Void>? { notifier?.changes(for: key) }

    // MARK: - Reading

    /// Reads the header of the entry, and the rest if it is needed.
    ///
    /// - Parameters:
    ///   - held: The entry that the client holds.
    ///   - acceptsOlder: Whether the client adopts an older entry.
    ///   - seen: The content that was read before.
    /// - Returns: The result, which is `failed` for unreadable content that has already been reported.
    /// - Throws: Any error of the cache; and `CacheEntryError` or `ConfigDecodingError`, once for each unreadable
    ///   content.
    func read(held: ConfigEntry?, acceptsOlder: Bool, seen: inout SeenEntry) async throws -> Machine.CacheRead {
        guard let headers else { return Machine.CacheRead(try await readWithoutHeader(&seen)) }
        for _ in 1...Self.attempts {
            if let read = try await read(headers, held, acceptsOlder, &seen) { return read }
        }
        return Machine.CacheRead(.failed)
    }

    /// The number of attempts to read an entry that is replaced while it is read.
    private static let attempts = 3

    /// Reads the header, and the rest if it is needed. Returns nil if the rest belongs to another entry.
    private func read(
        _ headers: any HeaderReadingConfigCache, _ held: ConfigEntry?, _ acceptsOlder: Bool, _ seen: inout SeenEntry
    ) async throws -> Machine.CacheRead? {
        metrics.headerRead()
        let asked = host.now()
        let reading = try await traced(.readHeader) {
            try await onBlockingThreads { try await headers.readHeader(for: key) }
        }
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
                // The entry has to be read whole if it is accepted later.
                if case .older = content, seen.header == header { seen.header = nil }
                return Machine.CacheRead(content, store: store)
            case .readWhole:
                guard let text = try await readText() else { return Machine.CacheRead(.absent, store: store) }
                // The entry has been replaced since its header was read, so that the header's time does not apply.
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

    /// Reads a cache that has no headers. Its entries are dated by the clock of the host that wrote them.
    private func readWithoutHeader(_ seen: inout SeenEntry) async throws -> Machine.CacheRead.Content {
        guard let text = try await readText() else { return .absent }
        if let last = seen.text, last.utf8.elementsEqual(text.utf8) { return .unchanged }
        // Content that is not an entry is reported once, not at each poll.
        seen.text = text
        let header = try CacheEntryHeader(beginningOf: text)
        let now = host.now()
        return .entry(try Self.entry(text, seen.date(header, storeTime: host.wall(), earliest: now, now: now)))
    }

    /// Reads the value. Returns nil if it is absent or empty.
    private func readText() async throws -> String? {
        metrics.cacheRead()
        let text = try await traced(.read) { try await onBlockingThreads { try await cache.read(for: key) } }
        return text?.isEmpty ?? true ? nil : text
    }

    /// Decodes an entry. Its text is released before the config is compiled, which needs memory too.
    private static func entry(_ text: consuming String, _ time: EntryTime) throws -> ConfigEntry {
        let (eTag, document) = try parts(of: text)
        return ConfigEntry(config: try Config(taking: document), eTag: eTag, time: time)
    }

    private static func parts(of text: consuming String) throws -> (eTag: String, document: DocumentBuffer) {
        let parts = try CacheEntry.parts(of: text)
        return (parts.eTag, DocumentBuffer(parts.configJSON.utf8))
    }

    /// Calls the cache on threads that may block. Entries are decoded elsewhere, because decoding does not block.
    private func onBlockingThreads<Result: Sendable>(
        _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withTaskExecutorPreference(host.blockingExecutor, operation: body)
    }

    // MARK: - Writing

    enum WriteOutcome: Sendable {
        /// The cache has an entry with this header and time. The text is the written value if the cache has no ordered
        /// writes.
        case written(CacheEntryHeader, EntryTime, text: String?)
        /// The cache kept a newer entry.
        case keptNewer
    }

    /// Writes an entry. Of a confirmed entry, only the time is written if the cache has ordered writes.
    func write(_ write: Machine.Write) async throws -> WriteOutcome {
        let entry = write.entry
        guard let order else {
            metrics.cacheWrite()
            let fetchTime =
                if let headers { try await storeTime(of: entry, in: headers) } else { entry.time.fetchTime }
            let written = entry.cacheEntry(fetchTime: fetchTime)
            let text = written.serialized
            try await traced(.write) { try await cache.write(for: key, value: text) }
            return .written(written.header, entry.time, text: text)
        }
        let header = CacheEntryHeader(
            fetchTime: try await storeTime(of: entry, in: order), eTag: entry.eTag)
        var outcome = CacheWriteOutcome.needsFullWrite
        if write.isConfirmed, !entry.eTag.isEmpty {
            metrics.timestampRefresh()
            outcome = try await traced(.refreshTimestamp) {
                try await order.refreshTimestamp(header, replacing: write.futureTime, for: key)
            }
        }
        if outcome == .needsFullWrite {
            metrics.cacheWrite()
            let whole = entry.cacheEntry(fetchTime: header.fetchTime)
            outcome = try await traced(.write) {
                try await order.write(whole, replacing: write.futureTime, for: key)
            }
        }
        return outcome == .keptNewer ? .keptNewer : .written(header, entry.time, text: nil)
    }

    /// Returns the time at which an entry was asked for, by the store's clock. If the store could not be reached before
    /// the download, the time is computed now, from the time that has passed on the monotonic clock.
    private func storeTime(of entry: ConfigEntry, in store: any HeaderReadingConfigCache) async throws -> Int64 {
        if entry.time.isAgeKnown, let storeTime = entry.time.storeTime { return storeTime }
        metrics.headerRead()
        let reading = try await traced(.readHeader) { try await store.readHeader(for: key) }
        return StoreReading(storeTime: reading.storeTime, instant: host.now()).storeTime(at: entry.time.instant)
    }

    // MARK: - Leases

    func acquireLease(duration: Duration) async throws -> Machine.Lease {
        guard let leases else { return .failed }
        let result = try await traced(.acquireLease) {
            try await leases.acquireLease(for: key, token: token.current, duration: duration)
        }
        switch result {
        case .granted:
            metrics.lease(isGranted: true)
            return .granted
        case .held(let left):
            metrics.lease(isGranted: false)
            return .held(milliseconds: left.milliseconds)
        }
    }

    func releaseLease() async throws {
        guard let leases else { return }
        try await traced(.releaseLease) { try await leases.releaseLease(for: key, token: token.next()) }
    }

    // MARK: - Tracing

    private func traced<Result>(
        _ call: CacheCall, _ body: () async throws -> Result
    ) async throws -> Result {
        try await tracing.trace(call.operation(on: cache), fail: CacheCall.outcome(of:), body)
    }
}
