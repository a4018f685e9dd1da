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

    private let hosts: Int
    private var redirects = 0
    private var reconnects = 0
    private var waits = 0

    private static let maximumRedirects = 5
    /// A second in all.
    private static let maximumWaits = 10
    private static let pause = Duration.milliseconds(100)

    /// - Parameter hosts: How many hosts there are to choose from: each has a chance.
    init(hosts: Int = 1) { self.hosts = max(1, hosts) }

    private var canReconnect: Bool { reconnects < hosts }

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
        case .readOnly where canReconnect, .authentication where canReconnect:
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

    /// Decides after a command that was sent without getting an answer. All our commands may be sent twice.
    ///
    /// - Parameters:
    ///   - error: Why there is no answer.
    ///   - isProven: Whether the connection was of use before: one that was idle may have been closed unnoticed. A new
    ///     one that fails is not made again at once, unless to another host.
    mutating func next(after error: RedisCacheError, isProven: Bool) -> Step {
        let isRetried =
            switch error.code {
            case .connection: isProven || hosts > 1
            case .notRedis: hosts > 1
            default: false
            }
        guard isRetried, canReconnect else { return .fail(error) }
        reconnects += 1
        return .reconnect
    }
}
