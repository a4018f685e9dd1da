/// The rules that decide which of two entries is newer and is kept. `RedisScript` has the same rules in Lua.
package enum WritePrecedence {
    /// Decides whether a download replaces an entry.
    ///
    /// - Parameters:
    ///   - stored: The fetch time of the entry; nil if there is no readable entry.
    ///   - fetchTime: When the download was requested, by the store's clock.
    ///   - futureTime: The fetch time of an entry dated in the future that was seen before the download was requested.
    ///   - now: The time by the store's clock.
    /// - Returns: Whether the download is to be written.
    package static func shouldReplace(stored: Int64?, fetchTime: Int64, futureTime: Int64?, now: Int64) -> Bool {
        guard let stored else { return true }
        // The age of a download dated in the future is unknown: the store's clock has been set back since.
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
