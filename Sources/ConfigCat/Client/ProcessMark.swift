import ConfigCatPlatform
import Synchronization

/// Remembers the process in which it was created.
///
/// A call of `getpid` for each evaluation would take longer than the evaluation. Instead, a fork handler of the C
/// library counts forks, and a mark compares two numbers. A process that is created by the system call `clone` itself
/// is not noticed.
struct ProcessMark: Sendable {
    private let forks: Int

    init() {
        _ = Self.isCounting
        forks = Self.count.load(ordering: .relaxed)
    }

    /// Whether this process is a child of the one in which the mark was created. A child has none of its parent's
    /// threads, and a lock that another thread held at the fork stays locked for ever.
    var isForked: Bool { forks != Self.count.load(ordering: .relaxed) }

    /// The number of forks between the first process and this one; 0 in the first.
    static var currentFork: Int { count.load(ordering: .relaxed) }

    private static let count = Atomic<Int>(0)
    private static let isCounting =
        pthread_atfork(nil, nil) { ProcessMark.count.add(1, ordering: .relaxed) } == 0
}
