import Synchronization

/// Runs tasks, and knows when all of them have ended.
package final class TaskTracker: Sendable {
    private struct State {
        var running = 0
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Bool, Never>] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// Starts a task.
    ///
    /// - Parameters:
    ///   - executor: Where the task prefers to run; the default executor if nil.
    ///   - body: What the task does.
    @discardableResult
    package func run(
        on executor: (any TaskExecutor)? = nil, _ body: @escaping @Sendable () async -> Void
    ) -> Task<Void, Never> {
        state.withLock { $0.running += 1 }
        return Task(executorPreference: executor) {
            await body()
            self.taskEnded()
        }
    }

    private func taskEnded() {
        let waiters = state.withLock { state -> [CheckedContinuation<Bool, Never>] in
            state.running -= 1
            guard state.running == 0 else { return [] }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: true) }
    }

    /// Waits until no task runs.
    ///
    /// - Parameter limit: How long to wait at most; without end if nil.
    /// - Returns: Whether all tasks have ended; false if the time is over or the waiting task was cancelled.
    package func waitUntilIdle(atMost limit: Duration? = nil) async -> Bool {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let timer = limit.map { limit in
            Task {
                try? await Task.sleep(for: limit)
                self.giveUp(waiter)
            }
        }
        defer { timer?.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isIdle = state.withLock { state in
                    if state.running > 0 { state.waiters[waiter] = continuation }
                    return state.running == 0
                }
                if isIdle { continuation.resume(returning: true) }
                if Task.isCancelled { giveUp(waiter) }
            }
        } onCancel: {
            giveUp(waiter)
        }
    }

    private func giveUp(_ waiter: UInt64) {
        state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume(returning: false)
    }
}
