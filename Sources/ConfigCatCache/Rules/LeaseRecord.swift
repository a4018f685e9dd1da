/// Who holds a lease until when, as stores without leases of their own keep it.
package struct LeaseRecord: Sendable, Equatable {
    package var token: String
    /// In milliseconds since 1970-01-01T00:00:00Z.
    package var end: Int64

    package init(token: String, end: Int64) {
        self.token = token
        self.end = end
    }

    /// Answers one who wants the lease, and changes it if it is granted.
    ///
    /// - Parameters:
    ///   - lease: What the store holds.
    ///   - token: Who wants it.
    ///   - milliseconds: For how long.
    ///   - now: The time by the store's clock.
    package static func acquire(
        _ lease: inout LeaseRecord?, token: String, milliseconds: Int64, now: Int64
    ) -> LeaseAnswer {
        // An end further away than any lease lasts was written by a clock that has been set back since.
        if let held = lease, held.token != token, held.end > now, held.end - now <= longest {
            return .held(milliseconds: held.end - now)
        }
        lease = LeaseRecord(token: token, end: now + min(max(0, milliseconds), longest))
        return .granted
    }

    /// The longest lease, in milliseconds.
    private static let longest: Int64 = 600_000
}
