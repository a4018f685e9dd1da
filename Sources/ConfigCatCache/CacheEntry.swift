/// What is kept in a cache: a config with its ETag and fetch time.
///
/// The form is shared by all ConfigCat SDKs, and nothing may be added to it: the fetch time in Unix milliseconds, a line
/// feed, the ETag, a line feed, and the config JSON byte for byte as it was downloaded.
public struct CacheEntry: Sendable, Equatable {
    /// When the config was downloaded or last confirmed to be current, in milliseconds since 1970-01-01T00:00:00Z.
    public var fetchTime: Int64
    /// The ETag that the config came with; may be empty.
    public var eTag: String
    /// The config JSON.
    public var configJSON: String

    /// Creates an entry.
    ///
    /// - Parameters:
    ///   - fetchTime: In milliseconds since 1970-01-01T00:00:00Z.
    ///   - eTag: The ETag; may be empty.
    ///   - configJSON: The config JSON as it was downloaded.
    public init(fetchTime: Int64, eTag: String, configJSON: String) {
        self.fetchTime = fetchTime
        self.eTag = eTag
        self.configJSON = configJSON
    }

    /// Reads an entry from its shared form. Some SDKs write the fetch time with a fraction or an exponent; hexadecimal is not
    /// accepted.
    ///
    /// - Parameter text: The value of a cache.
    /// - Throws: `CacheEntryError` if there are fewer than two line feeds, or the fetch time is not a number.
    public init(serialized text: String) throws(CacheEntryError) {
        let head = try Self.head(of: text)
        fetchTime = head.fetchTime
        eTag = head.eTag
        configJSON = String(text[head.end...])
    }

    /// The first two lines of an entry, and where the config begins. The config itself is not touched.
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
        // Double reads hexadecimal digits and words too.
        guard text.utf8.allSatisfy(isDecimal), let number = Double(text), number.isFinite, number.magnitude < 9e18
        else { return nil }
        return Int64(number)
    }

    private static func isDecimal(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10 || "+-.eE".utf8.contains(byte)
    }

    /// Whether the config begins and ends as a JSON object does: an entry that was cut off is not copied to other caches.
    package var isWhole: Bool {
        let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        return configJSON.utf8.first { !isBlank($0) } == UInt8(ascii: "{")
            && configJSON.utf8.last { !isBlank($0) } == UInt8(ascii: "}")
    }

    /// The beginning of the entry.
    public var header: CacheEntryHeader { CacheEntryHeader(fetchTime: fetchTime, eTag: eTag) }

    /// The entry in its shared form.
    public var serialized: String {
        "\(fetchTime)\n\(eTag)\n\(configJSON)"
    }
}

/// Why a cache's value is no entry.
public struct CacheEntryError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public let message: String

    public var description: String { message }
}
