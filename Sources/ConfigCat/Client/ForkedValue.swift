import ConfigCatPlatform
import Synchronization

/// A value that a forked process reads once, by the first of its threads that asks. The others wait for it without a lock: Swift's
/// `Mutex` stops a forked process as soon as two of its threads want the same one, even if one of them only tries to take it.
final class ForkedValue<Value: AnyObject & Sendable>: Sendable {
    private let value = AtomicLazyReference<Value>()
    /// The fork after which a thread has begun to read. A thread that began in a parent of this process is not there.
    private let reader = Atomic<Int>(0)

    /// Returns the value, and whether this call has read it.
    func get(_ read: () -> Value) -> (value: Value, isNew: Bool) {
        while true {
            if let value = value.load() { return (value, false) }
            let (before, fork) = (reader.load(ordering: .relaxed), ProcessMark.currentFork)
            if before != fork, reader.compareExchange(expected: before, desired: fork, ordering: .relaxed).exchanged {
                return (value.storeIfNil(read()), true)
            }
            sched_yield()
        }
    }
}
