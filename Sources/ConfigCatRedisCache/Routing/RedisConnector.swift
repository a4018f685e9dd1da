import ConfigCatCache
import NIOCore
import NIOSSL
import Synchronization

/// Finds the server, connects and logs in. All connections of a cache share the order in which hosts are tried.
final class RedisConnector: Sendable {
    let options: RedisCacheOptions
    private let tls: NIOSSLContext?
    private let hosts: Mutex<RedisHostChoice>

    private var url: RedisCacheURL { options.url }

    /// Creates a connector.
    ///
    /// - Parameter options: The servers, and how to reach them.
    /// - Throws: ``RedisCacheError`` if a certificate or key cannot be read.
    init(_ options: RedisCacheOptions) throws(RedisCacheError) {
        self.options = options
        tls = try options.url.usesTLS ? Self.context(options.url) : nil
        switch options.url.servers {
        case .hosts(let hosts), .sentinels(let hosts, _): self.hosts = Mutex(RedisHostChoice(hosts))
        case .socket: hosts = Mutex(RedisHostChoice([]))
        }
    }

    /// The number of hosts to choose from: those of the URL; 1 for a socket, and for the master that sentinels name.
    var hostCount: Int {
        if case .hosts(let hosts) = url.servers { hosts.count } else { 1 }
    }

    /// Makes the next attempt go to another host, if an error is the fault of the connection's host.
    ///
    /// - Parameters:
    ///   - connection: The connection.
    ///   - error: The error of the connection.
    ///   - isProven: Whether the connection worked before.
    func blame(_ connection: RedisConnection, for error: RedisCacheError, isProven: Bool) {
        guard case .host(let host) = connection.address, RedisHostChoice.isFault(error, isProven: isProven) else {
            return
        }
        hosts.withLock { $0.failed(host) }
    }

    /// Connects to the server that takes writes.
    func connect(
        onMessage: (@Sendable (RedisMessage) -> Void)? = nil
    ) async throws(RedisCacheError) -> RedisConnection {
        switch url.servers {
        case .socket(let path):
            return try await connect(to: .socket(path: path), onMessage: onMessage)
        case .hosts:
            return try await firstOfHosts { host throws(RedisCacheError) in
                try await connect(to: .host(host), onMessage: onMessage)
            }
        case .sentinels(_, let master):
            let (sentinel, host) = try await firstOfHosts { host throws(RedisCacheError) in
                (host, try await ask(sentinel: host, for: master))
            }
            let connection = try await connect(to: .host(host), onMessage: onMessage)
            do throws(RedisCacheError) {
                try await requireMaster(connection)
            } catch {
                // Another sentinel may know the current master.
                hosts.withLock { $0.failed(sentinel) }
                throw error
            }
            return connection
        }
    }

    /// Connects to one server, and logs in.
    func connect(
        to address: RedisAddress, onMessage: (@Sendable (RedisMessage) -> Void)? = nil
    ) async throws(RedisCacheError) -> RedisConnection {
        let connection = try await RedisConnection.connect(
            to: address, options: options, tls: tls, onMessage: onMessage)
        do throws(RedisCacheError) {
            try await greet(connection)
            return connection
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Logs in, and checks that a Redis server answers, because any server can accept connections.
    private func greet(_ connection: RedisConnection) async throws(RedisCacheError) {
        var commands = login
        if url.database != 0 { commands.append(RedisCommand("SELECT", "\(url.database)")) }
        commands.append(RedisCommand("PING"))
        for (command, reply) in zip(commands, try await send(commands, on: connection)) {
            guard case .error(let error) = reply else { continue }
            switch (command.arguments.first, error.kind) {
            case ("AUTH", .other):
                // Any error reply to AUTH concerns the user or the password.
                throw RedisCacheError(
                    .authentication, "cannot log in on \(connection.server): \(error.text.prefix(200))")
            case ("AUTH", _): throw error.error("log in", connection.server)
            case ("SELECT", _): throw error.error("use database \(url.database)", connection.server)
            // A Redis server also answers if the user may not send a PING, or if it is not ready yet.
            case (_, .authentication): throw error.error("connect", connection.server)
            case (_, .other) where !error.text.hasPrefix("ERR unknown command"):
                throw error.error("connect", connection.server)
            default: break
            }
        }
    }

    private var login: [RedisCommand] {
        guard let password = url.password else { return [] }
        return [RedisCommand(arguments: ["AUTH"] + (url.username.map { [$0] } ?? []) + [password])]
    }

    /// Tries the hosts of the URL in turn.
    private func firstOfHosts<Result: Sendable>(
        _ body: (RedisCacheURL.Host) async throws(RedisCacheError) -> Result
    ) async throws(RedisCacheError) -> Result {
        var failure = RedisCacheError(.connection, "no server is named")
        for host in hosts.withLock(\.line) {
            do {
                return try await body(host)
            } catch {
                failure = error
                // If the task was cancelled, the error says nothing about the host.
                guard !Task.isCancelled else { break }
                hosts.withLock { $0.failed(host) }
            }
        }
        throw failure
    }

    private func send(
        _ commands: [RedisCommand], on connection: RedisConnection
    ) async throws(RedisCacheError) -> [RedisReply] {
        do {
            return try await connection.send(commands, within: TimeAmount(options.connectTimeout))
        } catch {
            await connection.close()
            throw RedisCacheError(connecting: error, to: connection.server)
        }
    }

    // MARK: - Sentinel

    private func ask(
        sentinel: RedisCacheURL.Host, for master: String
    ) async throws(RedisCacheError) -> RedisCacheURL.Host {
        let connection = try await RedisConnection.connect(to: .host(sentinel), options: options, tls: tls)
        let question = RedisCommand("SENTINEL", "get-master-addr-by-name", master)
        var reply = try await send([question], on: connection).last
        if case .error(let error) = reply, error.kind == .authentication, !login.isEmpty {
            reply = try await send(login + [question], on: connection).last
        }
        await connection.close()
        switch reply {
        case .array(let parts):
            guard case .string(let name)? = parts.first, case .string(let port)? = parts.last, let port = Int(port)
            else { break }
            return RedisCacheURL.Host(name: name, port: port)
        case .null: throw RedisCacheError(.sentinel, "the sentinel \(sentinel) does not know a master '\(master)'")
        case .error(let error): throw error.error("ask for the master '\(master)'", "\(sentinel)")
        default: break
        }
        throw RedisCacheError(.sentinel, "\(sentinel) did not answer as a sentinel does")
    }

    /// Checks that the server is a master: during a failover, a sentinel may still name the old one.
    private func requireMaster(_ connection: RedisConnection) async throws(RedisCacheError) {
        guard case .array(let parts) = try await send([RedisCommand("ROLE")], on: connection).first,
            let role = parts.first, role != .string("master")
        else { return }
        await connection.close()
        throw RedisCacheError(.readOnly, "the sentinels name \(connection.server), which is not a master at the moment")
    }

    // MARK: - TLS

    private static func context(_ url: RedisCacheURL) throws(RedisCacheError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        do {
            if let file = url.caCertificateFile {
                configuration.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(file))]
            }
            if let file = url.certificateFile {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(file).map { .certificate($0) }
            }
            if let file = url.privateKeyFile {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: file, format: .pem))
            }
            return try NIOSSLContext(configuration: configuration)
        } catch {
            let files = [url.caCertificateFile, url.certificateFile, url.privateKeyFile].compactMap { $0 }
            throw RedisCacheError(
                .tls, "the certificates or keys in \(files.joined(separator: ", ")) cannot be used: \(error)")
        }
    }
}
