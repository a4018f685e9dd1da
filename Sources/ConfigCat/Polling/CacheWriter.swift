import ConfigCatCache
import Synchronization

/// Writes a client's entries to its cache, one at a time. No error ends it, and what it was given before a shutdown is written
/// before the shutdown ends.
final class CacheWriter: Sendable {
    typealias Machine = PollingStateMachine<ConfigEntry>

    private struct State {
        var queue = WriteQueue<ConfigEntry>()
        var task: Task<Void, Never>?
        var onWritten: @Sendable (SharedCache.WriteOutcome) -> Void = { _ in }
        /// Set when the time for a shutdown is over.
        var isAbandoned = false
    }

    private let state = Mutex(State())
    private let cache: SharedCache
    private let tasks: TaskTracker
    private let metrics: ClientMetrics
    private let log: EventLogger

    init(_ cache: SharedCache, tasks: TaskTracker, metrics: ClientMetrics, log: EventLogger) {
        self.cache = cache
        self.tasks = tasks
        self.metrics = metrics
        self.log = log
    }

    /// Sets what is called after each write that did not fail.
    func setHandler(_ onWritten: @escaping @Sendable (SharedCache.WriteOutcome) -> Void) {
        state.withLock { $0.onWritten = onWritten }
    }

    func add(_ write: Machine.Write) { change { $0.add(write) } }
    func leaseGranted() { change { $0.leaseGranted() } }
    func releaseLease() { change { $0.releaseLease() } }

    /// Gives up what has not been written.
    ///
    /// - Returns: Whether anything was left.
    func abandon() -> Bool {
        let task = state.withLock { state in
            state.isAbandoned = true
            return state.task
        }
        task?.cancel()
        return task != nil
    }

    private func change(_ body: (inout WriteQueue<ConfigEntry>) -> Void) {
        state.withLock { state in
            body(&state.queue)
            guard state.task == nil, !state.isAbandoned else { return }
            state.task = tasks.run(on: BlockingExecutor.shared) { await self.run() }
        }
    }

    private func run() async {
        while let step = next() {
            do {
                switch step {
                case .write(let write):
                    let outcome = try await cache.write(write)
                    state.withLock(\.onWritten)(outcome)
                case .releaseLease: try await cache.releaseLease()
                }
            } catch {
                metrics.cacheError(.write)
                log.error(2201, "The cache could not be written: \(error).", error)
            }
        }
    }

    private func next() -> WriteQueue<ConfigEntry>.Step? {
        state.withLock { state in
            let step = state.isAbandoned ? nil : state.queue.next()
            if step == nil { state.task = nil }
            return step
        }
    }
}
