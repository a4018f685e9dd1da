/// The holder and the end of a lease, for stores that have no leases themselves.
package struct LeaseRecord: Sendable, Equatable {
    package var token: String
    /// The time at which the lease expires, in milliseconds since 1970-01-01T00:00:00Z.
    package var end: Int64

    package init(token: String, end: Int64) {
        self.token = token
        self.end = end
    }

    /// Decides whether a process gets the lease, and changes the record if so.
    ///
    /// - Parameters:
    ///   - lease: The stored lease.
    ///   - token: The token of the process that wants the lease.
    ///   - duration: The duration of the lease, which is the same for all processes of the fleet.
    ///   - now: The time by the store's clock.
    /// - Returns: Whether the lease was granted.
    package static func acquire(
        _ lease: inout LeaseRecord?, token: String, duration: Duration, now: Int64
    ) -> LeaseResult {
        let milliseconds = milliseconds(of: duration)
        // A lease that would last longer than the duration was written before the store's clock was set back.
        if let held = lease, held.token != token, held.end > now, held.end.subtractingClamped(now) <= milliseconds {
            return .held(for: .milliseconds(held.end - now))
        }
        lease = LeaseRecord(token: token, end: now.addingClamped(milliseconds))
        return .granted
    }

    /// Returns the duration of a lease in milliseconds, limited to the range from 0 to ten minutes.
    package static func milliseconds(of duration: Duration) -> Int64 {
        min(max(0, duration.milliseconds), 600_000)
    }
}
