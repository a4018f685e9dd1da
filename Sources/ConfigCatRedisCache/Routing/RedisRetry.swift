import ConfigCatCache

/// Decides what follows the answer to a command: each command has a few tries.
struct RedisRetry: Sendable {
    enum Step: Sendable {
        case done(RedisReply)
        /// Ask this node, now and from now on.
        case moved(RedisCacheURL.Host)
        /// Ask this node, but only this once.
        case ask(RedisCacheURL.Host)
        /// Find the server again.
        case reconnect
        case wait(Duration)
        case fail(RedisCacheError)
    }

    private var redirects = 0
    private var reconnects = 0
    private var waits = 0

    private static let maximumRedirects = 5
    private static let maximumReconnects = 1
    /// A second in all.
    private static let maximumWaits = 10
    private static let pause = Duration.milliseconds(100)

    /// - Parameters:
    ///   - reply: What the server answered.
    ///   - action: What was tried, for the error.
    ///   - server: Who answered.
    mutating func next(after reply: RedisReply, _ action: String, on server: String) -> Step {
        guard case .error(let error) = reply else { return .done(reply) }
        switch error.kind {
        case .moved(let host) where redirects < Self.maximumRedirects:
            redirects += 1
            return .moved(host)
        case .ask(let host) where redirects < Self.maximumRedirects:
            redirects += 1
            return .ask(host)
        // After a failover, the master is another server. A login is lost when a server restarts behind a proxy.
        case .readOnly where reconnects < Self.maximumReconnects,
            .authentication where reconnects < Self.maximumReconnects:
            reconnects += 1
            return .reconnect
        case .loading where waits < Self.maximumWaits, .clusterBusy where waits < Self.maximumWaits:
            waits += 1
            return .wait(Self.pause)
        case .noScript:
            return .done(reply)
        default:
            return .fail(error.error(action, server))
        }
    }

    /// - Parameters:
    ///   - error: Why there is no answer.
    ///   - wasConnected: Whether the command was on its way: a connection that was idle may be broken without anyone
    ///     having noticed. All our commands may be sent twice.
    mutating func next(after error: RedisCacheError, wasConnected: Bool) -> Step {
        guard error.code == .connection, wasConnected, reconnects < Self.maximumReconnects else { return .fail(error) }
        reconnects += 1
        return .reconnect
    }
}
