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
    /// - Throws: `ConfigCacheURLError` that names the part which is wrong. It never quotes the user or the password.
    public init(_ text: String) throws(ConfigCacheURLError) {
        guard case .redis(let url) = try ConfigCacheURL(text) else {
            throw ConfigCacheURLError(message: "the cache URL's scheme is not one of Redis: \(RedisURLParser.schemes)")
        }
        self = url
    }

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

/// Reads the part of a Redis URL behind the scheme.
struct RedisURLParser {
    static let schemes = "redis, rediss, redis+unix, redis+sentinel or rediss+sentinel"

    let scheme: String

    init?(scheme: String) {
        guard ["redis", "rediss", "redis+unix", "redis+sentinel", "rediss+sentinel"].contains(scheme) else {
            return nil
        }
        self.scheme = scheme
    }

    func parse(_ rest: Substring) throws(ConfigCacheURLError) -> RedisCacheURL {
        guard rest.hasPrefix("//") else { throw fault("needs // behind the colon") }
        let parts = rest.dropFirst(2).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let location = parts[0]
        let authority = location.prefix { $0 != "/" }
        let path = location[authority.endIndex...].dropFirst()
        // What follows may be the rest of a password: nothing of it is quoted.
        guard !path.contains("@"), !(parts.count > 1 && parts[1].contains("@")) else {
            throw fault("has an @ behind a / or ?; in a user, password or path write %40, %2F and %3F")
        }
        let at = authority.lastIndex(of: "@")
        let hosts = at.map { authority[authority.index(after: $0)...] } ?? authority
        var url = RedisCacheURL(servers: try servers(hosts, path))
        url.usesTLS = scheme.hasPrefix("rediss")
        if let at { try readCredentials(authority[..<at], into: &url) }
        if let database = databasePart(path), !database.isEmpty { url.database = try self.database(database) }
        if parts.count > 1 { try readParameters(parts[1], into: &url) }
        if !url.usesTLS, url.caCertificateFile != nil || url.certificateFile != nil || url.privateKeyFile != nil {
            throw fault("has ca, cert or key, which need TLS: rediss")
        }
        guard (url.certificateFile == nil) == (url.privateKeyFile == nil) else {
            throw fault("needs cert and key together")
        }
        return url
    }

    // MARK: - Parts

    private func servers(_ hosts: Substring, _ path: Substring) throws(ConfigCacheURLError) -> RedisCacheURL.Servers {
        switch scheme {
        case "redis+unix":
            guard hosts.isEmpty else { throw fault("names a host; a socket has three slashes: redis+unix:///path") }
            guard !path.isEmpty else { throw fault("has no path: redis+unix:///path") }
            return .socket(path: "/" + (try decoded(path, "path")))
        case "redis+sentinel", "rediss+sentinel":
            let master = try decoded(path.prefix { $0 != "/" }, "master")
            guard !master.isEmpty else { throw fault("does not name the master: \(scheme)://host:port/master") }
            return .sentinels(try self.hosts(hosts, defaultPort: 26379), master: master)
        default:
            return .hosts(try self.hosts(hosts, defaultPort: 6379))
        }
    }

    private func hosts(_ text: Substring, defaultPort: Int) throws(ConfigCacheURLError) -> [RedisCacheURL.Host] {
        var hosts: [RedisCacheURL.Host] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            var name = part
            var port: Substring?
            if part.hasPrefix("["), let end = part.firstIndex(of: "]") {
                name = part[part.index(after: part.startIndex)..<end]
                let rest = part[part.index(after: end)...]
                guard rest.isEmpty || rest.hasPrefix(":") else { throw fault("has text behind the ] of an address") }
                if !rest.isEmpty { port = rest.dropFirst() }
            } else if let colon = part.firstIndex(of: ":") {
                (name, port) = (part[..<colon], part[part.index(after: colon)...])
            }
            guard !name.isEmpty else { throw fault("has no host") }
            let number = port.map { Int($0) ?? 0 } ?? defaultPort
            guard (1...65535).contains(number) else { throw fault("has a port that is no number from 1 to 65535") }
            hosts.append(RedisCacheURL.Host(name: try decoded(name, "host"), port: number))
        }
        return hosts
    }

    private func readCredentials(_ text: Substring, into url: inout RedisCacheURL) throws(ConfigCacheURLError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let user = try decoded(parts[0], "user")
        if !user.isEmpty { url.username = user }
        if parts.count > 1 { url.password = try decoded(parts[1], "password") }
        if url.username != nil, url.password == nil { throw fault("has a user without a password") }
    }

    /// The part of the path that is the number of the database.
    private func databasePart(_ path: Substring) -> Substring? {
        switch scheme {
        case "redis+unix": nil
        case "redis+sentinel", "rediss+sentinel": path.firstIndex(of: "/").map { path[path.index(after: $0)...] }
        default: path
        }
    }

    private func database(_ text: Substring) throws(ConfigCacheURLError) -> Int {
        guard let number = Int(text), (0...65535).contains(number) else {
            throw fault("has a database that is no number: '\(text)'")
        }
        return number
    }

    private func readParameters(_ text: Substring, into url: inout RedisCacheURL) throws(ConfigCacheURLError) {
        for parameter in text.split(separator: "&") {
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            let value = try decoded(parts.count > 1 ? parts[1] : "", name)
            switch name {
            case "prefix": url.keyPrefix = value
            case "db": url.database = try database(value[...])
            case "expiry":
                guard let seconds = Int(value), (1...1_000_000_000).contains(seconds) else {
                    throw fault("has an expiry that is no number of seconds: '\(value)'")
                }
                url.expirySeconds = seconds
            case "ca": url.caCertificateFile = value
            case "cert": url.certificateFile = value
            case "key": url.privateKeyFile = value
            default: throw fault("has the unknown parameter '\(name)'; use prefix, expiry, db, ca, cert or key")
            }
        }
    }

    private func decoded(_ text: Substring, _ part: String) throws(ConfigCacheURLError) -> String {
        guard let decoded = PercentEncoding.decoded(text), !decoded.utf8.contains(0) else {
            throw fault("has an invalid %-escape in its \(part)")
        }
        return decoded
    }

    private func fault(_ text: String) -> ConfigCacheURLError {
        ConfigCacheURLError(message: "the \(scheme) URL \(text)")
    }
}
