import Synchronization

/// Several caches as one, the nearest first: a file of this machine before a server that many machines share.
///
/// All layers are asked at once, and the freshest entry of those that answer in time counts. All are written. A layer that
/// comes back empty or behind is brought up to date. As long as one layer answers, the whole does.
public final class LayeredConfigCache: FleetConfigCache, ClosableConfigCache, RemovingConfigCache {
    private let layers: [CacheLayer]
    private let onError: (@Sendable (_ layer: Int, _ error: any Error) -> Void)?
    /// Layers that are being brought up to date.
    private let healing = Mutex<Set<Int>>([])
    private let isClosed = Atomic<Bool>(false)

    /// Joins caches, which from then on are this one's: closing it closes them.
    ///
    /// - Parameters:
    ///   - layers: The caches, the nearest first.
    ///   - timeout: How long a layer has to answer; half a second by default. One that does not is not asked again until it
    ///     has answered.
    ///   - onError: Hears of layers that fail while others answer, by their index.
    public init(
        _ layers: [any ConfigCache], timeout: Duration = .milliseconds(500),
        onError: (@Sendable (_ layer: Int, _ error: any Error) -> Void)? = nil
    ) {
        self.layers = layers.map { CacheLayer($0, timeout: timeout) }
        self.onError = onError
    }

    // MARK: - Reading

    public func read(for key: String) async throws -> String? {
        let headers = try await headers(for: key)
        for (index, header) in headers.sorted(by: { ($0.1?.age ?? .max) < ($1.1?.age ?? .max) }) where header != nil {
            do {
                if let text = try await layers[index].limited({ try await $0.read(for: key) }) { return text }
            } catch {
                onError?(index, error)
            }
        }
        guard headers.contains(where: { $0.1 != nil }) else { return try await anyText(for: key) }
        throw LayeredCacheError(message: "the layers that hold the entry do not answer any more")
    }

    /// What is no entry has no header, and is a value all the same.
    private func anyText(for key: String) async throws -> String? {
        try await all { try await $0.read(for: key) }.compactMap(\.1).first
    }

    public func readHeader(for key: String) async throws -> CacheEntryHeader? {
        let headers = try await headers(for: key)
        guard let (source, freshest) = Self.freshest(headers) else { return nil }
        for (index, header) in headers where Self.isBehind(header, freshest) {
            heal(index, from: source, freshest, key)
        }
        return freshest
    }

    private func headers(for key: String) async throws -> [(Int, CacheEntryHeader?)] {
        try await all { cache in
            do {
                if let cache = cache as? any HeaderReadingConfigCache { return try await cache.readHeader(for: key) }
                return try await cache.read(for: key).map {
                    try CacheEntryHeader(beginningOf: $0, now: HostClock.now)
                }
            } catch is CacheEntryError {
                // What is no entry is replaced like one that is missing.
                return nil
            }
        }
    }

    private static func freshest(_ headers: [(Int, CacheEntryHeader?)]) -> (Int, CacheEntryHeader)? {
        headers.compactMap { index, header in header.map { (index, $0) } }.min { $0.1.age < $1.1.age }
    }

    /// Whether a layer has nothing, something else, or the same confirmed too long ago.
    private static func isBehind(_ header: CacheEntryHeader?, _ freshest: CacheEntryHeader) -> Bool {
        guard let header else { return true }
        if !header.eTag.utf8.elementsEqual(freshest.eTag.utf8) { return true }
        return header.age - freshest.age > staleAge
    }

    /// In milliseconds. Stores' clocks differ a little.
    private static let staleAge: Int64 = 500

    /// Brings a layer up to date, in the background: who reads does not wait for it.
    private func heal(_ index: Int, from source: Int, _ freshest: CacheEntryHeader, _ key: String) {
        guard index != source, healing.withLock({ $0.insert(index).inserted }) else { return }
        Task(executorPreference: BlockingExecutor.shared) { [self] in
            do {
                try await layers[index].limited { cache in
                    try await self.bring(cache, upTo: self.layers[source].cache, freshest, key)
                }
            } catch {
                onError?(index, error)
            }
            healing.withLock { _ = $0.remove(index) }
        }
    }

    private func bring(
        _ cache: any ConfigCache, upTo source: any ConfigCache, _ freshest: CacheEntryHeader, _ key: String
    ) async throws {
        guard let ordered = cache as? any OrderedConfigCache else {
            if let text = try await source.read(for: key) { try await cache.write(for: key, value: text) }
            return
        }
        if !freshest.eTag.isEmpty,
            try await ordered.renew(eTag: freshest.eTag, age: freshest.age, for: key) != .otherEntry
        {
            return
        }
        // Many processes see that the layer is behind; one is enough.
        let token = "heal-\(UInt64.random(in: .min ... .max))"
        let leases = cache as? any LeasingConfigCache
        let leaseKey = key + "-heal"
        if let leases,
            try await leases.acquireLease(for: leaseKey, token: token, milliseconds: Self.healLease) != .granted
        {
            return
        }
        if let text = try await source.read(for: key) {
            let entry = try CacheEntry(serialized: text)
            let newer = entry.fetchTime.subtractingReportingOverflow(freshest.fetchTime)
            let age = newer.overflow ? freshest.age : freshest.age - min(max(0, newer.partialValue), freshest.age)
            _ = try await ordered.write(eTag: entry.eTag, configJSON: entry.configJSON, age: age, for: key)
        }
        try await leases?.releaseLease(for: leaseKey, token: token)
    }

    private static let healLease: Int64 = 2000

    // MARK: - Writing

    public func write(for key: String, value: String) async throws {
        _ = try await all { try await $0.write(for: key, value: value) }
    }

    public func write(
        eTag: String, configJSON: String, age: Int64, for key: String
    ) async throws -> CacheWriteOutcome {
        let begun = ContinuousClock.now
        let outcomes = try await all { cache -> CacheWriteOutcome in
            if let cache = cache as? any OrderedConfigCache {
                return try await cache.write(eTag: eTag, configJSON: configJSON, age: age, for: key)
            }
            let passed = (ContinuousClock.now - begun).components.seconds * 1000
            let entry = CacheEntry(
                fetchTime: CacheOrder.fetchTime(age: age + passed, now: HostClock.now), eTag: eTag,
                configJSON: configJSON)
            try await cache.write(for: key, value: entry.serialized)
            return .written
        }
        return outcomes.contains { $0.1 == .keptNewer } ? .keptNewer : .written
    }

    public func renew(eTag: String, age: Int64, for key: String) async throws -> CacheWriteOutcome {
        let outcomes = try await all { cache -> CacheWriteOutcome in
            guard let cache = cache as? any OrderedConfigCache else { return .otherEntry }
            return try await cache.renew(eTag: eTag, age: age, for: key)
        }.map(\.1)
        if outcomes.contains(.keptNewer) { return .keptNewer }
        return outcomes.contains(.otherEntry) ? .otherEntry : .written
    }

    public func remove(for key: String) async throws {
        _ = try await all { try await ($0 as? any RemovingConfigCache)?.remove(for: key) }
    }

    // MARK: - Fleets

    /// The lease of the furthest layer that answers: it is the one that most processes share.
    public func acquireLease(for key: String, token: String, milliseconds: Int64) async throws -> LeaseAnswer {
        var failure: (any Error)?
        for (index, layer) in layers.enumerated().reversed() where layer.cache is any LeasingConfigCache {
            do {
                return try await layer.limited { cache in
                    guard let cache = cache as? any LeasingConfigCache else { return .granted }
                    return try await cache.acquireLease(for: key, token: token, milliseconds: milliseconds)
                }
            } catch {
                onError?(index, error)
                failure = error
            }
        }
        if let failure { throw failure }
        return .granted
    }

    public func releaseLease(for key: String, token: String) async throws {
        _ = try? await all { try await ($0 as? any LeasingConfigCache)?.releaseLease(for: key, token: token) }
    }

    public func changes(for key: String) -> AsyncStream<Void> {
        let streams = layers.compactMap { ($0.cache as? any NotifyingConfigCache)?.changes(for: key) }
        return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let task = Task {
                await withTaskGroup(of: Void.self) { group in
                    for stream in streams { group.addTask { for await _ in stream { continuation.yield() } } }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    public func close() async {
        isClosed.store(true, ordering: .relaxed)
        for layer in layers { await (layer.cache as? any ClosableConfigCache)?.close() }
    }

    // MARK: - Layers

    /// What each layer answered that did so in time. Throws if none did.
    private func all<Result: Sendable>(
        _ body: @escaping @Sendable (any ConfigCache) async throws -> Result
    ) async throws -> [(Int, Result)] {
        guard !isClosed.load(ordering: .relaxed) else {
            throw LayeredCacheError(message: "the cache has been closed")
        }
        let answers = await withTaskGroup(of: (Int, Swift.Result<Result, any Error>).self) { group in
            for (index, layer) in layers.enumerated() {
                group.addTask {
                    do {
                        return (index, .success(try await layer.limited(body)))
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

/// Why a cache of several layers could not answer.
public struct LayeredCacheError: Error, Sendable, CustomStringConvertible {
    /// What went wrong.
    public let message: String

    public var description: String { message }
}

extension ConfigCache where Self == LayeredConfigCache {
    /// Several caches as one, the nearest first: `options.configCache = try .layered([.sqlite(path: …), .redis(…)])`.
    ///
    /// - Parameters:
    ///   - layers: The caches, the nearest first.
    ///   - timeout: How long a layer has to answer; half a second by default.
    ///   - onError: Hears of layers that fail while others answer, by their index.
    public static func layered(
        _ layers: [any ConfigCache], timeout: Duration = .milliseconds(500),
        onError: (@Sendable (_ layer: Int, _ error: any Error) -> Void)? = nil
    ) -> LayeredConfigCache {
        LayeredConfigCache(layers, timeout: timeout, onError: onError)
    }
}
