import ConfigCatCache
import NIOCore
import NIOSSL
import Synchronization

/// Finds the server, connects and logs in. All connections of a cache share what is known of the hosts.
final class RedisConnector: Sendable {
    let options: RedisCacheOptions
    private let tls: NIOSSLContext?
    private let hosts: Mutex<RedisHostChoice>

    private var url: RedisCacheURL { options.url }

    /// - Throws: `RedisCacheError` if a certificate or key cannot be read.
    init(_ options: RedisCacheOptions) throws(RedisCacheError) {
        self.options = options
        tls = try options.url.usesTLS ? Self.context(options.url) : nil
        switch options.url.servers {
        case .hosts(let hosts), .sentinels(let hosts, _): self.hosts = Mutex(RedisHostChoice(hosts))
        case .socket: hosts = Mutex(RedisHostChoice([]))
        }
    }

    /// How many servers the URL names.
    var hostCount: Int {
        if case .hosts(let hosts) = url.servers { hosts.count } else { 1 }
    }

    /// Has another host tried next, if an error is the fault of the connection's host.
    ///
    /// - Parameters:
    ///   - connection: The connection.
    ///   - error: What went wrong on it.
    ///   - isProven: Whether it was of use before.
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
                // Another sentinel may know better.
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

    /// Logs in, and makes sure that a Redis server answers: anything can accept a connection.
    private func greet(_ connection: RedisConnection) async throws(RedisCacheError) {
        var commands = login
        if url.database != 0 { commands.append(RedisCommand("SELECT", "\(url.database)")) }
        commands.append(RedisCommand("PING"))
        for (command, reply) in zip(commands, try await send(commands, on: connection)) {
            guard case .error(let error) = reply else { continue }
            switch (command.arguments.first, error.kind) {
            case ("AUTH", .other):
                // Whatever a server says to AUTH, it is about who we are.
                throw RedisCacheError(
                    .authentication, "cannot log in on \(connection.server): \(error.text.prefix(200))")
            case ("AUTH", _): throw error.error("log in", connection.server)
            case ("SELECT", _): throw error.error("use database \(url.database)", connection.server)
            // A user who may not send a PING, or a server that is not ready yet, still is one of Redis.
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
                // A subscription that ends says nothing about the host.
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
        case .null: throw RedisCacheError(.sentinel, "the sentinel \(sentinel) knows no master '\(master)'")
        case .error(let error): throw error.error("ask for the master '\(master)'", "\(sentinel)")
        default: break
        }
        throw RedisCacheError(.sentinel, "\(sentinel) did not answer as a sentinel does")
    }

    /// In the moments of a failover, a sentinel may still name the old master.
    private func requireMaster(_ connection: RedisConnection) async throws(RedisCacheError) {
        guard case .array(let parts) = try await send([RedisCommand("ROLE")], on: connection).first,
            let role = parts.first, role != .string("master")
        else { return }
        await connection.close()
        throw RedisCacheError(.readOnly, "the sentinels name \(connection.server), which is no master at the moment")
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
