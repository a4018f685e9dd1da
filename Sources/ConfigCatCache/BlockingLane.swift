import Synchronization

/// The share of ``BlockingExecutor`` that one store may occupy. A store whose disk hangs fills only its own lane, and
/// does not use up the threads of others.
///
///     private let lane = BlockingLane(width: 4)
///     func read(for key: String) async throws -> String? {
///         try await lane.run { try store.value(for: key) }
///     }
///
/// A lane owns no threads, and need not be closed.
package final class BlockingLane: Sendable {
    private typealias Job = @Sendable () -> Void

    private struct State {
        var running = 0
        var waiting = FIFO<Job>()
    }

    private let width: Int
    private let limit: Int
    private let state = Mutex(State())

    /// Creates a lane.
    ///
    /// - Parameters:
    ///   - width: The maximum number of calls that run at once; at least 1.
    ///   - limit: The maximum number of calls that wait for others to end; 1,000 by default.
    package init(width: Int, limit: Int = 1000) {
        self.width = max(1, width)
        self.limit = max(0, limit)
    }

    /// Runs a blocking function: on the caller's thread if that may block, otherwise on a thread of the executor.
    ///
    /// - Parameter body: The blocking function. If the task is cancelled while it runs on another thread, it continues
    ///   without its caller.
    /// - Returns: The result of `body`.
    /// - Throws: The error of `body`; ``BlockingLaneError`` if too many calls wait; `CancellationError`.
    package func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try Task.checkCancellation()
        if BlockingExecutor.isCurrent, enter() {
            defer { if let next = leave() { BlockingExecutor.shared.perform { self.work(next) } } }
            return try body()
        }
        let call = Promise<Result>()
        return try await call.value {
            let isAccepted = submit { if !call.isFinished { call.finish(Swift.Result { try body() }) } }
            if !isAccepted { call.finish(.failure(BlockingLaneError(limit: limit))) }
        }
    }

    /// Takes one of the places for running calls, if one is free.
    private func enter() -> Bool {
        state.withLock { state in
            guard state.running < width else { return false }
            state.running += 1
            return true
        }
    }

    /// Gives the place of a finished call to the oldest waiting job, which the caller has to run.
    private func leave() -> Job? {
        state.withLock { state in
            if let next = state.waiting.popFirst() { return next }
            state.running -= 1
            return nil
        }
    }

    /// Runs a job now, or when others have ended. Returns false if too many jobs wait.
    private func submit(_ job: @escaping Job) -> Bool {
        let (isAccepted, isFirst) = state.withLock { state in
            if state.running < width {
                state.running += 1
                return (true, true)
            }
            guard state.waiting.count < limit else { return (false, false) }
            state.waiting.append(job)
            return (true, false)
        }
        if isFirst { BlockingExecutor.shared.perform { self.work(job) } }
        return isAccepted
    }

    /// Runs a job and then the waiting jobs on this thread.
    private func work(_ job: @escaping Job) {
        job()
        while let next = leave() { next() }
    }
}

/// The error of a call that is refused because too many calls already wait for the store.
package struct BlockingLaneError: Error, Sendable, CustomStringConvertible {
    let limit: Int

    package var description: String { "\(limit) calls already wait for the store; its disk may hang" }
}
