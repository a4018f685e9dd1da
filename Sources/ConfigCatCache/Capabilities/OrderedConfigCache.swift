/// A cache that decides itself which of two entries is newer, in one step with the write.
///
/// The store's clock decides from beginning to end. A client reads it with the header before it asks for a download, and the
/// download is dated by that reading. The date goes to the write unchanged, so that no delay on the way makes a download
/// look younger than it is.
public protocol OrderedConfigCache: HeaderReadingConfigCache {
    /// Writes an entry, unless the cache holds a newer one.
    ///
    /// An entry whose fetch time is in the future by the store's clock has an unknown age: the write replaces it only if
    /// `futureTime` names it. A write that is dated in the future itself replaces no entry.
    ///
    /// - Parameters:
    ///   - entry: The entry. Its fetch time is the store's time at which it was asked for, or a little before.
    ///   - futureTime: The fetch time of an entry dated in the future that the client had seen before it asked for this one.
    ///   - key: The key.
    /// - Returns: What became of the write.
    /// - Throws: Any error; clients log it as event 2201.
    func write(
        _ entry: CacheEntry, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome

    /// Sets the fetch time of an entry that has been found to be current, and nothing else. The rules are those of a write.
    ///
    /// - Parameters:
    ///   - header: The ETag of the entry that is meant, which is not empty, and its new fetch time.
    ///   - futureTime: The fetch time of an entry dated in the future that the client had seen before it asked.
    ///   - key: The key.
    /// - Returns: What became of the write.
    /// - Throws: Any error; clients log it as event 2201.
    func refreshTimestamp(
        _ header: CacheEntryHeader, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome
}

/// What became of a write.
public enum CacheWriteOutcome: String, Sendable {
    /// The cache holds what was written.
    case written
    /// The cache holds an entry that is newer, and kept it.
    case keptNewer
    /// The cache holds no entry with this ETag, or none that can be renewed: it has to be written whole.
    case needsFullWrite
}
