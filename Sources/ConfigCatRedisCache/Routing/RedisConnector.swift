import ConfigCatCache
import NIOSSL

/// Finds the server, connects and logs in.
struct RedisConnector: Sendable {
    let options: RedisCacheOptions
    private let tls: NIOSSLContext?

    private var url: RedisCacheURL { options.url }

    /// - Throws: `RedisCacheError` if a certificate or key cannot be read.
    init(_ options: RedisCacheOptions) throws(RedisCacheError) {
        self.options = options
        tls = try options.url.usesTLS ? Self.context(options.url) : nil
    }

    /// A connection to the server that takes writes.
    func connect(
        onMessage: (@Sendable (RedisMessage) -> Void)? = nil, onClose: (@Sendable () -> Void)? = nil
    ) async throws(RedisCacheError) -> RedisConnection {
        switch url.servers {
        case .socket(let path):
            return try await connect(to: .socket(path: path), onMessage: onMessage, onClose: onClose)
        case .hosts(let hosts):
            return try await first(of: hosts) { host throws(RedisCacheError) in
                try await connect(to: .host(host), onMessage: onMessage, onClose: onClose)
            }
        case .sentinels(let hosts, let master):
            let host = try await first(of: hosts) { host throws(RedisCacheError) in
                try await ask(sentinel: host, for: master)
            }
            let connection = try await connect(to: .host(host), onMessage: onMessage, onClose: onClose)
            try await requireMaster(connection)
            return connection
        }
    }

    /// A connection to one server, which knows who we are.
    func connect(
        to address: RedisAddress,
        onMessage: (@Sendable (RedisMessage) -> Void)? = nil, onClose: (@Sendable () -> Void)? = nil
    ) async throws(RedisCacheError) -> RedisConnection {
        let connection = try await RedisConnection.connect(
            to: address, options: options, tls: tls, onMessage: onMessage, onClose: onClose)
        var commands = login
        if url.database != 0 { commands.append(RedisCommand("SELECT", "\(url.database)")) }
        guard !commands.isEmpty else { return connection }
        for (command, reply) in zip(commands, try await send(commands, on: connection)) {
            guard case .error(let error) = reply else { continue }
            await connection.close()
            let isLogin = command.arguments.first == "AUTH"
            if isLogin, error.kind == .other {
                // Whatever a server says to AUTH, it is about who we are.
                throw RedisCacheError(.authentication, "cannot log in on \(address): \(error.text.prefix(200))")
            }
            throw error.error(isLogin ? "log in" : "use database \(url.database)", address.description)
        }
        return connection
    }

    private var login: [RedisCommand] {
        guard let password = url.password else { return [] }
        return [RedisCommand(arguments: ["AUTH"] + (url.username.map { [$0] } ?? []) + [password])]
    }

    private func first<Host: Sendable, Result: Sendable>(
        of hosts: [Host], _ body: (Host) async throws(RedisCacheError) -> Result
    ) async throws(RedisCacheError) -> Result {
        var failure = RedisCacheError(.connection, "no server is named")
        for host in hosts {
            do {
                return try await body(host)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private func send(
        _ commands: [RedisCommand], on connection: RedisConnection
    ) async throws(RedisCacheError) -> [RedisReply] {
        do {
            return try await connection.send(commands)
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
