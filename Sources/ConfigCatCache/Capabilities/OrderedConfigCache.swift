/// A cache that decides itself which of two entries is newer, in one step with the write.
///
/// Entries are ordered by when they were asked for, by the store's clock if it has one. A process says how long ago that
/// was; it does not say when, because its clock may be wrong.
public protocol OrderedConfigCache: ConfigCache {
    /// Writes an entry, unless the cache holds a newer one.
    ///
    /// - Parameters:
    ///   - eTag: The config's ETag; may be empty.
    ///   - configJSON: The config JSON as it was downloaded.
    ///   - age: How many milliseconds ago it was asked for.
    ///   - key: The key.
    /// - Throws: Any error; clients log it as event 2201.
    func write(eTag: String, configJSON: String, age: Int64, for key: String) async throws -> CacheWriteOutcome

    /// Sets the fetch time of an entry that has been found to be current, and nothing else.
    ///
    /// - Parameters:
    ///   - eTag: The ETag of the entry that is meant; not empty.
    ///   - age: How many milliseconds ago it was asked for.
    ///   - key: The key.
    /// - Throws: Any error; clients log it as event 2201.
    func renew(eTag: String, age: Int64, for key: String) async throws -> CacheWriteOutcome
}

/// What became of a write.
public enum CacheWriteOutcome: String, Sendable {
    /// The cache holds what was written.
    case written
    /// The cache holds an entry that is newer, and kept it.
    case keptNewer
    /// The cache holds no entry with this ETag, or none that can be renewed: it has to be written whole.
    case otherEntry
}
