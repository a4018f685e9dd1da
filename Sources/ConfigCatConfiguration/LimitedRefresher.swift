import ConfigCatCache
import Synchronization

/// Refreshes a config at most once per second. Callers that arrive during a refresh wait for that one.
final class LimitedRefresher: Sendable {
    private struct State {
        var refresh: Task<Void, any Error>?
        var startTime: Int64?
    }

    private static let interval: Int64 = 1000

    private let state = Mutex(State())
    private let work: @Sendable () async -> Void
    private let now: @Sendable () -> Int64

    /// Creates a refresher.
    ///
    /// - Parameters:
    ///   - now: A clock that never goes back, in milliseconds.
    ///   - work: The refresh.
    init(now: @escaping @Sendable () -> Int64 = HostRuntime.system.now, _ work: @escaping @Sendable () async -> Void) {
        self.now = now
        self.work = work
    }

    /// Refreshes, unless a refresh began less than a second ago; one that has not ended is waited for.
    ///
    /// - Throws: `CancellationError` if the calling task is cancelled. The refresh continues.
    func refresh() async throws {
        let refresh = state.withLock { state -> Task<Void, any Error>? in
            if let running = state.refresh { return running }
            let time = now()
            if let start = state.startTime, time - start < Self.interval { return nil }
            state.startTime = time
            state.refresh = Task {
                await work()
                self.state.withLock { $0.refresh = nil }
            }
            return state.refresh
        }
        try Task.checkCancellation()
        try await refresh?.valueUnlessCancelled
    }
}
