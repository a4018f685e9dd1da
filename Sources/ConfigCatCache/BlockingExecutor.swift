import Dispatch
import Synchronization

/// Threads that may wait for the disk: those of Swift's tasks may not, because there are few of them.
///
/// A store whose calls block runs them with ``run(_:)``. A client's tasks for its cache prefer this executor, so that there
/// a call is done where its task is, and changes no thread; calls from elsewhere come here and return.
public final class BlockingExecutor: TaskExecutor {
    /// The executor of the process.
    public static let shared = BlockingExecutor()

    /// Serial queues have threads of their own, at once: a concurrent one gets more threads only after a while, when those it
    /// has are found to wait.
    private let queues: [DispatchQueue]
    /// How many jobs each queue has.
    private let loads: Mutex<[Int]>
    private static let width = 16
    private static let key = DispatchSpecificKey<Bool>()

    private init() {
        queues = (0..<Self.width).map { DispatchQueue(label: "configcat.cache-\($0)") }
        loads = Mutex(Array(repeating: 0, count: Self.width))
        for queue in queues { queue.setSpecific(key: Self.key, value: true) }
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        perform { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Runs a job on the queue with the fewest.
    private func perform(_ job: @escaping @Sendable () -> Void) {
        let index = loads.withLock { loads in
            let index = loads.indices.min { loads[$0] < loads[$1] } ?? 0
            loads[index] += 1
            return index
        }
        queues[index].async {
            job()
            self.loads.withLock { $0[index] -= 1 }
        }
    }

    private static var isCurrent: Bool { DispatchQueue.getSpecific(key: key) ?? false }

    /// Runs what blocks on a thread that may.
    ///
    /// - Parameter body: What blocks.
    /// - Throws: What `body` throws; `CancellationError` if the task was cancelled before.
    public static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try Task.checkCancellation()
        if isCurrent { return try body() }
        return try await withCheckedThrowingContinuation { continuation in
            shared.perform { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}
