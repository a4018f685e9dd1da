import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

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

/// Numbers threads in the order in which they first ask.
private enum ThreadNumber {
    private static let next = Atomic<Int>(1)
    private static let key: pthread_key_t? = {
        var key = pthread_key_t()
        return pthread_key_create(&key, nil) == 0 ? key : nil
    }()

    static var current: Int {
        guard let key else { return 0 }
        let number = Int(bitPattern: pthread_getspecific(key))
        return number != 0 ? number : assign(key)
    }

    private static func assign(_ key: pthread_key_t) -> Int {
        let number = next.add(1, ordering: .relaxed).newValue
        pthread_setspecific(key, UnsafeRawPointer(bitPattern: number))
        return number
    }
}
