/// The queue of changes to a cache: at most one entry, the newest, and then at most one release of the lease.
struct WriteQueue<Entry: PollableEntry>: Sendable {
    typealias Write = PollingStateMachine<Entry>.Write

    enum Step: Sendable {
        case write(Write)
        case releaseLease
    }

    private var waiting: Write?
    private var releasesLease = false
    /// Whether this client has a lease that it has not released.
    private var hasLease = false

    mutating func add(_ write: Write) {
        var write = write
        // If an entry waits to be written whole, a confirmation of it must not replace the whole write.
        if let waiting, !waiting.isConfirmed { write.isConfirmed = false }
        waiting = write
    }

    /// Records that a lease was granted. A release that still waits was for the previous lease, and is dropped.
    mutating func leaseGranted() { (hasLease, releasesLease) = (true, false) }

    /// Releases the lease after the entry has been written, because the process that gets the lease next reads the
    /// entry.
    mutating func releaseLease() { releasesLease = hasLease }

    mutating func dropWrite() { waiting = nil }

    var hasWrite: Bool { waiting != nil }
    var isEmpty: Bool { waiting == nil && !releasesLease }

    /// Removes and returns the next step; nil if nothing waits.
    mutating func next() -> Step? {
        if let write = waiting {
            waiting = nil
            return .write(write)
        }
        guard releasesLease else { return nil }
        (hasLease, releasesLease) = (false, false)
        return .releaseLease
    }
}
