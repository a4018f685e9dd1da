import Synchronization

/// The current snapshot, in several copies that are shared out among threads.
///
/// Reading a reference changes its reference count, and a count that all threads change is slower than most
/// evaluations. So there are several copies of the snapshot, each with its own lock, and a thread always reads the same
/// copy.
///
/// `@unchecked Sendable`: the pointer never changes, and what it points to is read and changed only under locks.
final class StripedSnapshot: @unchecked Sendable {
    private static let count = 64

    /// Not an array of objects: evaluations would change their reference counts.
    private let stripes: UnsafeMutablePointer<Stripe>

    private struct Stripe: ~Copyable, Sendable {
        let snapshot: Mutex<ConfigCatClientSnapshot>
        /// Keeps two stripes out of one cache line.
        let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
            (
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
            )

        init(_ snapshot: ConfigCatClientSnapshot) { self.snapshot = Mutex(snapshot) }
    }

    init(_ snapshot: ConfigCatClientSnapshot) {
        stripes = .allocate(capacity: Self.count)
        for index in 0..<Self.count { (stripes + index).initialize(to: Stripe(snapshot.copy())) }
    }

    deinit {
        stripes.deinitialize(count: Self.count)
        stripes.deallocate()
    }

    /// The index of the stripe for this thread.
    private var index: Int { Int(UInt(bitPattern: ThreadNumber.current) % UInt(Self.count)) }

    /// The copy for this thread.
    var current: ConfigCatClientSnapshot { stripes[index].snapshot.withLock { $0 } }

    /// Calls `body` with the copy for this thread, while its lock is held. This saves changing its reference count twice.
    /// The body must not call anything that can wait for another thread's evaluation, or code of the user.
    @inline(__always)
    func withCurrent<Result>(_ body: (borrowing ConfigCatClientSnapshot) -> Result) -> Result {
        stripes[index].snapshot.withLock { body($0) }
    }

    /// The newest copy that can be read without waiting for a lock, which is the first; nil if all locks are held.
    var available: ConfigCatClientSnapshot? {
        (0..<Self.count).lazy.compactMap { self.stripes[$0].snapshot.withLockIfAvailable { $0 } }.first
    }

    /// Sets the snapshot of all threads. The previous ones are released outside the locks that evaluations take.
    func set(_ snapshot: ConfigCatClientSnapshot) {
        for index in 0..<Self.count {
            let copy = snapshot.copy()
            _ = stripes[index].snapshot.withLock { current in
                let old = current
                current = copy
                return old
            }
        }
    }
}
