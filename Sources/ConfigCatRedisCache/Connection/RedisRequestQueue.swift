import Synchronization

/// The requests of a connection that have not been sent yet. Any thread adds to it; the connection's event loop drains
/// it.
final class RedisRequestQueue: Sendable {
    private struct State {
        var requests: [RedisRequest] = []
        /// The number of requests in `requests`, and of those that were sent and have no reply yet.
        var waiting = 0
        var isDrainScheduled = false
        var failure: RedisCacheError?
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = max(1, limit) }

    /// The error that ended the connection; nil while it accepts requests.
    var failure: RedisCacheError? { state.withLock(\.failure) }

    /// Adds a request.
    ///
    /// - Returns: Whether the caller has to schedule a drain on the event loop; false if one is scheduled already.
    func add(_ request: RedisRequest) throws(RedisCacheError) -> Bool {
        try state.withLock { state throws(RedisCacheError) in
            if let failure = state.failure { throw failure }
            guard state.waiting < limit else {
                throw RedisCacheError(.queueFull, "\(limit) commands already wait for their answers")
            }
            state.requests.append(request)
            state.waiting += 1
            defer { state.isDrainScheduled = true }
            return !state.isDrainScheduled
        }
    }

    /// Removes and returns all requests.
    func drain() -> [RedisRequest] {
        state.withLock { state in
            state.isDrainScheduled = false
            defer { state.requests = [] }
            return state.requests
        }
    }

    /// Makes room for another request after one has been answered.
    func finishedOne() { state.withLock { $0.waiting -= 1 } }

    /// Refuses all further requests, and returns those that have not been sent.
    func fail(_ error: RedisCacheError) -> [RedisRequest] {
        state.withLock { state in
            if state.failure == nil { state.failure = error }
            defer { state.requests = [] }
            return state.requests
        }
    }
}
