package import ConfigCatCache
package import ConfigCatInMemoryCache

/// A cache that forwards every call that it does not define itself to a store in memory.
package protocol ForwardingCache: OrderedConfigCache {
    var store: InMemoryConfigCache { get }
}

extension ForwardingCache {
    package func read(for key: String) -> String? { store.read(for: key) }
    package func write(for key: String, value: String) { store.write(for: key, value: value) }
    package func readHeader(for key: String) -> CacheHeaderReading { store.readHeader(for: key) }

    package func write(
        _ entry: CacheEntry, replacing futureTime: Int64?, for key: String
    ) -> CacheWriteOutcome { store.write(entry, replacing: futureTime, for: key) }

    package func refreshTimestamp(
        _ header: CacheEntryHeader, replacing futureTime: Int64?, for key: String
    ) -> CacheWriteOutcome { store.refreshTimestamp(header, replacing: futureTime, for: key) }

    package func acquireLease(for key: String, token: String, duration: Duration) -> LeaseResult {
        store.acquireLease(for: key, token: token, duration: duration)
    }

    package func releaseLease(for key: String, token: String) { store.releaseLease(for: key, token: token) }
    package func changes(for key: String) -> AsyncStream<Void> { store.changes(for: key) }
}
