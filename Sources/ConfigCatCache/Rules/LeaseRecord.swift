/// Who holds a lease until when, as stores without leases of their own keep it.
package struct LeaseRecord: Sendable, Equatable {
    package var token: String
    /// In milliseconds since 1970-01-01T00:00:00Z.
    package var end: Int64

    package init(token: String, end: Int64) {
        self.token = token
        self.end = end
    }

    /// Answers a process that wants the lease, and changes the record if the lease is granted.
    ///
    /// - Parameters:
    ///   - lease: What the store holds.
    ///   - token: The process that wants the lease.
    ///   - duration: How long it wants the lease, and the longest that any process of the fleet does.
    ///   - now: The time by the store's clock.
    package static func acquire(
        _ lease: inout LeaseRecord?, token: String, duration: Duration, now: Int64
    ) -> LeaseResult {
        let milliseconds = min(max(0, duration.milliseconds), longest)
        // An end further away than a lease lasts was written before the store's clock was set back.
        if let held = lease, held.token != token, held.end > now, held.end.subtractingClamped(now) <= milliseconds {
            return .held(for: .milliseconds(held.end - now))
        }
        lease = LeaseRecord(token: token, end: now.addingClamped(milliseconds))
        return .granted
    }

    /// The longest lease, in milliseconds.
    private static let longest: Int64 = 600_000
}
