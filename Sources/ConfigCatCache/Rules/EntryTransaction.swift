/// The entry and the lease of one key, while the store is locked for all other writers.
///
/// A store implements reading and writing; the extension below has the rules of ordered writes and leases for all
/// stores.
package protocol EntryTransaction {
    associatedtype Failure: Error

    /// Returns the header of the entry; nil if there is no readable entry.
    func header() throws(Failure) -> CacheEntryHeader?
    /// Replaces the entry.
    mutating func set(_ entry: CacheEntry) throws(Failure)
    /// Sets the fetch time of the entry. The caller has checked that the entry has the ETag of the header.
    ///
    /// - Returns: Whether that was possible without writing the whole entry.
    mutating func setFetchTime(_ header: CacheEntryHeader) throws(Failure) -> Bool
    /// Returns the lease; nil if there is none.
    func lease() throws(Failure) -> LeaseRecord?
    /// Replaces the lease; removes it if nil.
    mutating func setLease(_ lease: LeaseRecord?) throws(Failure)
}

extension EntryTransaction {
    /// Writes an entry, unless the store has a newer one. See ``OrderedConfigCache/write(_:replacing:for:)``.
    package mutating func write(
        _ entry: CacheEntry, replacing futureTime: Int64?, now: Int64
    ) throws(Failure) -> CacheWriteOutcome {
        guard
            WritePrecedence.shouldReplace(
                stored: try header()?.fetchTime, fetchTime: entry.fetchTime, futureTime: futureTime, now: now)
        else { return .keptNewer }
        try set(entry)
        return .written
    }

    /// Sets the fetch time of an entry. See ``OrderedConfigCache/refreshTimestamp(_:replacing:for:)``.
    package mutating func refreshTimestamp(
        _ header: CacheEntryHeader, replacing futureTime: Int64?, now: Int64
    ) throws(Failure) -> CacheWriteOutcome {
        let outcome = WritePrecedence.timestampRefresh(
            of: try self.header(), by: header, futureTime: futureTime, now: now)
        guard outcome == .written else { return outcome }
        return try setFetchTime(header) ? .written : .needsFullWrite
    }

    /// Takes the lease, unless another process holds it. See ``LeasingConfigCache/acquireLease(for:token:duration:)``.
    package mutating func acquireLease(
        token: String, duration: Duration, now: Int64
    ) throws(Failure) -> LeaseResult {
        var lease = try lease()
        let result = LeaseRecord.acquire(&lease, token: token, duration: duration, now: now)
        if result == .granted { try setLease(lease) }
        return result
    }

    /// Ends the lease, if the token holds it.
    package mutating func releaseLease(token: String) throws(Failure) {
        if try lease()?.token == token { try setLease(nil) }
    }
}
