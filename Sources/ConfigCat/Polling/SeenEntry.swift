import ConfigCatCache

/// What a client saw in its cache last, so that the same is not read, parsed, dated or reported twice.
struct SeenEntry: Sendable {
    /// The header of the entry that was last read whole.
    var header: CacheEntryHeader?
    /// The value that was last read from, or written to, a cache without headers.
    var text: String?
    /// The error of the value that is in the cache now; nil if there is none.
    private var error: CacheEntryError?
    /// The entry that was seen or written last, and when it was asked for.
    private var dated: (header: CacheEntryHeader, time: EntryTime)?

    /// Returns when an entry was asked for, by all clocks.
    ///
    /// - Parameters:
    ///   - header: The beginning of the entry.
    ///   - storeTime: The time by the clock that the entry is dated by.
    ///   - earliest: When that clock was read at the earliest, on the monotonic clock.
    ///   - now: The time on the monotonic clock.
    mutating func date(_ header: CacheEntryHeader, storeTime: Int64, earliest: Int64, now: Int64) -> EntryTime {
        // An entry that has not changed keeps its time, whatever the store's clock has done since.
        if let dated, dated.header == header { return dated.time }
        let isFuture = header.fetchTime > storeTime
        let time = EntryTime(
            fetchTime: min(header.fetchTime, storeTime),
            instant: isFuture ? now : earliest.subtractingClamped(storeTime.subtractingClamped(header.fetchTime)),
            isAgeKnown: !isFuture)
        dated = (header, time)
        return time
    }

    /// Notes what this client has written.
    mutating func written(_ header: CacheEntryHeader, _ time: EntryTime) { dated = (header, time) }

    /// Returns whether a error has not been reported yet.
    mutating func isNew(_ error: CacheEntryError) -> Bool {
        defer { self.error = error }
        return self.error != error
    }

    mutating func seeReadable() { error = nil }
}
