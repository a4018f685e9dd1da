/// A cache that itself decides which of two entries is newer, in one step with the write.
///
/// All dates are by the store's clock. A client reads that clock together with the header before it starts a download,
/// and dates the download by that reading. The write gets the date unchanged, so that no delay in between makes a
/// download look newer than it is.
public protocol OrderedConfigCache: HeaderReadingConfigCache {
    /// Writes an entry, unless the cache has a newer one.
    ///
    /// An entry whose fetch time is in the future by the store's clock has an unknown age: the write replaces it only
    /// if `futureTime` is that fetch time. An entry to write whose own fetch time is in the future replaces no entry.
    ///
    /// - Parameters:
    ///   - entry: The entry. Its fetch time is the store's time at which it was requested, or slightly earlier.
    ///   - futureTime: The fetch time of an entry dated in the future that the client had seen before it requested this
    ///     one.
    ///   - key: The key.
    /// - Returns: The result of the write.
    /// - Throws: Any error; clients log it as event 2201.
    func write(
        _ entry: CacheEntry, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome

    /// Sets only the fetch time of an entry that the CDN has confirmed to be current. The rules are those of
    /// ``write(_:replacing:for:)``.
    ///
    /// - Parameters:
    ///   - header: The ETag of the entry to refresh, which is not empty, and its new fetch time.
    ///   - futureTime: The fetch time of an entry dated in the future that the client had seen before it asked the CDN.
    ///   - key: The key.
    /// - Returns: The result of the write.
    /// - Throws: Any error; clients log it as event 2201.
    func refreshTimestamp(
        _ header: CacheEntryHeader, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome
}

/// The result of an ordered write or a timestamp refresh.
public enum CacheWriteOutcome: String, Sendable {
    /// The cache has the entry that was written.
    case written
    /// The cache had a newer entry, and kept it.
    case keptNewer
    /// The cache has no entry with this ETag, or cannot change the fetch time alone: write the whole entry.
    case needsFullWrite
}
