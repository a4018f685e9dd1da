import Synchronization

/// The requests of a connection that were not sent yet. Any thread adds to it; the connection's event loop empties it.
final class RedisRequestQueue: Sendable {
    private struct State {
        var requests: [RedisRequest] = []
        /// Those in `requests` and those sent without a reply.
        var waiting = 0
        var isDrainScheduled = false
        var failure: RedisCacheError?
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = max(1, limit) }

    /// Why the connection takes no more requests; nil while it does.
    var failure: RedisCacheError? { state.withLock(\.failure) }

    /// Adds a request.
    ///
    /// - Returns: Whether the event loop has to be asked to drain the queue: once for all that are added meanwhile.
    func add(_ request: RedisRequest) throws(RedisCacheError) -> Bool {
        try state.withLock { state throws(RedisCacheError) in
            if let failure = state.failure { throw failure }
            guard state.waiting < limit else {
                throw RedisCacheError(.queueFull, "\(limit) commands wait for their answers already")
            }
            state.requests.append(request)
            state.waiting += 1
            defer { state.isDrainScheduled = true }
            return !state.isDrainScheduled
        }
    }

    func drain() -> [RedisRequest] {
        state.withLock { state in
            state.isDrainScheduled = false
            defer { state.requests = [] }
            return state.requests
        }
    }

    /// Makes room for another request: one has been answered.
    func finishedOne() { state.withLock { $0.waiting -= 1 } }

    /// Refuses all further requests, and returns those that were not sent.
    func fail(_ error: RedisCacheError) -> [RedisRequest] {
        state.withLock { state in
            if state.failure == nil { state.failure = error }
            defer { state.requests = [] }
            return state.requests
        }
    }
}
