package import ConfigCatCache

extension OrderedConfigCache {
    /// Writes a download that was requested some time ago, by the store's clock.
    ///
    /// - Parameters:
    ///   - eTag: The ETag.
    ///   - configJSON: The config JSON.
    ///   - age: How long ago it was requested, in milliseconds.
    ///   - key: The key.
    /// - Returns: Whether the cache stored the download.
    /// - Throws: The error of the cache.
    package func write(
        eTag: String, configJSON: String, age: Int64 = 0, for key: String
    ) async throws -> CacheWriteOutcome {
        let now = try await readHeader(for: key).storeTime
        return try await write(
            CacheEntry(fetchTime: now - age, eTag: eTag, configJSON: configJSON), replacing: nil, for: key)
    }

    /// Refreshes the timestamp of an entry that was confirmed some time ago, by the store's clock.
    ///
    /// - Parameters:
    ///   - eTag: The ETag of the entry.
    ///   - age: How long ago the confirmation was requested, in milliseconds.
    ///   - key: The key.
    /// - Returns: Whether the cache stored the timestamp.
    /// - Throws: The error of the cache.
    package func refreshTimestamp(eTag: String, age: Int64 = 0, for key: String) async throws -> CacheWriteOutcome {
        let now = try await readHeader(for: key).storeTime
        return try await refreshTimestamp(CacheEntryHeader(fetchTime: now - age, eTag: eTag), replacing: nil, for: key)
    }
}
