import ConfigCatCache
import ConfigCatInMemoryCache

/// A process's connection to a store with all capabilities that a fleet needs, like this package's adapters.
struct FleetConnection: FleetConfigCache, @unchecked Sendable {
    let store: SimulatedStore
    let life: Life

    func read(for key: String) async throws -> String? { try await store.call(life, "read") { $0.read(for: key) } }

    func write(for key: String, value: String) async throws {
        try await store.call(life, "write", isWrite: true) { $0.write(for: key, value: value) }
    }

    func readHeader(for key: String) async throws -> CacheHeaderReading {
        try await store.call(life, "readHeader") { $0.readHeader(for: key) }
    }

    func write(
        _ entry: CacheEntry, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome {
        try await store.call(life, "write \(entry.fetchTime)", isWrite: true) {
            $0.write(entry, replacing: futureTime, for: key)
        }
    }

    func refreshTimestamp(
        _ header: CacheEntryHeader, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome {
        try await store.call(life, "refresh \(header.fetchTime)", isWrite: true) {
            $0.refreshTimestamp(header, replacing: futureTime, for: key)
        }
    }

    func acquireLease(for key: String, token: String, duration: Duration) async throws -> LeaseResult {
        try await store.call(life, "acquireLease", isWrite: true) { memory in
            let answer = memory.acquireLease(for: key, token: token, duration: duration)
            store.noteLease(life, isGranted: answer == .granted)
            return answer
        }
    }

    func releaseLease(for key: String, token: String) async throws {
        try await store.call(life, "releaseLease", isWrite: true) { memory in
            memory.releaseLease(for: key, token: token)
            store.noteRelease(life)
        }
    }

    func changes(for key: String) -> AsyncStream<Void> { store.listen(life) }
}

/// A process's connection to a user's cache without capabilities.
struct PlainConnection: ConfigCache, @unchecked Sendable {
    let fleet: FleetConnection

    func read(for key: String) async throws -> String? { try await fleet.read(for: key) }
    func write(for key: String, value: String) async throws { try await fleet.write(for: key, value: value) }
}

/// A process's connection to a user's cache that can read headers.
struct HeaderConnection: HeaderReadingConfigCache, @unchecked Sendable {
    let fleet: FleetConnection

    func read(for key: String) async throws -> String? { try await fleet.read(for: key) }
    func write(for key: String, value: String) async throws { try await fleet.write(for: key, value: value) }
    func readHeader(for key: String) async throws -> CacheHeaderReading { try await fleet.readHeader(for: key) }
}
