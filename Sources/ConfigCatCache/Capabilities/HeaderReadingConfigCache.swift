/// A cache that can tell which entry it holds, and how old it is, without sending all of it.
public protocol HeaderReadingConfigCache: ConfigCache {
    /// The beginning of the entry of a key.
    ///
    /// - Parameter key: The key.
    /// - Returns: Nil if there is no entry.
    /// - Throws: `CacheEntryError` if what is there is no entry; any other error.
    func readHeader(for key: String) async throws -> CacheEntryHeader?
}

/// What a client has to know of an entry before it reads it.
public struct CacheEntryHeader: Sendable, Equatable {
    /// The entry's fetch time as it is written, in milliseconds since 1970-01-01T00:00:00Z.
    public var fetchTime: Int64
    /// The entry's ETag; may be empty.
    public var eTag: String
    /// How many milliseconds ago the fetch time was, by the store's clock if it has one: hosts' clocks may differ. At least
    /// 0.
    public var age: Int64

    /// Makes a header.
    ///
    /// - Parameters:
    ///   - fetchTime: In milliseconds since 1970-01-01T00:00:00Z.
    ///   - eTag: The ETag.
    ///   - now: The time by the store's clock, in the same unit.
    public init(fetchTime: Int64, eTag: String, now: Int64) {
        self.fetchTime = fetchTime
        self.eTag = eTag
        let (age, isOverflow) = now.subtractingReportingOverflow(fetchTime)
        self.age = isOverflow ? .max : max(0, age)
    }

    /// How many bytes hold the header of any entry that an SDK writes.
    public static let byteLimit = 256

    /// Reads a header from the beginning of an entry.
    ///
    /// - Parameters:
    ///   - text: The entry, or at least its first two lines.
    ///   - now: The time by the store's clock, in milliseconds since 1970-01-01T00:00:00Z.
    /// - Throws: `CacheEntryError` if it is no entry.
    public init(beginningOf text: String, now: Int64) throws(CacheEntryError) {
        let head = try CacheEntry.head(of: text)
        self.init(fetchTime: head.fetchTime, eTag: head.eTag, now: now)
    }
}
