/// The address of a Redis cache, in its parts.
///
/// - `redis://user:password@host:6379/0`: one server; several, separated by commas, are tried in turn, which also is
///   how a cluster is named
/// - `rediss://…`: the same over TLS
/// - `redis+unix:///run/redis.sock`: a Unix socket
/// - `redis+sentinel://host:26379,host:26379/master/0`: the master that sentinels name; `rediss+sentinel` over TLS
///
/// The user, the password and the number of the database may be left out. Behind a `?` may follow, separated by `&`:
/// `prefix`, which goes before each key; `expiry` in seconds; `db`, the number of the database; and for TLS `ca`, `cert`
/// and `key`, paths of PEM files.
public struct RedisCacheURL: Sendable, Equatable {
    /// A server.
    public struct Host: Sendable, Hashable, CustomStringConvertible {
        /// A name or an address.
        public var name: String
        /// From 1 to 65535.
        public var port: Int

        public init(name: String, port: Int) {
            self.name = name
            self.port = port
        }

        public var description: String { name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)" }
    }

    /// Where the servers are.
    public enum Servers: Sendable, Equatable {
        /// One server, or several that are tried in turn.
        case hosts([Host])
        /// The path of a Unix socket.
        case socket(path: String)
        /// Sentinels, and the name under which they know the master.
        case sentinels([Host], master: String)
    }

    /// Where the servers are.
    public var servers: Servers
    /// Whether connections are encrypted.
    public var usesTLS = false
    /// The user of an access control list; nil for the default user.
    public var username: String?
    /// The password, if one is needed.
    public var password: String?
    /// The number of the database; 0 by default.
    public var database = 0
    /// What goes before each key; empty by default, because other SDKs use the bare key.
    public var keyPrefix = ""
    /// After how many seconds an entry that nobody wrote again is gone; nil, the default, for never.
    public var expirySeconds: Int?
    /// A PEM file of authorities to trust beside the system's.
    public var caCertificateFile: String?
    /// A PEM file with the client's certificate, and those between it and its authority.
    public var certificateFile: String?
    /// A PEM file with the private key of the client's certificate.
    public var privateKeyFile: String?

    /// The address of one server.
    ///
    /// - Parameters:
    ///   - host: A name or an address.
    ///   - port: The port; 6379 by default.
    public init(host: String, port: Int = 6379) {
        servers = .hosts([Host(name: host, port: port)])
    }

    /// Reads an address.
    ///
    /// - Parameter text: The address.
    /// - Throws: ``RedisCacheError`` with the code ``RedisCacheError/Code/invalidURL``, which names the part that is wrong. It
    ///   never quotes the user or the password.
    public init(_ string: String) throws(RedisCacheError) {
        // In ASCII, every character is one byte: otherwise an @ followed by a combining mark would not be an @.
        let string = PercentEncoding.asciiForm(of: string)
        let scheme = string.prefix { $0 != ":" }
        guard scheme.endIndex < string.endIndex, let parser = RedisURLParser(scheme: scheme.lowercased()) else {
            throw RedisCacheError(.invalidURL, "the cache URL's scheme is not one of Redis: \(RedisURLParser.schemes)")
        }
        self = try parser.parse(string[scheme.endIndex...].dropFirst())
    }

    /// Whether a URL with this scheme, in lower case, names a Redis cache.
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

    /// Keeps the password out of dumps.
    public var customMirror: Mirror { Mirror(self, children: ["servers": description]) }
}
