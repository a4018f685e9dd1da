/// What a cache keeps for an SDK key: a config with its ETag and fetch time.
///
/// All ConfigCat SDKs share its serialized form, and nothing may be added to it: the fetch time in Unix milliseconds, a
/// line feed, the ETag, a line feed, and the config JSON byte for byte as it was downloaded.
///
///     let entry = try CacheEntry(serialized: "1700000000000\n\"etag\"\n{}")
///     print(entry.eTag, entry.configJSON)
public struct CacheEntry: Sendable, Equatable {
    /// The time at which the config was requested or last confirmed to be current, in milliseconds since
    /// 1970-01-01T00:00:00Z.
    public var fetchTime: Int64
    /// The ETag of the config; may be empty.
    public var eTag: String
    /// The config JSON.
    public var configJSON: String

    /// Creates an entry.
    ///
    /// - Parameters:
    ///   - fetchTime: The fetch time, in milliseconds since 1970-01-01T00:00:00Z.
    ///   - eTag: The ETag; may be empty.
    ///   - configJSON: The config JSON as it was downloaded.
    public init(fetchTime: Int64, eTag: String, configJSON: String) {
        self.fetchTime = fetchTime
        self.eTag = eTag
        self.configJSON = configJSON
    }

    /// Creates an entry from its serialized form. Some SDKs write the fetch time with a fraction or an exponent, which
    /// is accepted; hexadecimal is not.
    ///
    /// - Parameter text: The value of a cache.
    /// - Throws: ``CacheEntryError`` if there are fewer than two line feeds, or the fetch time is not a number.
    public init(serialized text: String) throws(CacheEntryError) {
        let head = try Self.head(of: text)
        fetchTime = head.fetchTime
        eTag = head.eTag
        configJSON = String(text[head.end...])
    }

    /// Returns the ETag and the config JSON of a serialized entry, without a copy of the config.
    ///
    /// - Throws: ``CacheEntryError`` as ``init(serialized:)``.
    package static func parts(of text: String) throws(CacheEntryError) -> (eTag: String, configJSON: Substring) {
        let head = try head(of: text)
        return (head.eTag, text[head.end...])
    }

    /// Reads the first two lines of an entry, and returns where the config begins. It does not read the config itself.
    static func head(of text: String) throws(CacheEntryError) -> (fetchTime: Int64, eTag: String, end: String.Index) {
        let bytes = text.utf8
        guard let first = bytes.firstIndex(of: UInt8(ascii: "\n")),
            let second = bytes[bytes.index(after: first)...].firstIndex(of: UInt8(ascii: "\n"))
        else { throw CacheEntryError(message: "the entry does not have three parts") }
        guard let time = fetchTime(text[..<first]) else {
            throw CacheEntryError(message: "the entry's fetch time is not a number")
        }
        return (time, String(text[bytes.index(after: first)..<second]), bytes.index(after: second))
    }

    private static func fetchTime(_ text: Substring) -> Int64? {
        if let whole = Int64(text) { return whole }
        // Double also accepts hexadecimal digits and words.
        guard text.utf8.allSatisfy(isDecimal), let number = Double(text), number.isFinite, number.magnitude < 9e18
        else { return nil }
        return Int64(number)
    }

    private static func isDecimal(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10 || "+-.eE".utf8.contains(byte)
    }

    /// Whether the config begins and ends like a JSON object: an entry that was cut off is not copied to other caches.
    package var isWhole: Bool {
        let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        return configJSON.utf8.first { !isBlank($0) } == UInt8(ascii: "{")
            && configJSON.utf8.last { !isBlank($0) } == UInt8(ascii: "}")
    }

    /// The fetch time and the ETag of the entry.
    public var header: CacheEntryHeader { CacheEntryHeader(fetchTime: fetchTime, eTag: eTag) }

    /// The entry in the serialized form that all SDKs share.
    public var serialized: String {
        "\(fetchTime)\n\(eTag)\n\(configJSON)"
    }
}

/// The reason why a cache's value is not an entry.
public struct CacheEntryError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A description of what is wrong with the value.
    public let message: String

    /// The message.
    public var description: String { message }
}
