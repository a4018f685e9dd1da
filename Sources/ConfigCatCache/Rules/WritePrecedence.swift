/// Which of two entries is newer, and so stays. Redis has the same rules in Lua.
package enum WritePrecedence {
    /// Returns whether a download replaces an entry.
    ///
    /// - Parameters:
    ///   - stored: The fetch time of the entry; nil if there is none that can be read.
    ///   - fetchTime: When the download was asked for, by the store's clock.
    ///   - futureTime: The fetch time of an entry dated in the future that was seen before the download was asked for.
    ///   - now: The time by the store's clock.
    package static func shouldReplace(stored: Int64?, fetchTime: Int64, futureTime: Int64?, now: Int64) -> Bool {
        guard let stored else { return true }
        // A date in the future says nothing about the age: the store's clock was set back since.
        if fetchTime > now { return false }
        return stored == futureTime || stored <= fetchTime
    }

    /// Returns the outcome of a timestamp refresh.
    package static func timestampRefresh(
        of stored: CacheEntryHeader?, by header: CacheEntryHeader, futureTime: Int64?, now: Int64
    ) -> CacheWriteOutcome {
        guard let stored, stored.hasETag(of: header) else { return .needsFullWrite }
        return shouldReplace(
            stored: stored.fetchTime, fetchTime: header.fetchTime, futureTime: futureTime, now: now)
            ? .written : .keptNewer
    }
}
