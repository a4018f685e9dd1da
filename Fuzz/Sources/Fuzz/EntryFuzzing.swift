@testable import ConfigCatCache

/// Reads the input as the value of a cache.
enum EntryFuzzing {
    static func run(_ input: [UInt8]) {
        checkText(input)
        let text = String(decoding: input, as: UTF8.self)
        checkEntry(text)
        checkHeader(text)
        checkRules(input)
    }

    /// Checks that a string whose bytes are written directly into its memory equals one that is copied.
    private static func checkText(_ input: [UInt8]) {
        let filled = String(byteCount: input.count) { buffer in
            _ = buffer.update(fromContentsOf: input)
            return true
        }
        require(
            filled.map(\.bytes) == (String(validating: input, as: UTF8.self) == nil ? nil : input),
            "a valid string is kept")
    }

    private static func checkEntry(_ text: String) {
        guard let entry = try? CacheEntry(serialized: text) else { return }
        let lines = text.bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
        require(lines.count == 3, "an entry has three parts")
        require(entry.eTag.bytes == Array(lines[1]), "the ETag is the second line")
        require(entry.configJSON.bytes == Array(lines[2]), "the config is the rest, byte for byte")
        let time = String(decoding: lines[0], as: UTF8.self)
        if let whole = Int64(time) { require(entry.fetchTime == whole, "a whole fetch time is exact") }
        require((try? CacheEntry(serialized: entry.serialized)) == entry, "a written entry can be read again")
        if time == String(entry.fetchTime) {
            require(entry.serialized.bytes == text.bytes, "an entry is serialized as it was read")
        }
        require(
            entry.isWhole
                == (firstVisible(entry.configJSON.bytes) == UInt8(ascii: "{")
                    && firstVisible(entry.configJSON.bytes.reversed()) == UInt8(ascii: "}")),
            "an entry is whole if its config has both braces")
    }

    private static func firstVisible(_ bytes: [UInt8]) -> UInt8? {
        bytes.first { !" \t\n\r\u{0B}\u{0C}".utf8.contains($0) }
    }

    /// Checks that the header is that of the entry, whether it is read from the whole entry or from its beginning.
    private static func checkHeader(_ text: String) {
        let entry = Result { () throws(CacheEntryError) in try CacheEntry(serialized: text) }
        let header = Result { () throws(CacheEntryError) in try CacheEntryHeader(beginningOf: text) }
        switch (entry, header) {
        case (.success(let entry), .success(let header)):
            require(entry.header == header, "the header is that of the entry")
            let end = text.bytes.count - entry.configJSON.bytes.count
            let beginning = String(decoding: text.bytes.prefix(end), as: UTF8.self)
            require((try? CacheEntryHeader(beginningOf: beginning)) == header, "two lines are enough for a header")
            require(
                (try? CacheEntryHeader(beginningOf: String(beginning.dropLast()))) == nil,
                "one line is not enough for a header")
            require(CacheHeaderReading(beginningOf: text, storeTime: 0).header == header, "a reading has the header")
        case (.failure(let entry), .failure(let header)):
            require(entry == header, "header and entry are unreadable for the same reason")
        default: require(false, "there is a header if there is an entry")
        }
    }

    /// Checks the rules of stores with arbitrary times.
    private static func checkRules(_ input: [UInt8]) {
        var reader = InputReader(input)
        func time() -> Int64 {
            let bits = Int64(bitPattern: reader.bits())
            return reader.chance(1, in: 2) ? bits : bits % 1000
        }
        let now = time()
        var lease: LeaseRecord? = LeaseRecord(token: "a", end: time())
        let before = lease
        let duration = reader.chance(1, in: 2) ? Duration.seconds(time()) : .milliseconds(time())
        switch LeaseRecord.acquire(&lease, token: "b", duration: duration, now: now) {
        case .granted: require(lease?.token == "b" && (lease?.end ?? .min) >= now, "a granted lease is stored")
        case .held(let remainder):
            require(lease == before, "a refused request does not change the lease")
            require(.zero < remainder && remainder <= duration, "a lease is held for at most the duration")
        }
        let (stored, fetchTime, future) = (time(), time(), time())
        _ = WritePrecedence.shouldReplace(stored: stored, fetchTime: fetchTime, futureTime: future, now: now)
        let reading = StoreReading(storeTime: stored, instant: fetchTime)
        require(reading.storeTime(at: fetchTime) == stored, "the store time at the moment of a reading is the one read")
        _ = reading.storeTime(at: future)
    }
}
