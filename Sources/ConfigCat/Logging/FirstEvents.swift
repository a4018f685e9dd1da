import Synchronization

/// Lets the first event of each kind through, and no repetitions. This is how the log of a forked process is limited.
///
/// It has no lock: in a forked process, a lock may be held for ever by a thread that is not there, and Swift's `Mutex` stops
/// the process as soon as two of its threads want the same one.
/// `@unchecked Sendable`: only the atomic values behind the pointer change.
final class FirstEvents: @unchecked Sendable {
    /// How many kinds are let through: each event may be about another key.
    static let limit = 100

    /// The hashes of the events that were let through; 0 where there is none.
    ///
    /// They are read by index, without Swift's collections: where a build does not specialize these, the runtime takes a lock when
    /// one is first used, and a forked process may inherit that lock held.
    private let hashes: UnsafeMutablePointer<Atomic<Int>>

    init() {
        hashes = .allocate(capacity: Self.limit)
        var index = 0
        while index < Self.limit {
            (hashes + index).initialize(to: Atomic(0))
            index += 1
        }
    }

    deinit {
        hashes.deinitialize(count: Self.limit)
        hashes.deallocate()
    }

    /// Returns whether an event is the first of its kind.
    func admits(_ event: RepeatedEvents.Event) -> Bool {
        let hash = event.hashValue | 1
        var index = 0
        while index < Self.limit {
            var known = hashes[index].load(ordering: .relaxed)
            if known == 0 {
                let (isStored, before) = hashes[index].compareExchange(expected: 0, desired: hash, ordering: .relaxed)
                if isStored { return true }
                known = before
            }
            if known == hash { return false }
            index += 1
        }
        return false
    }
}
