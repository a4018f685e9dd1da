import ConfigCatCache

/// Decides what to do after the answer to a command. Each command is tried a limited number of times.
struct RedisRetry: Sendable {
    enum Step: Sendable {
        case done(RedisReply)
        /// Send this command and later ones to this node.
        case moved(RedisCacheURL.Host)
        /// Send only this command to this node.
        case ask(RedisCacheURL.Host)
        /// Close the connection, and look for the server again.
        case reconnect
        case wait(Duration)
        case fail(RedisCacheError)
    }

    private let hosts: Int
    private var redirects = 0
    private var reconnects = 0
    private var waits = 0

    private static let maximumRedirects = 5
    /// The maximum number of pauses: one second in total.
    private static let maximumWaits = 10
    private static let pause = Duration.milliseconds(100)

    /// Creates the decisions for one command.
    ///
    /// - Parameter hosts: The number of hosts to choose from, each of which may be tried.
    init(hosts: Int = 1) { self.hosts = max(1, hosts) }

    private var canReconnect: Bool { reconnects < hosts }

    /// Returns the next step after a reply. The attempted operation and the server that answered are for the error.
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

    /// Decides what follows a command that got no answer. All commands of this package may be sent twice.
    ///
    /// - Parameters:
    ///   - error: The reason why there is no answer.
    ///   - isProven: Whether the connection worked before: an idle connection may have been closed without notice. If a
    ///     new connection fails, only another host is tried at once.
    /// - Returns: The next step.
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
