import ConfigCatCache
import Synchronization

/// The second connection, on which the server tells of changes. It is there while somebody listens, and is made again for
/// as long.
final class RedisSubscriptions: Sendable {
    private struct State {
        /// How many listen to each channel.
        var listeners: [String: Int] = [:]
        var task: Task<Void, Never>?
        var connection: RedisConnection?
        var isClosed = false
    }

    /// How often the connection is asked for a sign of life.
    private static let heartbeat = Duration.seconds(10)
    private static let refusalPause = Duration.seconds(30)

    private let connector: RedisConnector
    private let signal = ChangeSignal()
    private let state = Mutex(State())

    init(_ connector: RedisConnector) { self.connector = connector }

    deinit { state.withLock { $0.task?.cancel() } }

    func changes(on channel: String) -> AsyncStream<Void> {
        let stream = signal.stream(for: channel) { [weak self] in self?.leave(channel) }
        let connection = state.withLock { state -> RedisConnection? in
            guard !state.isClosed else { return nil }
            state.listeners[channel, default: 0] += 1
            if state.task == nil {
                let weakly = { @Sendable [weak self] in self }
                state.task = Task { await Self.run(weakly) }
            }
            return state.listeners[channel] == 1 ? state.connection : nil
        }
        // A connection that is there subscribes to one more.
        if let connection { Task { _ = try? await connection.send(RedisCommand("SUBSCRIBE", channel)) } }
        return stream
    }

    private func leave(_ channel: String) {
        let task = state.withLock { state -> Task<Void, Never>? in
            state.listeners[channel, default: 1] -= 1
            if state.listeners[channel] == 0 { state.listeners[channel] = nil }
            guard state.listeners.isEmpty else { return nil }
            defer { (state.task, state.connection) = (nil, nil) }
            return state.task
        }
        task?.cancel()
    }

    func close() async {
        signal.finish()
        let (task, connection) = state.withLock { state in
            state.isClosed = true
            defer { (state.task, state.connection) = (nil, nil) }
            return (state.task, state.connection)
        }
        task?.cancel()
        await connection?.close()
    }

    // MARK: - The connection

    /// Holds on to the subscriptions only for moments, so that they end when nobody has them.
    private static func run(_ subscriptions: @escaping @Sendable () -> RedisSubscriptions?) async {
        var backoff = ReconnectBackoff()
        var random = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            let (closed, continuation) = AsyncStream<Void>.makeStream()
            let connection: RedisConnection
            do throws(RedisCacheError) {
                guard let made = try await subscriptions()?.subscribe(onClose: { continuation.finish() }) else {
                    return
                }
                connection = made
            } catch {
                let pause = Self.isLasting(error) ? refusalPause : backoff.failed(using: &random)
                do { try await Task.sleep(for: pause) } catch { return }
                continue
            }
            backoff.succeeded()
            await withTaskGroup(of: Void.self) { group in
                group.addTask { for await _ in closed {} }
                group.addTask {
                    // A connection that is lost without a word shows by a missing answer.
                    while !Task.isCancelled, connection.isOpen {
                        try? await Task.sleep(for: heartbeat)
                        _ = try? await connection.send(RedisCommand("PING"))
                    }
                }
                await group.next()
                group.cancelAll()
            }
            await connection.close()
        }
    }

    private func subscribe(
        onClose: @escaping @Sendable () -> Void
    ) async throws(RedisCacheError) -> RedisConnection {
        let signal = signal
        let connection = try await connector.connect(
            onMessage: { signal.send(for: $0.channel) }, onClose: onClose)
        let channels = state.withLock { state in
            state.connection = connection
            return Array(state.listeners.keys)
        }
        for channel in channels {
            let reply: RedisReply
            do {
                reply = try await connection.send(RedisCommand("SUBSCRIBE", channel))
            } catch {
                await connection.close()
                throw RedisCacheError(connecting: error, to: connection.server)
            }
            if case .error(let error) = reply {
                await connection.close()
                throw error.error("subscribe to \(channel)", connection.server)
            }
        }
        // What changed before has not been told.
        signal.sendAll()
        return connection
    }

    /// A server that refuses is not asked as often as one that is not there.
    private static func isLasting(_ error: RedisCacheError) -> Bool {
        switch error.code {
        case .authentication, .notPermitted, .tls, .notRedis: true
        default: false
        }
    }
}
