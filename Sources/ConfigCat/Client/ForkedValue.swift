import ConfigCatPlatform
import Synchronization

/// A value that a forked process reads once, on the first thread that needs it. Other threads wait for it without a
/// lock: Swift's `Mutex` traps in a forked process as soon as two threads use the same one, even if one of them only
/// tries to lock it.
final class ForkedValue<Value: AnyObject & Sendable>: Sendable {
    private let value = AtomicLazyReference<Value>()
    /// The number of the fork after which a thread began to read. A thread of a parent process does not exist in this
    /// process, so its reading counts for nothing.
    private let reader = Atomic<Int>(0)

    /// Returns the value, and whether this call read it.
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
