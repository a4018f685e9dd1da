import Synchronization

/// The current snapshot, in several copies that are shared out among threads.
///
/// Reading a reference changes its reference count, and a count that all threads change is slower than most
/// evaluations. So there are several copies of the snapshot, each with its own lock, and a thread always reads the same
/// copy.
final class StripedSnapshot: Sendable {
    private static let stripes = 64

    private let snapshots: [Stripe]

    private final class Stripe: Sendable {
        let snapshot: Mutex<ConfigCatClientSnapshot>
        /// Keeps two stripes out of one cache line.
        let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
            (
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
            )

        init(_ snapshot: ConfigCatClientSnapshot) { self.snapshot = Mutex(snapshot) }
    }

    init(_ snapshot: ConfigCatClientSnapshot) {
        snapshots = (0..<Self.stripes).map { _ in Stripe(snapshot.copy()) }
    }

    /// The copy for this thread.
    var current: ConfigCatClientSnapshot {
        snapshots[ThreadNumber.current % Self.stripes].snapshot.withLock { $0 }
    }

    /// Calls `body` with the copy for this thread, while its lock is held. This saves changing its reference count twice.
    /// The body must not call anything that takes a lock or code of the user.
    @inline(__always)
    func withCurrent<Result>(_ body: (borrowing ConfigCatClientSnapshot) -> Result) -> Result {
        snapshots[ThreadNumber.current % Self.stripes].snapshot.withLock { body($0) }
    }

    /// The newest copy that can be read without waiting for a lock, which is the first; nil if all locks are held.
    var available: ConfigCatClientSnapshot? {
        snapshots.lazy.compactMap { $0.snapshot.withLockIfAvailable { $0 } }.first
    }

    /// Sets the snapshot of all threads. The previous ones are released outside the locks that evaluations take.
    func set(_ snapshot: ConfigCatClientSnapshot) {
        for stripe in snapshots {
            let copy = snapshot.copy()
            _ = stripe.snapshot.withLock { current in
                let old = current
                current = copy
                return old
            }
        }
    }
}
