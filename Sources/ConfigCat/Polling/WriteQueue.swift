/// What is to be written to a cache, in order: the newest entry, then the release of the lease. It never holds more than one
/// of each.
struct WriteQueue<Entry: PollableEntry>: Sendable {
    typealias Write = PollingStateMachine<Entry>.Write

    enum Step: Sendable {
        case write(Write)
        case releaseLease
    }

    private var waiting: Write?
    private var releasesLease = false
    /// Whether this client has a lease that it has not given back.
    private var hasLease = false

    mutating func add(_ write: Write) {
        var write = write
        // An entry that waits to be written whole is not to be forgotten for a confirmation of it.
        if let waiting, !waiting.isConfirmed { write.isConfirmed = false }
        waiting = write
    }

    /// Notes that a lease was granted. A release that still waits was meant for the lease before.
    mutating func leaseGranted() { (hasLease, releasesLease) = (true, false) }

    /// Gives the lease back, once everything is written: with the lease, other processes look for the entry.
    mutating func releaseLease() { releasesLease = hasLease }

    mutating func dropWrite() { waiting = nil }

    var hasWrite: Bool { waiting != nil }
    var isEmpty: Bool { waiting == nil && !releasesLease }

    /// Returns what comes next; nil if nothing waits.
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
