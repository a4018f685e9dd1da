import Dispatch
import Synchronization

/// Threads that may wait for the disk: those of Swift's tasks may not, because there are few of them.
///
/// A client's tasks for its cache prefer this executor, so that there a call is done where its task is, and changes no
/// thread; calls from elsewhere come here and return. A job whose predecessors all wait gets a thread of its own, so that a
/// disk that hangs does not keep others from working; a store limits how many it occupies with a ``BlockingLane``.
package final class BlockingExecutor: TaskExecutor {
    /// The executor of the process.
    package static let shared = BlockingExecutor()

    private typealias Job = @Sendable () -> Void

    private struct State {
        /// Serial queues without a job. Dispatch gives a queue its thread while it has jobs, and ends those that are idle
        /// after some seconds.
        var idle: [DispatchQueue] = []
        var queueCount = 0
        /// Jobs for which there was no queue, the oldest first.
        var waiting = FIFO<Job>()
    }

    /// How many threads there are at most.
    static let width = 128
    private static let key = DispatchSpecificKey<Bool>()
    private let state = Mutex(State())

    private init() {}

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        perform { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Runs a job on the queue that was used last, so that its thread is still there.
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

    /// Whether this thread is one of the executor's.
    static var isCurrent: Bool { DispatchQueue.getSpecific(key: key) ?? false }

    /// Runs what blocks on a thread that may.
    ///
    /// - Parameter body: What blocks.
    /// - Throws: What `body` throws; `CancellationError` if the task was cancelled before.
    package static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try Task.checkCancellation()
        if isCurrent { return try body() }
        return try await withCheckedThrowingContinuation { continuation in
            shared.perform { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}
