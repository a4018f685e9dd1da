import ConfigCatCache

/// The last content of the cache that a client has read, so that the same content is not read, parsed, dated or
/// reported twice.
struct SeenEntry: Sendable {
    /// The header of the entry that was last read whole.
    var header: CacheEntryHeader?
    /// The value that was last read from, or written to, a cache without headers.
    var text: String?
    /// The error of the value that is in the cache now; nil if the value is readable.
    private var error: CacheEntryError?
    /// The entry that was last read or written, and when it was asked for.
    private var dated: (header: CacheEntryHeader, time: EntryTime)?

    /// Dates an entry.
    ///
    /// - Parameters:
    ///   - header: The header of the entry.
    ///   - storeTime: The present time by the clock that dated the entry.
    ///   - earliest: The earliest time at which that clock may have been read, on the monotonic clock.
    ///   - now: The time on the monotonic clock.
    /// - Returns: The time at which the entry was asked for, by all clocks.
    mutating func date(_ header: CacheEntryHeader, storeTime: Int64, earliest: Int64, now: Int64) -> EntryTime {
        // An unchanged entry keeps its time, even if the store's clock was set meanwhile.
        if let dated, dated.header == header { return dated.time }
        let isFuture = header.fetchTime > storeTime
        let time = EntryTime(
            fetchTime: min(header.fetchTime, storeTime),
            instant: isFuture ? now : earliest.subtractingClamped(storeTime.subtractingClamped(header.fetchTime)),
            isAgeKnown: !isFuture)
        dated = (header, time)
        return time
    }

    /// Records an entry that this client has written.
    mutating func written(_ header: CacheEntryHeader, _ time: EntryTime) { dated = (header, time) }

    /// Returns whether an error has not been reported yet, and records it.
    mutating func isNew(_ error: CacheEntryError) -> Bool {
        defer { self.error = error }
        return self.error != error
    }

    mutating func seeReadable() { error = nil }
}
