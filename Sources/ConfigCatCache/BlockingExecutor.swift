import Dispatch
import Synchronization

/// An executor whose threads may block, for example on disk I/O. The threads of Swift's tasks must not, because there
/// are few of them.
///
/// A client's tasks for its cache prefer this executor, so that a call runs on the thread of its task; calls from other
/// threads switch to this executor and back. If all threads are busy, a new job gets a new thread, so that a disk that
/// hangs does not block other stores. A store limits the number of threads it occupies with a ``BlockingLane``.
package final class BlockingExecutor: TaskExecutor {
    /// The executor of the process.
    package static let shared = BlockingExecutor()

    private typealias Job = @Sendable () -> Void

    private struct State {
        /// Serial queues without a job. Dispatch gives a queue a thread while it has jobs, and ends idle threads after
        /// a few seconds.
        var idle: [DispatchQueue] = []
        var queueCount = 0
        /// Jobs that wait for a queue, the oldest first.
        var waiting = FIFO<Job>()
    }

    /// The maximum number of threads.
    static let width = 128
    private static let key = DispatchSpecificKey<Bool>()
    private let state = Mutex(State())

    private init() {}

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        perform { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Runs a job on the queue that was used last, whose thread most likely still exists.
    func perform(_ job: @escaping @Sendable () -> Void) {
        let queue = state.withLock { state -> DispatchQueue? in
            if let queue = state.idle.popLast() { return queue }
            guard state.queueCount < Self.width else {
                state.waiting.append(job)
                return nil
            }
            state.queueCount += 1
            let queue = DispatchQueue(label: "configcat.cache-\(state.queueCount)")
            queue.setSpecific(key: Self.key, value: true)
            return queue
        }
        if let queue { run(job, on: queue) }
    }

    private func run(_ job: @escaping Job, on queue: DispatchQueue) {
        queue.async {
            job()
            let next = self.state.withLock { state -> Job? in
                if let next = state.waiting.popFirst() { return next }
                state.idle.append(queue)
                return nil
            }
            if let next { self.run(next, on: queue) }
        }
    }

    /// Whether the current thread belongs to the executor.
    static var isCurrent: Bool { DispatchQueue.getSpecific(key: key) ?? false }

    /// Runs a blocking function on a thread that may block.
    ///
    /// - Parameter body: The blocking function.
    /// - Returns: The result of `body`.
    /// - Throws: The error of `body`; `CancellationError` if the task was already cancelled.
    package static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try Task.checkCancellation()
        if isCurrent { return try body() }
        return try await withCheckedThrowingContinuation { continuation in
            shared.perform { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}
