/// A cache that can return the header of an entry, and the store's time, without sending the whole entry.
public protocol HeaderReadingConfigCache: ConfigCache {
    /// Reads the header of a key's entry, and the store's clock, in one step.
    ///
    /// - Parameter key: The key.
    /// - Returns: What is stored under the key, and the store's time.
    /// - Throws: Any error; clients log it as event 2200. A value that is not an entry is not an error: return
    ///   ``CacheHeaderReading/Content/unreadable(_:)`` for it.
    func readHeader(for key: String) async throws -> CacheHeaderReading
}

/// The result of reading an entry's header: what is stored, and the store's time.
public struct CacheHeaderReading: Sendable, Equatable {
    /// What is stored under a key.
    public enum Content: Sendable, Equatable {
        /// Nothing, or an empty value.
        case absent
        /// An entry with this header.
        case entry(CacheEntryHeader)
        /// A value that is not an entry.
        case unreadable(CacheEntryError)
    }

    /// What is stored under the key.
    public var content: Content
    /// The time by the store's clock, in milliseconds since 1970-01-01T00:00:00Z. A store that has no clock uses the
    /// clock of its host.
    public var storeTime: Int64

    /// Creates a reading.
    ///
    /// - Parameters:
    ///   - content: What is stored under the key.
    ///   - storeTime: The time by the store's clock, in milliseconds since 1970-01-01T00:00:00Z.
    public init(content: Content, storeTime: Int64) {
        self.content = content
        self.storeTime = storeTime
    }

    /// Creates a reading of a stored value.
    ///
    /// - Parameters:
    ///   - text: The value, or at least its first two lines; nil if there is none.
    ///   - storeTime: The time by the store's clock, in milliseconds since 1970-01-01T00:00:00Z.
    public init(beginningOf text: String?, storeTime: Int64) {
        self.init(content: Content(beginningOf: text), storeTime: storeTime)
    }

    /// The header of the entry; nil if there is no readable entry.
    public var header: CacheEntryHeader? { content.header }
}

extension CacheHeaderReading.Content {
    /// The header of the entry; nil if there is no readable entry.
    public var header: CacheEntryHeader? {
        if case .entry(let header) = self { header } else { nil }
    }

    /// Creates the content from the beginning of a stored value.
    ///
    /// - Parameter text: The value, or at least its first two lines; nil if there is none.
    public init(beginningOf text: String?) {
        guard let text, !text.isEmpty else {
            self = .absent
            return
        }
        do {
            self = .entry(try CacheEntryHeader(beginningOf: text))
        } catch {
            self = .unreadable(error)
        }
    }
}

/// The first two lines of an entry: what a client has to know before it reads the rest.
public struct CacheEntryHeader: Sendable, Equatable {
    /// The time at which the config was requested or last confirmed, in milliseconds since 1970-01-01T00:00:00Z.
    public var fetchTime: Int64
    /// The entry's ETag; may be empty.
    public var eTag: String

    /// Creates a header.
    ///
    /// - Parameters:
    ///   - fetchTime: The fetch time, in milliseconds since 1970-01-01T00:00:00Z.
    ///   - eTag: The ETag; may be empty.
    public init(fetchTime: Int64, eTag: String) {
        self.fetchTime = fetchTime
        self.eTag = eTag
    }

    /// The number of bytes in which the header of almost any entry fits: enough for an ETag of 241 bytes.
    public static let byteLimit = 256

    /// The number of bytes in which the header of every entry fits that this package writes: clients do not keep an
    /// ETag of more than 8 KiB. A store that finds no header in the first ``byteLimit`` bytes reads this many.
    public static let longByteLimit = 16_384

    /// Creates a header from the beginning of an entry.
    ///
    /// - Parameter text: The entry, or at least its first two lines.
    /// - Throws: ``CacheEntryError`` if the string does not begin like an entry.
    public init(beginningOf text: String) throws(CacheEntryError) {
        let head = try CacheEntry.head(of: text)
        self.init(fetchTime: head.fetchTime, eTag: head.eTag)
    }

    /// Returns whether both ETags are the same, byte by byte.
    package func hasETag(of other: CacheEntryHeader) -> Bool { eTag.utf8.elementsEqual(other.eTag.utf8) }
}
