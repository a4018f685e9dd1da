import Synchronization

/// Lets the first event of each kind through, and no repetitions. This is how the log of a forked process is limited.
///
/// It has no lock: in a forked process, a lock may be held for ever by a thread that is not there, and Swift's `Mutex` stops
/// the process as soon as two of its threads want the same one.
final class FirstEvents: Sendable {
    /// How many kinds are let through: each event may be about another key.
    static let limit = 100

    private final class Slot: Sendable {
        /// The hash of the event that was let through; 0 if there is none.
        let event = Atomic<Int>(0)
    }

    private let slots = (0..<limit).map { _ in Slot() }

    /// Returns whether an event is the first of its kind.
    func admits(_ event: RepeatedEvents.Event) -> Bool {
        let hash = event.hashValue | 1
        for slot in slots {
            var known = slot.event.load(ordering: .relaxed)
            if known == 0 {
                let (isStored, before) = slot.event.compareExchange(expected: 0, desired: hash, ordering: .relaxed)
                if isStored { return true }
                known = before
            }
            if known == hash { return false }
        }
        return false
    }
}
