import Synchronization

/// Several caches that are used as one, the nearest first: for example, a file on this machine before a server that
/// many machines share.
///
/// A read asks all layers at once, and returns the freshest entry of those that answer in time. A write goes to all
/// layers. A layer that has no entry, or an older one, gets the newest entry from another layer. The cache works as
/// long as one layer does.
///
///     options.configCache = try .layered([.sqlite(path: "/var/lib/flags.db"), .redis("redis://cache:6379")])
public final class LayeredConfigCache: FleetConfigCache, ClosableConfigCache, RemovingConfigCache, RejectingConfigCache,
    SubscriptionReportingConfigCache
{
    private let layers: [CacheLayer]
    private let onError: (@Sendable (_ layer: Int, _ error: any Error) -> Void)?
    private let host: HostRuntime
    private let clock: SteadyClock
    private let readings = Mutex<[String: LayerReadings]>([:])
    /// When the last repair of a layer began.
    private let repairs = Mutex<[RepairID: Int64]>([:])
    private let repairTasks: TaskTracker
    private let isClosed = Atomic<Bool>(false)

    /// Creates a cache from several others, which it owns: closing it closes them.
    ///
    /// - Parameters:
    ///   - layers: The caches, the nearest first.
    ///   - timeout: How long to wait for the answer of a layer; half a second by default. A layer that takes longer is
    ///     not asked again until it has answered.
    ///   - onError: Called with the index of a layer and its error, for each layer that fails while others answer.
    public convenience init(
        _ layers: [any ConfigCache], timeout: Duration = .milliseconds(500),
        onError: (@Sendable (_ layer: Int, _ error: any Error) -> Void)? = nil
    ) {
        self.init(layers, timeout: timeout, onError: onError, host: .system)
    }

    /// Creates a cache with the given clocks and executors.
    package init(
        _ layers: [any ConfigCache], timeout: Duration = .milliseconds(500),
        onError: (@Sendable (_ layer: Int, _ error: any Error) -> Void)? = nil, host: HostRuntime
    ) {
        self.layers = layers.map { CacheLayer($0, timeout: timeout, host: host) }
        self.onError = onError
        self.host = host
        clock = SteadyClock(host)
        repairTasks = TaskTracker(host)
    }

    // MARK: - Reading

    /// Reads the entry whose header was read last; without such a header, the freshest entry of all layers.
    public func read(for key: String) async throws -> String? {
        // The date in the header belongs to one layer. The entry of another layer would get a wrong date.
        if let index = readings.withLock({ $0[key]?.takeAnnounced() }) {
            do {
                if let text = try await layers[index].limited({ try await $0.read(for: key) }) { return text }
            } catch {
                // For some time, headers come from another layer.
                let end = clock.now + Self.readPause
                readings.withLock { $0[key]?.disregard(index, until: end) }
                throw error
            }
        }
        let headers = try await headers(for: key)
        let byAge = headers.sorted { ($0.header?.rank ?? .min) > ($1.header?.rank ?? .min) }
        for (index, header) in byAge where header != nil {
            do {
                if let text = try await layers[index].limited({ try await $0.read(for: key) }) { return text }
            } catch {
                onError?(index, error)
            }
        }
        guard headers.contains(where: { $0.header != nil }) else { return try await anyText(for: key) }
        throw LayeredCacheError(message: "the layers that have the entry no longer answer")
    }

    /// How long an entry that could not be read is disregarded, in milliseconds.
    private static let readPause: Int64 = 5000

    /// Disregards the entry that was read last until it changes, because its content is not a config.
    package func reject(for key: String) {
        readings.withLock { $0[key]?.disregardLast() }
    }

    /// Returns the first value of any layer, also if it is not an entry and thus has no header.
    private func anyText(for key: String) async throws -> String? {
        try await all { try await $1.read(for: key) }.compactMap(\.1).first
    }

    /// Returns the freshest header of all layers. Layers that are out of date are repaired in the background.
    public func readHeader(for key: String) async throws -> CacheHeaderReading {
        let headers = try await headers(for: key)
        let now = clock.now
        var found = headers.compactMap { index, header in header.map { (index: index, header: $0) } }
        // A layer that does not answer still has its entry: an older entry of another layer must not replace it.
        let silent = layers.indices.filter { index in !headers.contains { $0.index == index } }
        readings.withLock { readings in
            found += silent.compactMap { index in
                readings[key]?.remembered(of: index, at: now).map { (index: index, header: $0) }
            }
        }
        guard let (source, freshest) = found.max(by: { $0.header.rank < $1.header.rank }) else {
            // The next download overwrites content that cannot be read.
            return CacheHeaderReading(content: .absent, storeTime: now)
        }
        // The age of an entry dated in the future is unknown, so it is not copied. Another layer may have the same
        // config.
        let sources = found.filter { index, header in
            header.isAgeKnown && header.header.fetchTime <= now && !silent.contains(index)
                && (index == source || !freshest.isAgeKnown && header.header.hasETag(of: freshest.header))
        }
        if let (index, repairing) = sources.max(by: { $0.header.rank < $1.header.rank }) {
            for (other, header) in headers where Self.isBehind(header, repairing.header) {
                repair(other, from: index, repairing.header, key)
            }
        }
        readings.withLock { $0[key]?.announce(source) }
        return CacheHeaderReading(content: .entry(freshest.header), storeTime: now)
    }

    /// Returns the header that each layer has, on the clock of this cache.
    private func headers(for key: String) async throws -> [(index: Int, header: LayerReadings.Header?)] {
        try await all { index, cache in try await self.header(of: cache, index, key) }
    }

    private func header(
        of cache: any ConfigCache, _ index: Int, _ key: String
    ) async throws -> LayerReadings.Header? {
        let asked = clock.now
        let answer: CacheHeaderReading
        if let cache = cache as? any HeaderReadingConfigCache {
            answer = try await cache.readHeader(for: key)
        } else {
            answer = CacheHeaderReading(beginningOf: try await cache.read(for: key), storeTime: host.wall())
        }
        let answered = clock.now
        return readings.withLock {
            $0[key, default: LayerReadings()].add(answer, of: index, asked: asked, answered: answered)
        }
    }

    // MARK: - Repairing

    /// Returns whether a layer has no entry, another config, or the same config with a much older fetch time.
    private static func isBehind(_ header: LayerReadings.Header?, _ freshest: CacheEntryHeader) -> Bool {
        guard let header, header.isAgeKnown, header.header.hasETag(of: freshest) else { return true }
        return freshest.fetchTime.subtractingClamped(header.header.fetchTime) > staleAge
    }

    /// The difference of fetch times up to which a layer counts as current, in milliseconds: the layers' clocks differ
    /// slightly.
    private static let staleAge: Int64 = 500
    private static let repairLease: Duration = .seconds(2)
    /// The minimum time between two repairs of a layer, in milliseconds: some layers lose what is written to them.
    private static let repairPause: Int64 = 2000

    private struct RepairID: Hashable {
        var key: String
        var layer: Int
    }

    /// Notes that a repair begins, and returns true, unless one began less than ``repairPause`` ago.
    private func beginsRepair(_ id: RepairID) -> Bool {
        let now = clock.now
        return repairs.withLock { repairs in
            if let begun = repairs[id], now - begun < Self.repairPause { return false }
            repairs[id] = now
            return true
        }
    }

    /// Brings a layer up to date in the background, so that readers do not wait.
    private func repair(_ index: Int, from source: Int, _ freshest: CacheEntryHeader, _ key: String) {
        guard index != source, beginsRepair(RepairID(key: key, layer: index)) else { return }
        repairTasks.run(mayBlock: true) { [self] in
            do {
                try await copy(key, freshest, to: index, from: source)
            } catch {
                onError?(index, error)
            }
        }
    }

    private func copy(
        _ key: String, _ freshest: CacheEntryHeader, to index: Int, from source: Int
    ) async throws {
        if !freshest.eTag.isEmpty {
            let outcome = try await layers[index].limited {
                try await self.refreshTimestamp(freshest, in: $0, index, for: key)
            }
            if outcome != .needsFullWrite { return }
        }
        // Many processes see that the layer is out of date, but only one has to repair it.
        let token = "repair-\(host.random())"
        let leaseKey = key + "-repair"
        let isOurs = try await layers[index].limited { cache in
            guard let cache = cache as? any LeasingConfigCache else { return true }
            return try await cache.acquireLease(
                for: leaseKey, token: token, duration: Self.repairLease) == .granted
        }
        guard isOurs else { return }
        let text = try await layers[source].limited { try await $0.read(for: key) }
        if let text, var entry = try? CacheEntry(serialized: text), entry.isWhole,
            readings.withLock({ $0[key]?.announces(entry.header, of: source) }) ?? false
        {
            entry.fetchTime = freshest.fetchTime
            _ = try await layers[index].limited { [entry] in
                try await self.write(entry, to: $0, index, for: key, isRepair: true)
            }
        }
        try await layers[index].limited {
            try await ($0 as? any LeasingConfigCache)?.releaseLease(for: leaseKey, token: token)
        }
    }

    private func isOvertaken(_ entry: CacheEntry, for key: String) -> Bool {
        readings.withLock { $0[key]?.isOvertaken(entry.fetchTime) ?? false }
    }

    // MARK: - Writing

    /// Writes a value to all layers.
    public func write(for key: String, value: String) async throws {
        _ = try await all { try await $1.write(for: key, value: value) }
    }

    /// Writes an entry to all layers. It ignores `futureTime`, because it records the future dates that it has seen.
    public func write(
        _ entry: CacheEntry, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome {
        readings.withLock { $0[key, default: LayerReadings()].noteWrite(of: entry.fetchTime) }
        let outcomes = try await all { try await self.write(entry, to: $1, $0, for: key) }.map(\.1)
        return outcomes.contains(.keptNewer) ? .keptNewer : .written
    }

    /// Sets the fetch time of an entry in all layers. It ignores `futureTime`, as a write does.
    public func refreshTimestamp(
        _ header: CacheEntryHeader, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome {
        let outcomes = try await all { try await self.refreshTimestamp(header, in: $1, $0, for: key) }.map(\.1)
        if outcomes.contains(.keptNewer) { return .keptNewer }
        return outcomes.contains(.needsFullWrite) ? .needsFullWrite : .written
    }

    /// Writes an entry that is dated by this cache's clock to a layer.
    private func write(
        _ entry: CacheEntry, to cache: any ConfigCache, _ index: Int, for key: String, isRepair: Bool = false
    ) async throws -> CacheWriteOutcome {
        var entry = entry
        guard let ordered = cache as? any OrderedConfigCache else {
            // Such a layer takes an older entry, too.
            return try await layers[index].inTurn(key) { [entry] in
                if isRepair, self.isOvertaken(entry, for: key) { return .keptNewer }
                var entry = entry
                entry.fetchTime = self.host.wall().addingClamped(
                    entry.fetchTime.subtractingClamped(self.clock.now))
                try await cache.write(for: key, value: entry.serialized)
                return .written
            }
        }
        let date = try await date(entry.fetchTime, of: ordered, index, key)
        entry.fetchTime = date.fetchTime
        return try await ordered.write(entry, replacing: date.futureTime, for: key)
    }

    private func refreshTimestamp(
        _ header: CacheEntryHeader, in cache: any ConfigCache, _ index: Int, for key: String
    ) async throws -> CacheWriteOutcome {
        guard let ordered = cache as? any OrderedConfigCache else { return .needsFullWrite }
        let date = try await date(header.fetchTime, of: ordered, index, key)
        return try await ordered.refreshTimestamp(
            CacheEntryHeader(fetchTime: date.fetchTime, eTag: header.eTag), replacing: date.futureTime, for: key)
    }

    /// Converts a fetch time to a layer's clock, and returns with it the future date that such an entry replaces.
    private func date(
        _ fetchTime: Int64, of cache: any OrderedConfigCache, _ index: Int, _ key: String
    ) async throws -> (fetchTime: Int64, futureTime: Int64?) {
        if readings.withLock({ $0[key]?.has(index) }) != true { _ = try await header(of: cache, index, key) }
        return readings.withLock { $0[key]?.date(fetchTime, for: index) } ?? (fetchTime, nil)
    }

    /// Removes the value of a key from all layers.
    public func remove(for key: String) async throws {
        _ = try await all { try await ($1 as? any RemovingConfigCache)?.remove(for: key) }
        // Otherwise the removed entry of a layer that stops answering now would be remembered.
        readings.withLock { $0[key] = nil }
    }

    // MARK: - Fleets

    /// Takes the lease in the furthest layer that answers, because most processes share that layer.
    public func acquireLease(for key: String, token: String, duration: Duration) async throws -> LeaseResult {
        var failure: (any Error)?
        for (index, layer) in layers.enumerated().reversed() where layer.cache is any LeasingConfigCache {
            do {
                return try await layer.limited { cache in
                    guard let cache = cache as? any LeasingConfigCache else { return .granted }
                    return try await cache.acquireLease(for: key, token: token, duration: duration)
                }
            } catch {
                onError?(index, error)
                failure = error
            }
        }
        if let failure { throw failure }
        return .granted
    }

    /// Ends a lease in all layers, if the token holds it.
    public func releaseLease(for key: String, token: String) async throws {
        _ = try await all { try await ($1 as? any LeasingConfigCache)?.releaseLease(for: key, token: token) }
    }

    /// Returns the change signals of all layers as one stream.
    public func changes(for key: String) -> AsyncStream<Void> {
        let streams = layers.compactMap { ($0.cache as? any NotifyingConfigCache)?.changes(for: key) }
        return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let task = Task(executorPreference: host.executor) {
                await withTaskGroup(of: Void.self) { group in
                    for stream in streams { group.addTask { for await _ in stream { continuation.yield() } } }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// Whether every layer can report changes.
    package var reportsChanges: Bool { layers.allSatisfy { $0.cache is any NotifyingConfigCache } }

    /// Returns whether all layers that need a connection to report changes have one.
    public func isSubscribed(for key: String) -> Bool {
        layers.allSatisfy { ($0.cache as? any SubscriptionReportingConfigCache)?.isSubscribed(for: key) ?? true }
    }

    /// Waits for running repairs, and closes all layers.
    public func close() async {
        isClosed.store(true, ordering: .relaxed)
        _ = await repairTasks.waitUntilIdle()
        for layer in layers { await (layer.cache as? any ClosableConfigCache)?.close() }
    }

    // MARK: - Layers

    /// Calls all layers at once, and returns the results of those that answer in time. Throws if none does.
    private func all<Result: Sendable>(
        _ body: @escaping @Sendable (_ index: Int, any ConfigCache) async throws -> Result
    ) async throws -> [(Int, Result)] {
        guard !isClosed.load(ordering: .relaxed) else {
            throw LayeredCacheError(message: "the cache has been closed")
        }
        let answers = await withTaskGroup(of: (Int, Swift.Result<Result, any Error>).self) { group in
            for (index, layer) in layers.enumerated() {
                group.addTask {
                    do {
                        return (index, .success(try await layer.limited { try await body(index, $0) }))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }
        }
        var results: [(Int, Result)] = []
        var failures: [(Int, any Error)] = []
        for (index, answer) in answers {
            switch answer {
            case .success(let result): results.append((index, result))
            case .failure(let error): failures.append((index, error))
            }
        }
        if results.isEmpty, let failure = failures.first { throw failure.1 }
        for (index, error) in failures { onError?(index, error) }
        return results
    }
}

/// The reason why a layered cache, or one of its layers, could not answer.
public struct LayeredCacheError: Error, Sendable, CustomStringConvertible {
    /// A description of what went wrong.
    public let message: String

    /// The message.
    public var description: String { message }
}

extension LayeredConfigCache: NamedConfigCache {
    /// The name of the system in traces: `layered`.
    public var systemName: String { "layered" }
}

extension ConfigCache where Self == LayeredConfigCache {
    /// Creates a cache from several others: `options.configCache = try .layered([.sqlite(path: …), .redis(…)])`.
    ///
    /// - Parameters:
    ///   - layers: The caches, the nearest first.
    ///   - timeout: How long to wait for the answer of a layer; half a second by default.
    ///   - onError: Called with the index of a layer and its error, for each layer that fails while others answer.
    /// - Returns: The layered cache, which owns the layers.
    public static func layered(
        _ layers: [any ConfigCache], timeout: Duration = .milliseconds(500),
        onError: (@Sendable (_ layer: Int, _ error: any Error) -> Void)? = nil
    ) -> LayeredConfigCache {
        LayeredConfigCache(layers, timeout: timeout, onError: onError)
    }
}
