import ConfigCatCache
import Synchronization

/// Refreshes a config at most once per second, however many requests ask for it.
///
/// A caller gets the result of a refresh that began after its call, because an earlier one may have been answered before
/// the change that the caller knows of. Callers that wait for the next refresh share it.
final class PacedRefresher<Outcome: Sendable>: Sendable {
    private struct State {
        /// The refresh that has not begun.
        var next: Task<Outcome, Never>?
        /// The last refresh that has begun.
        var last: Task<Outcome, Never>?
        /// When it began, in milliseconds; nil if there was none.
        var lastStart: Int64?
    }

    private let state = Mutex(State())
    private let interval: Int64
    private let now: @Sendable () -> Int64
    private let sleep: @Sendable (Int64) async -> Void
    private let work: @Sendable () async -> Outcome

    /// Creates a refresher.
    ///
    /// - Parameters:
    ///   - interval: The time between the starts of two refreshes, in milliseconds.
    ///   - now: A clock that never goes back, in milliseconds.
    ///   - sleep: Waits for a number of milliseconds.
    ///   - work: The refresh.
    init(
        interval: Int64 = 1000, now: @escaping @Sendable () -> Int64 = HostRuntime.system.now,
        sleep: @escaping @Sendable (Int64) async -> Void = { try? await Task.sleep(for: .milliseconds($0)) },
        _ work: @escaping @Sendable () async -> Outcome
    ) {
        self.interval = interval
        self.now = now
        self.sleep = sleep
        self.work = work
    }

    /// Refreshes.
    ///
    /// - Returns: The result of a refresh that began after this call.
    func refresh() async -> Outcome {
        let task = state.withLock { state in
            if let next = state.next { return next }
            let next = Task { [last = state.last] in
                _ = await last?.value
                let wait = self.state.withLock { state in
                    state.lastStart.map { max(0, self.interval - (self.now() - $0)) } ?? 0
                }
                if wait > 0 { await self.sleep(wait) }
                self.state.withLock { state in
                    (state.last, state.next) = (state.next, nil)
                    state.lastStart = self.now()
                }
                return await self.work()
            }
            state.next = next
            return next
        }
        return await task.value
    }
}
