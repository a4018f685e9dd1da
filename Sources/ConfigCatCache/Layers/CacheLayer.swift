import Synchronization

/// One of several caches: it has so long to answer, and is left alone while it has not.
final class CacheLayer: Sendable {
    let cache: any ConfigCache
    private let timeout: Duration
    /// Calls that have not come back in time.
    private let overdue = Atomic<Int>(0)

    init(_ cache: any ConfigCache, timeout: Duration) {
        self.cache = cache
        self.timeout = timeout
    }

    /// Runs a call, and gives it up when its time has passed. It goes on by itself then: not every call can be cancelled.
    func limited<Result: Sendable>(
        _ body: @escaping @Sendable (any ConfigCache) async throws -> Result
    ) async throws -> Result {
        guard overdue.load(ordering: .relaxed) == 0 else {
            throw LayeredCacheError(message: "the layer still has not answered an earlier call")
        }
        let race = Race<Result>()
        let call = Task(executorPreference: BlockingExecutor.shared) { [cache] in
            do {
                race.finish(.success(try await body(cache)))
            } catch {
                race.finish(.failure(error))
            }
        }
        let timer = Task { [self] in
            do { try await Task.sleep(for: timeout) } catch { return }
            guard race.finish(.failure(LayeredCacheError(message: "the layer did not answer within \(timeout)"))) else {
                return
            }
            overdue.add(1, ordering: .relaxed)
            await call.value
            overdue.subtract(1, ordering: .relaxed)
        }
        defer { if !race.isLate { timer.cancel() } }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { race.begin($0) }
        } onCancel: {
            race.finish(.failure(CancellationError()))
        }
    }

    /// Whoever comes first answers.
    private final class Race<Result: Sendable>: Sendable {
        private enum State {
            case new
            case running(CheckedContinuation<Result, any Error>)
            case finished(Swift.Result<Result, any Error>)
        }

        private let state = Mutex(State.new)

        /// Whether the timer came first.
        var isLate: Bool {
            state.withLock { state in
                if case .finished(.failure(let error)) = state { return error is LayeredCacheError }
                return false
            }
        }

        func begin(_ continuation: CheckedContinuation<Result, any Error>) {
            let early = state.withLock { state -> Swift.Result<Result, any Error>? in
                if case .finished(let outcome) = state { return outcome }
                state = .running(continuation)
                return nil
            }
            if let early { continuation.resume(with: early) }
        }

        /// Returns whether this was the first outcome.
        @discardableResult
        func finish(_ outcome: Swift.Result<Result, any Error>) -> Bool {
            let (isFirst, continuation) = state.withLock { state in
                defer { if case .finished = state {} else { state = .finished(outcome) } }
                switch state {
                case .new: return (true, CheckedContinuation<Result, any Error>?.none)
                case .running(let continuation): return (true, continuation)
                case .finished: return (false, nil)
                }
            }
            continuation?.resume(with: outcome)
            return isFirst
        }
    }
}
