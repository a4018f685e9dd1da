import ConfigCatCache

/// The address of a Redis cache, in its parts.
///
/// - `redis://user:password@host:6379/0`: one server; several servers, separated by commas, are tried in turn, which is
///   also how to name a cluster
/// - `rediss://…`: the same over TLS
/// - `redis+unix:///run/redis.sock`: a Unix socket
/// - `redis+sentinel://host:26379,host:26379/master/0`: the master that sentinels name; `rediss+sentinel` over TLS
///
/// The user, the password and the number of the database are optional. Parameters can follow after a `?`, separated by
/// `&`: `prefix`, which is put before each key; `expiry` in seconds; `db`, the number of the database; and for TLS
/// `ca`, `cert` and `key`, the paths of PEM files.
///
///     var url = try RedisCacheURL("rediss://cache.example.com:6380/1?prefix=app:")
///     url.password = password
public struct RedisCacheURL: Sendable, Equatable {
    /// A server.
    public struct Host: Sendable, Hashable, CustomStringConvertible {
        /// The name or IP address of the server.
        public var name: String
        /// The port, from 1 to 65535.
        public var port: Int

        /// Creates the address of a server.
        ///
        /// - Parameters:
        ///   - name: The name or IP address of the server.
        ///   - port: The port, from 1 to 65535.
        public init(name: String, port: Int) {
            self.name = name
            self.port = port
        }

        /// The host and the port as in a URL, such as `cache:6379` or `[::1]:6379`.
        public var description: String { name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)" }
    }

    /// The addresses of the servers.
    public enum Servers: Sendable, Equatable {
        /// One server, or several that are tried in turn.
        case hosts([Host])
        /// The path of a Unix socket.
        case socket(path: String)
        /// Sentinels, and the name under which they know the master.
        case sentinels([Host], master: String)
    }

    /// The addresses of the servers.
    public var servers: Servers
    /// Whether connections are encrypted.
    public var usesTLS = false
    /// The user of an access control list; nil for the default user.
    public var username: String?
    /// The password, if one is needed.
    public var password: String?
    /// The number of the database; 0 by default.
    public var database = 0
    /// The string that is put before each key; empty by default, because other SDKs use the key without a prefix.
    public var keyPrefix = ""
    /// The number of seconds after its last write at which an entry is removed; nil, the default, for never.
    public var expirySeconds: Int?
    /// The path of a PEM file with certificate authorities to trust in addition to the system's.
    public var caCertificateFile: String?
    /// The path of a PEM file with the client's certificate, followed by intermediate certificates.
    public var certificateFile: String?
    /// The path of a PEM file with the private key of the client's certificate.
    public var privateKeyFile: String?

    /// Creates the address of one server.
    ///
    /// - Parameters:
    ///   - host: The name or IP address of the server.
    ///   - port: The port; 6379 by default.
    public init(host: String, port: Int = 6379) {
        servers = .hosts([Host(name: host, port: port)])
    }

    /// Creates an address from its URL.
    ///
    /// - Parameter string: The URL.
    /// - Throws: ``RedisCacheError`` with the code ``RedisCacheError/Code/invalidURL`` and a message that names the
    ///   invalid part. It never quotes the user or the password.
    public init(_ string: String) throws(RedisCacheError) {
        // In ASCII, every character is one byte. Otherwise an @ and a combining mark after it would be one character.
        let string = PercentEncoding.asciiForm(of: string)
        let scheme = string.prefix { $0 != ":" }
        guard scheme.endIndex < string.endIndex, let parser = RedisURLParser(scheme: scheme.lowercased()) else {
            throw RedisCacheError(.invalidURL, "the cache URL's scheme is not one of Redis: \(RedisURLParser.schemes)")
        }
        self = try parser.parse(string[scheme.endIndex...].dropFirst())
    }

    /// Returns whether a URL with this scheme, in lower case, names a Redis cache.
    package static func isScheme(_ scheme: String) -> Bool { RedisURLParser(scheme: scheme) != nil }

    init(servers: Servers) { self.servers = servers }
}

extension RedisCacheURL: CustomStringConvertible, CustomReflectable {
    /// The servers, without the user and the password.
    public var description: String {
        switch servers {
        case .hosts(let hosts): hosts.map(\.description).joined(separator: ",")
        case .socket(let path): path
        case .sentinels(let hosts, let master): "\(master) of \(hosts.map(\.description).joined(separator: ","))"
        }
    }

    /// A mirror without the password, which keeps it out of dumps.
    public var customMirror: Mirror { Mirror(self, children: ["servers": description]) }
}
