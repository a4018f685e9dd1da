import Dispatch

/// Threads that may wait for the disk: those of Swift's tasks may not, because there are few of them.
///
/// A store whose calls block runs them with ``run(_:)``. A client's tasks for its cache prefer this executor, so that there
/// a call is done where its task is, and changes no thread; calls from elsewhere come here and return.
public final class BlockingExecutor: TaskExecutor {
    /// The executor of the process.
    public static let shared = BlockingExecutor()

    private let queue = DispatchQueue(label: "configcat.cache", attributes: .concurrent)
    private static let key = DispatchSpecificKey<Bool>()

    private init() { queue.setSpecific(key: Self.key, value: true) }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
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
            shared.queue.async { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}
