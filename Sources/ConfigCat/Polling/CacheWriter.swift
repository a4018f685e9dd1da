import ConfigCatCache
import Synchronization

/// Writes a client's entries to its cache, one at a time. Errors do not end it, and a shutdown waits for the entries
/// that were added before it.
final class CacheWriter: Sendable {
    typealias Machine = PollingStateMachine<ConfigEntry>

    private struct State {
        var queue = WriteQueue<ConfigEntry>()
        var task: Task<Void, Never>?
        var isWriting = false
        var onWritten: @Sendable (SharedCache.WriteOutcome) -> Void = { _ in }
    }

    private let state = Mutex(State())
    private let cache: SharedCache
    private let tasks: TaskTracker
    private let metrics: ClientMetrics
    private let log: EventLogger
    private let health: HealthRecorder?

    init(
        _ cache: SharedCache, tasks: TaskTracker, metrics: ClientMetrics, log: EventLogger,
        health: HealthRecorder? = nil
    ) {
        self.health = health
        self.cache = cache
        self.tasks = tasks
        self.metrics = metrics
        self.log = log
    }

    /// Sets the closure that is called after each successful write.
    func setHandler(_ onWritten: @escaping @Sendable (SharedCache.WriteOutcome) -> Void) {
        state.withLock { $0.onWritten = onWritten }
    }

    func add(_ write: Machine.Write) { change { $0.add(write) } }
    func leaseGranted() { change { $0.leaseGranted() } }
    func releaseLease() { change { $0.releaseLease() } }

    /// Cancels the current write, and drops the entry that waits. A lease that is granted later is still released.
    ///
    /// - Returns: Whether an entry was dropped.
    func abandon() -> Bool {
        let (task, isLost) = state.withLock { state in
            let isLost = state.isWriting || state.queue.hasWrite
            state.queue.dropWrite()
            return (state.task, isLost)
        }
        task?.cancel()
        return isLost
    }

    private func change(_ body: (inout WriteQueue<ConfigEntry>) -> Void) {
        state.withLock { state in
            body(&state.queue)
            if state.task == nil, !state.queue.isEmpty { start(&state) }
        }
    }

    private func start(_ state: inout State) {
        state.task = tasks.run(mayBlock: true) { await self.run() }
    }

    private func run() async {
        while let step = next() {
            do {
                switch step {
                case .write(let write):
                    let outcome = try await cache.write(write)
                    health?.cacheWritten()
                    state.withLock(\.onWritten)(outcome)
                case .releaseLease: try await cache.releaseLease()
                }
            } catch {
                // The caller of `abandon()` has reported the dropped entry.
                if Task.isCancelled { continue }
                metrics.cacheError(.write)
                if case .write = step { health?.cacheWritten(error: "\(error)") }
                log.error(2201, "The cache could not be written: \(error).", error)
            }
        }
    }

    private func next() -> WriteQueue<ConfigEntry>.Step? {
        state.withLock { state in
            // A cancelled task cannot call the cache any more, so the remaining steps need a new one.
            if Task.isCancelled {
                state.isWriting = false
                if state.queue.isEmpty { state.task = nil } else { start(&state) }
                return nil
            }
            let step = state.queue.next()
            if step == nil { state.task = nil }
            state.isWriting = if case .write = step { true } else { false }
            return step
        }
    }
}
