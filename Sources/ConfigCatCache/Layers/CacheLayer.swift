import Synchronization

/// One of several caches, with a time limit for its answers. It gets no further calls while an answer is overdue.
final class CacheLayer: Sendable {
    let cache: any ConfigCache
    private let timeout: Duration
    private let host: HostRuntime
    /// The number of calls whose time has passed and that have not returned yet.
    private let overdue = Atomic<Int>(0)

    /// For each key, what ends when the last call of ``inTurn(_:_:)`` does; nil after that.
    private let lastTurns = Mutex<[String: Promise<Void>]>([:])

    init(_ cache: any ConfigCache, timeout: Duration, host: HostRuntime) {
        self.cache = cache
        self.timeout = timeout
        self.host = host
    }

    /// Runs a call, and throws when its time has passed. The call then continues by itself, because not every call can
    /// be cancelled.
    func limited<Result: Sendable>(
        _ body: @escaping @Sendable (any ConfigCache) async throws -> Result
    ) async throws -> Result {
        guard overdue.load(ordering: .relaxed) == 0 else {
            throw LayeredCacheError(message: "the layer still has not answered an earlier call")
        }
        let answer = Promise<Result>()
        let call = Task(executorPreference: host.blockingExecutor) { [cache] in
            do {
                answer.finish(.success(try await body(cache)))
            } catch {
                answer.finish(.failure(error))
            }
        }
        let timer = Task(executorPreference: host.executor) { [self] in
            do { try await host.sleep(timeout) } catch { return }
            let isOverdue = answer.finish(
                .failure(LayeredCacheError(message: "the layer did not answer within \(timeout)")))
            guard isOverdue else { return }
            overdue.add(1, ordering: .relaxed)
            await call.value
            overdue.subtract(1, ordering: .relaxed)
        }
        defer { timer.cancel() }
        return try await answer.value()
    }

    /// Runs a write after those of the same key that began before it have ended.
    func inTurn<Result: Sendable>(
        _ key: String, _ write: @Sendable () async throws -> Result
    ) async throws -> Result {
        let turn = Promise<Void>()
        let previous = lastTurns.withLock { turns in
            defer { turns[key] = turn }
            return turns[key]
        }
        defer {
            lastTurns.withLock { turns in if turns[key] === turn { turns[key] = nil } }
            turn.finish(.success(()))
        }
        try? await previous?.value()
        return try await write()
    }
}
