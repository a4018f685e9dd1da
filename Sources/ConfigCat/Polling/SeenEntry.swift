import ConfigCatCache

/// What a client saw in its cache last, so that the same is not read, parsed, dated or reported twice.
struct SeenEntry: Sendable {
    /// The header of the entry that was last read whole.
    var header: CacheEntryHeader?
    /// The value that was last read from, or written to, a cache without headers.
    var text: String?
    /// The fault of the value that is in the cache now; nil if there is none.
    private var fault: CacheEntryError?
    /// The date of an entry that was dated in the future, and when it was first seen.
    private var future: (fetchTime: Int64, since: Int64)?

    /// Returns when an entry was asked for, by all clocks.
    ///
    /// - Parameters:
    ///   - fetchTime: The entry's fetch time.
    ///   - storeTime: The time by the clock that the entry is dated by.
    ///   - seen: When that clock was read at the earliest, on the monotonic clock.
    ///   - now: The time on the monotonic clock.
    mutating func date(_ fetchTime: Int64, storeTime: Int64, seen: Int64, now: Int64) -> EntryTime {
        // Once in the future, a date says nothing, not even when its time has come.
        if fetchTime > storeTime || future?.fetchTime == fetchTime {
            if future?.fetchTime != fetchTime { future = (fetchTime, now) }
            return EntryTime(fetchTime: min(fetchTime, storeTime), instant: future?.since ?? now, isAgeKnown: false)
        }
        return EntryTime(
            fetchTime: fetchTime, instant: seen.subtractingClamped(storeTime.subtractingClamped(fetchTime)))
    }

    /// Returns whether a fault has not been reported yet.
    mutating func isNew(_ fault: CacheEntryError) -> Bool {
        defer { self.fault = fault }
        return self.fault != fault
    }

    mutating func seeReadable() { fault = nil }
}
