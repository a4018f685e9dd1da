import Synchronization

/// Admits the first event of each kind, and no repetitions. It limits the log of a forked process.
///
/// It has no lock: in a forked process, a lock may stay locked for ever by a thread that does not exist there, and
/// Swift's `Mutex` traps as soon as two threads use the same one.
///
/// `@unchecked Sendable`: only the atomic values behind the pointer change.
final class FirstEvents: @unchecked Sendable {
    /// The number of kinds that are admitted. It is limited because each event may be about another key.
    static let limit = 100

    /// The hashes of the admitted events; 0 where there is none.
    ///
    /// They are read by index, without Swift's collections: in a build that does not specialize these, the runtime takes
    /// a lock when one is first used, and a forked process may inherit the locked lock.
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
