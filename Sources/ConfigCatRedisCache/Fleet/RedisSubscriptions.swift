import ConfigCatCache
import Synchronization

/// The second connection of a cache, on which the server reports changes. It is open while there are listeners, and is
/// opened again if it breaks.
final class RedisSubscriptions: Sendable {
    private struct State {
        /// The number of listeners of each channel.
        var listeners: [String: Int] = [:]
        var session: Session?
        var isClosed = false
    }

    /// The state that exists from the first listener to the last.
    private struct Session {
        let id: UInt64
        let task: Task<Void, Never>
        /// Asks the task to subscribe to new channels. Each connection has its own; nil before the first connection.
        var joins: AsyncStream<Void>.Continuation?
        /// The channels that the server has confirmed on the current connection.
        var confirmed: Set<String> = []
    }

    /// The interval of the commands that check the connection.
    private static let heartbeat = Duration.seconds(10)
    /// The pause before the next attempt if a server refuses the connection.
    private static let refusalPause = Duration.seconds(30)

    private let connector: RedisConnector
    private let signal = ChangeSignal()
    private let state = Mutex(State())

    init(_ connector: RedisConnector) { self.connector = connector }

    deinit { state.withLock { $0.session?.task.cancel() } }

    func changes(on channel: String) -> AsyncStream<Void> {
        let stream = signal.stream(for: channel) { [weak self] in self?.leave(channel) }
        let isConfirmed = state.withLock { state in
            guard !state.isClosed else { return false }
            state.listeners[channel, default: 0] += 1
            if let session = state.session {
                session.joins?.yield()
                return session.confirmed.contains(channel)
            } else {
                let id = UInt64.random(in: .min ... .max)
                let getSelf = { @Sendable [weak self] in self }
                state.session = Session(id: id, task: Task { await Self.run(getSelf, id) })
                return false
            }
        }
        // Each stream gets its first signal when the server has confirmed the subscription.
        if isConfirmed { signal.send(for: channel) }
        return stream
    }

    /// Returns whether the server has confirmed a channel on the current connection.
    func isConfirmed(_ channel: String) -> Bool {
        state.withLock { $0.session?.confirmed.contains(channel) ?? false }
    }

    private func leave(_ channel: String) {
        let session = state.withLock { state -> Session? in
            guard let count = state.listeners[channel] else { return nil }
            state.listeners[channel] = count > 1 ? count - 1 : nil
            guard state.listeners.isEmpty else { return nil }
            defer { state.session = nil }
            return state.session
        }
        session?.task.cancel()
    }

    func close() async {
        signal.finish()
        let session = state.withLock { state in
            state.isClosed = true
            defer { state.session = nil }
            return state.session
        }
        session?.task.cancel()
        await session?.task.value
    }

    // MARK: - The connection

    /// Keeps the connection open until the task is cancelled. It refers to the subscriptions only for short moments, so
    /// that they are freed when the cache is.
    private static func run(
        _ subscriptions: @escaping @Sendable () -> RedisSubscriptions?, _ id: UInt64
    ) async {
        var backoff = ReconnectBackoff()
        var random = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            var failure: RedisCacheError
            do throws(RedisCacheError) {
                guard let (connection, joins) = try await subscriptions()?.connect(id) else { return }
                failure = await listen(on: connection, joins) { () async throws(RedisCacheError) in
                    try await subscriptions()?.subscribe(on: connection, id)
                }
                subscriptions()?.disconnected(id)
                await connection.close()
                if connection.isProven { backoff.succeeded() }
                if !Task.isCancelled {
                    subscriptions()?.connector.blame(connection, for: failure, isProven: connection.isProven)
                }
            } catch {
                failure = error
            }
            let pause = isPermanent(failure) ? refusalPause : backoff.failed(using: &random)
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }

    private func connect(_ id: UInt64) async throws(RedisCacheError) -> (RedisConnection, AsyncStream<Void>) {
        let signal = signal
        let connection = try await connector.connect(onMessage: { signal.send(for: $0.channel) })
        // One pending request is enough: `subscribe` subscribes to all channels that are not confirmed.
        let (joins, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        state.withLock { state in
            if state.session?.id == id { state.session?.joins = continuation }
        }
        return (connection, joins)
    }

    private func disconnected(_ id: UInt64) {
        state.withLock { state in
            if state.session?.id == id { state.session?.confirmed = [] }
        }
    }

    /// Subscribes to all channels, and to those that are added later, until the connection ends.
    ///
    /// - Returns: The error that ended the connection.
    private static func listen(
        on connection: RedisConnection, _ joins: AsyncStream<Void>,
        _ subscribe: @escaping @Sendable () async throws(RedisCacheError) -> Void
    ) async -> RedisCacheError {
        await withTaskGroup(of: RedisCacheError?.self) { group in
            group.addTask {
                await connection.waitUntilClosed()
                return nil
            }
            group.addTask {
                // A connection that is lost without a notification is detected by a missing answer.
                while !Task.isCancelled, connection.isOpen {
                    try? await Task.sleep(for: heartbeat)
                    _ = try? await connection.send(RedisCommand("PING"))
                }
                return nil
            }
            group.addTask {
                do throws(RedisCacheError) {
                    try await subscribe()
                    for await _ in joins { try await subscribe() }
                    return nil
                } catch {
                    return error
                }
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? connection.failure
                ?? RedisCacheError(.connection, "the connection to \(connection.server) was closed")
        }
    }

    /// Subscribes to the channels that have listeners and are not confirmed yet, and then signals each, because earlier
    /// changes were not reported.
    private func subscribe(on connection: RedisConnection, _ id: UInt64) async throws(RedisCacheError) {
        let channels = state.withLock { state -> [String] in
            guard let session = state.session, session.id == id else { return [] }
            return state.listeners.keys.filter { !session.confirmed.contains($0) }
        }
        for channel in channels {
            let reply: RedisReply
            do {
                reply = try await connection.send(RedisCommand("SUBSCRIBE", channel))
            } catch {
                throw RedisCacheError(connecting: error, to: connection.server)
            }
            if case .error(let error) = reply { throw error.error("subscribe to \(channel)", connection.server) }
            state.withLock { state in
                if state.session?.id == id { state.session?.confirmed.insert(channel) }
            }
            signal.send(for: channel)
        }
    }

    /// Returns whether an error will most likely happen again at the next attempt, so that a longer pause is better.
    private static func isPermanent(_ error: RedisCacheError) -> Bool {
        switch error.code {
        case .authentication, .notPermitted, .tls, .notRedis: true
        default: false
        }
    }
}
