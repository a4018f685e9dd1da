import ConfigCatCache
import Synchronization

/// Sends commands to the server that has their key, also after the key has moved.
final class RedisRouter: Sendable {
    private let connector: RedisConnector
    /// The connections to the server of the URL.
    private let links: [ReconnectingConnection]
    private let state = Mutex(State())

    private struct State {
        var nextLink = 0
        /// The nodes of a cluster that keys have moved to.
        var routes: [String: RedisAddress] = [:]
        var nodes: [RedisAddress: ReconnectingConnection] = [:]
        var isClosed = false
    }

    init(_ connector: RedisConnector) {
        self.connector = connector
        links = (0..<min(max(connector.options.connections, 1), 64)).map { _ in
            ReconnectingConnection { () async throws(RedisCacheError) in try await connector.connect() }
        }
    }

    /// Sends a command, and repeats it where that makes sense.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - key: The key of the command, which decides on the node.
    ///   - action: The attempted operation, for errors.
    /// - Returns: The reply of the server. An error reply is returned only if a script is unknown.
    /// - Throws: ``RedisCacheError``; `CancellationError`.
    func execute(_ command: RedisCommand, key: String, _ action: String) async throws -> RedisReply {
        var retry = RedisRetry(hosts: connector.hostCount)
        // A retry uses the same link, because the others may still be connected to the host that failed.
        let home = nextLink()
        var asked: RedisAddress?
        while true {
            let route = asked ?? state.withLock { $0.routes[key] }
            let link = try link(route, home)
            var connection: RedisConnection?
            var step: RedisRetry.Step
            do {
                let current = try await link.connection()
                connection = current
                let replies = try await current.send(asked == nil ? [command] : [RedisCommand("ASKING"), command])
                let reply = replies.last ?? .null
                if case .error(let error) = reply {
                    connector.blame(
                        current, for: error.error(action, current.server), isProven: current.hasServed)
                } else {
                    current.prove()
                }
                step = retry.next(after: reply, action, on: current.server)
            } catch let error as RedisCacheError {
                if route != nil, error.code != .closed {
                    // The node may have been replaced; the servers of the URL know the new one.
                    state.withLock { $0.routes[key] = nil }
                }
                if let connection {
                    connector.blame(connection, for: error, isProven: connection.hasServed)
                    step = retry.next(after: error, isProven: connection.isProven || route != nil)
                } else {
                    step = route == nil ? .fail(error) : retry.next(after: error, isProven: true)
                }
            }
            asked = nil
            switch step {
            case .done(let reply): return reply
            case .fail(let error): throw error
            case .wait(let pause): try await Task.sleep(for: pause)
            case .reconnect: if let connection { await link.drop(connection) }
            case .ask(let host): asked = address(host, from: connection)
            case .moved(let host):
                let address = address(host, from: connection)
                state.withLock { $0.routes[key] = address }
            }
        }
    }

    /// Returns the address of a node. An empty name means the host that sent the redirection.
    private func address(_ host: RedisCacheURL.Host, from connection: RedisConnection?) -> RedisAddress {
        guard host.name.isEmpty, case .host(let known)? = connection?.address else { return .host(host) }
        return .host(RedisCacheURL.Host(name: known.name, port: host.port))
    }

    /// Returns the connections to the server of the URL in turn.
    private func nextLink() -> ReconnectingConnection {
        state.withLock { state in
            state.nextLink = (state.nextLink + 1) % links.count
            return links[state.nextLink]
        }
    }

    private func link(_ route: RedisAddress?, _ home: ReconnectingConnection) throws(RedisCacheError)
        -> ReconnectingConnection
    {
        try state.withLock { state throws(RedisCacheError) in
            guard !state.isClosed else { throw RedisCacheError(.closed, "the Redis cache has been closed") }
            guard let route else { return home }
            if let link = state.nodes[route] { return link }
            let link = ReconnectingConnection { [connector] () async throws(RedisCacheError) in
                try await connector.connect(to: route)
            }
            state.nodes[route] = link
            return link
        }
    }

    func close() async {
        let nodes = state.withLock { state in
            state.isClosed = true
            defer { (state.nodes, state.routes) = ([:], [:]) }
            return Array(state.nodes.values)
        }
        for link in links + nodes { await link.close() }
    }
}
