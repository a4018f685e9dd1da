import Synchronization

/// Runs tasks, and can wait until all of them have ended.
package final class TaskTracker: Sendable {
    private struct State {
        var running = 0
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: Promise<Bool>] = [:]
    }

    /// The slices of a limit.
    private static let slices = 10

    private let state = Mutex(State())
    private let host: HostRuntime

    package init(_ host: HostRuntime = .system) { self.host = host }

    /// Starts a task, and returns it. A task that may wait for a disk has to say so.
    @discardableResult
    package func run(
        mayBlock: Bool = false, _ body: @escaping @Sendable () async -> Void
    ) -> Task<Void, Never> {
        begin()
        return Task(executorPreference: mayBlock ? host.blockingExecutor : host.executor) {
            await body()
            self.end()
        }
    }

    /// Notes the beginning of work that does not run in a task of ``run(mayBlock:_:)``. Call ``end()`` when it ends.
    package func begin() { state.withLock { $0.running += 1 } }

    /// Notes the end of work that began with ``begin()``.
    package func end() {
        let waiters = state.withLock { state -> [Promise<Bool>] in
            state.running -= 1
            return state.running == 0 ? state.waiters.sorted { $0.key < $1.key }.map(\.value) : []
        }
        for waiter in waiters { waiter.finish(.success(true)) }
    }

    /// Waits until no task runs.
    ///
    /// A limit counts the time in which the process runs: a process that is stopped while it waits, and goes on when the
    /// limit is over, still gives its tasks most of the limit.
    ///
    /// - Parameter limit: How long to wait at most; no limit if nil.
    /// - Returns: Whether all tasks have ended; false if the limit has passed or the waiting task was cancelled.
    package func waitUntilIdle(atMost limit: Duration? = nil) async -> Bool {
        let idle = Promise<Bool>()
        let waiter = state.withLock { state -> UInt64? in
            guard state.running > 0 else { return nil }
            state.nextWaiter += 1
            state.waiters[state.nextWaiter] = idle
            return state.nextWaiter
        }
        guard let waiter else { return true }
        let timer = limit.map { limit in
            Task(executorPreference: host.executor) { [host] in
                // A stop of the process costs one slice of the limit at most.
                for _ in 0..<Self.slices { try await host.sleep(limit / Self.slices) }
                idle.finish(.success(false))
            }
        }
        let isIdle = (try? await idle.value()) ?? false
        timer?.cancel()
        state.withLock { _ = $0.waiters.removeValue(forKey: waiter) }
        return isIdle
    }
}
