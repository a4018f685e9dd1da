import Synchronization

/// The current snapshot, in a copy for each of a number of threads.
///
/// Reading a reference means counting it, and a count that all threads write is slower than most evaluations. So there
/// are several snapshots with the same content, each behind a lock of its own, and a thread always reads the same one.
final class StripedSnapshot: Sendable {
    private static let stripes = 64

    private let snapshots: [Stripe]

    private final class Stripe: Sendable {
        let snapshot: Mutex<ConfigCatClientSnapshot>
        /// Keeps two stripes from sharing a line of the processor's cache.
        let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
            (
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
            )

        init(_ snapshot: ConfigCatClientSnapshot) { self.snapshot = Mutex(snapshot) }
    }

    init(_ snapshot: ConfigCatClientSnapshot) {
        snapshots = (0..<Self.stripes).map { _ in Stripe(snapshot.copy()) }
    }

    /// The snapshot of this thread.
    var current: ConfigCatClientSnapshot {
        snapshots[ThreadNumber.current % Self.stripes].snapshot.withLock { $0 }
    }

    /// A snapshot that can be read without waiting for a lock, the newest if there are several; nil if all locks are held.
    var available: ConfigCatClientSnapshot? {
        snapshots.lazy.compactMap { $0.snapshot.withLockIfAvailable { $0 } }.first
    }

    /// Sets the snapshot of all threads. The ones before are let go outside the locks that evaluations take.
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
