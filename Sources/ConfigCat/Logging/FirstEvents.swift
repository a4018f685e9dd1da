import Synchronization

/// Admits the first event of each kind, and no repetitions. It limits the log of a forked process.
///
/// It has no lock: in a forked process, a lock may stay locked for ever by a thread that does not exist there, and
/// Swift's `Mutex` traps as soon as two threads use the same one.
final class FirstEvents: Sendable {
    /// The number of kinds that are admitted. It is limited because each event may be about another key.
    static let limit = 100

    private final class Slot: Sendable {
        /// The hash of the event that was admitted; 0 if there is none.
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
