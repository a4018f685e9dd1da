import ConfigCatCache
import Synchronization

/// A connection that is opened when it is first needed, and opened again after it broke. Between failed attempts it
/// fails at once with the error of the last attempt, so that callers do not wait for a server that cannot be reached. A
/// connection that breaks before the server has carried out a command counts as a failed attempt.
final class ReconnectingConnection: Sendable {
    typealias Connect = @Sendable () async throws(RedisCacheError) -> RedisConnection

    private enum Phase {
        case idle
        case connecting(Task<RedisConnection, any Error>)
        case connected(RedisConnection)
        case failed(RedisCacheError, until: ContinuousClock.Instant)
        case closed
    }

    private struct State {
        var phase = Phase.idle
        var backoff = ReconnectBackoff()

        mutating func fail(_ error: RedisCacheError) {
            var random = SystemRandomNumberGenerator()
            phase = .failed(error, until: .now + backoff.failed(using: &random))
        }
    }

    private let state = Mutex(State())
    private let connect: Connect

    init(connect: @escaping Connect) { self.connect = connect }

    /// Returns the connection. Concurrent callers wait for the same attempt to connect.
    func connection() async throws -> RedisConnection {
        enum Found {
            case open(RedisConnection)
            case attempt(Task<RedisConnection, any Error>)
        }
        let found = try state.withLock { state throws(RedisCacheError) -> Found in
            if case .connected(let connection) = state.phase, let failure = connection.failure {
                if connection.isProven { state.backoff.succeeded() } else { state.fail(failure) }
            }
            switch state.phase {
            case .closed: throw RedisCacheError(.closed, "the Redis cache has been closed")
            case .connecting(let attempt): return .attempt(attempt)
            case .connected(let connection) where connection.isOpen: return .open(connection)
            case .failed(let error, let until) where ContinuousClock.now < until: throw error
            case .idle, .connected, .failed:
                let attempt = Task { try await self.attempt() }
                state.phase = .connecting(attempt)
                return .attempt(attempt)
            }
        }
        switch found {
        case .open(let connection): return connection
        case .attempt(let attempt): return try await attempt.valueUnlessCancelled
        }
    }

    private func attempt() async throws(RedisCacheError) -> RedisConnection {
        do throws(RedisCacheError) {
            let connection = try await connect()
            let isClosed = state.withLock { state in
                if case .closed = state.phase { return true }
                state.phase = .connected(connection)
                return false
            }
            guard !isClosed else {
                await connection.close()
                throw RedisCacheError(.closed, "the Redis cache has been closed")
            }
            return connection
        } catch {
            state.withLock { state in
                if case .closed = state.phase { return }
                state.fail(error)
            }
            throw error
        }
    }

    /// Closes a connection to the wrong server. The next call connects without a pause.
    func drop(_ connection: RedisConnection) async {
        state.withLock { state in
            guard case .connected(let current) = state.phase, current === connection else { return }
            if connection.isProven { state.backoff.succeeded() }
            state.phase = .idle
        }
        await connection.close()
    }

    func close() async {
        let state = state.withLock { state in
            defer { state.phase = .closed }
            return state.phase
        }
        if case .connected(let connection) = state { await connection.close() }
        if case .connecting(let attempt) = state { _ = try? await attempt.value }
    }
}
