import ConfigCatCache
import Synchronization

/// The second connection, on which the server reports changes. It exists while somebody listens, and is made again for as
/// long.
final class RedisSubscriptions: Sendable {
    private struct State {
        /// How many listen to each channel.
        var listeners: [String: Int] = [:]
        var session: Session?
        var isClosed = false
    }

    /// What is there from the first listener to the last.
    private struct Session {
        let id: UInt64
        let task: Task<Void, Never>
        /// Asks the task to subscribe to new channels. Each connection has its own; nil before the first.
        var joins: AsyncStream<Void>.Continuation?
        /// The channels that the server has confirmed on the present connection.
        var confirmed: Set<String> = []
    }

    /// How often the connection is asked for a sign of life.
    private static let heartbeat = Duration.seconds(10)
    /// How long a server that refuses is left alone.
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
        // Each stream begins with a signal once the server reports changes.
        if isConfirmed { signal.send(for: channel) }
        return stream
    }

    /// Returns whether the server has confirmed a channel on a connection that is there.
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

    /// Holds on to the subscriptions only for moments, so that they end when nobody has them.
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
        // One request stands for all: whoever takes it compares the listeners with what is confirmed.
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

    /// Subscribes to all channels and to those that join later, until the connection ends.
    ///
    /// - Returns: Why it ended.
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
                // A connection that is lost without a word shows by a missing answer.
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

    /// Subscribes to the channels that somebody listens to and the server has not confirmed, then signals each: what
    /// changed before was not reported.
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

    /// A server that refuses is not asked as often as one that is not there.
    private static func isPermanent(_ error: RedisCacheError) -> Bool {
        switch error.code {
        case .authentication, .notPermitted, .tls, .notRedis: true
        default: false
        }
    }
}
