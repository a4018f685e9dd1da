/// Which of two entries is newer, and so stays. Redis has the same rules in Lua.
package enum CacheOrder {
    /// Up to this age, a download takes the place of an entry that claims to be from the future, in milliseconds. Such an
    /// entry was written by a host whose clock is ahead; without this, it would stay until its time has come.
    package static let freshAge: Int64 = 5000

    /// Whether a download replaces an entry.
    ///
    /// - Parameters:
    ///   - stored: The fetch time of the entry; nil if there is none that can be read.
    ///   - age: How long ago the download was asked for.
    ///   - now: The time by the store's clock.
    package static func replaces(stored: Int64?, age: Int64, now: Int64) -> Bool {
        guard let stored else { return true }
        if stored > now { return age <= freshAge }
        return stored <= fetchTime(age: age, now: now)
    }

    /// The fetch time that an entry gets.
    package static func fetchTime(age: Int64, now: Int64) -> Int64 { now - min(max(0, age), now) }

    /// What becomes of a renewal, and the 13 digits that it writes.
    package static func renewal(
        of header: CacheEntryHeader?, eTag: String, age: Int64, now: Int64
    ) -> (outcome: CacheWriteOutcome, digits: String) {
        let digits = String(fetchTime(age: age, now: now))
        guard let header, header.eTag.utf8.elementsEqual(eTag.utf8) else { return (.otherEntry, digits) }
        guard replaces(stored: header.fetchTime, age: age, now: now) else { return (.keptNewer, digits) }
        return (.written, digits)
    }
}
