import ConfigCatCache

/// Reads the part of a Redis URL that follows the scheme.
struct RedisURLParser {
    static let schemes = "redis, rediss, redis+unix, redis+sentinel or rediss+sentinel"

    let scheme: String

    init?(scheme: String) {
        guard ["redis", "rediss", "redis+unix", "redis+sentinel", "rediss+sentinel"].contains(scheme) else {
            return nil
        }
        self.scheme = scheme
    }

    func parse(_ rest: Substring) throws(RedisCacheError) -> RedisCacheURL {
        guard rest.hasPrefix("//") else { throw validationError("needs // after the colon") }
        let parts = rest.dropFirst(2).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let location = parts[0]
        let authority = location.prefix { $0 != "/" }
        let path = location[authority.endIndex...].dropFirst()
        // The rest may be part of a password, so it is never quoted.
        guard !path.contains("@"), !(parts.count > 1 && parts[1].contains("@")) else {
            throw validationError("has an @ after a / or ?; in a user, password or path write %40, %2F and %3F")
        }
        let at = authority.lastIndex(of: "@")
        let hosts = at.map { authority[authority.index(after: $0)...] } ?? authority
        var url = RedisCacheURL(servers: try servers(hosts, path))
        url.usesTLS = scheme.hasPrefix("rediss")
        if let at { try readCredentials(authority[..<at], into: &url) }
        if let database = databasePart(path), !database.isEmpty { url.database = try self.database(database) }
        if parts.count > 1 { try readParameters(parts[1], into: &url) }
        if !url.usesTLS, url.caCertificateFile != nil || url.certificateFile != nil || url.privateKeyFile != nil {
            throw validationError("has ca, cert or key, which need TLS: rediss")
        }
        guard (url.certificateFile == nil) == (url.privateKeyFile == nil) else {
            throw validationError("needs cert and key together")
        }
        return url
    }

    // MARK: - Parts

    private func servers(_ hosts: Substring, _ path: Substring) throws(RedisCacheError) -> RedisCacheURL.Servers {
        switch scheme {
        case "redis+unix":
            guard hosts.isEmpty else {
                throw validationError("names a host; a socket has three slashes: redis+unix:///path")
            }
            guard !path.isEmpty else { throw validationError("has no path: redis+unix:///path") }
            return .socket(path: "/" + (try decoded(path, "path")))
        case "redis+sentinel", "rediss+sentinel":
            let master = try decoded(path.prefix { $0 != "/" }, "master")
            guard !master.isEmpty else {
                throw validationError("does not name the master: \(scheme)://host:port/master")
            }
            return .sentinels(try self.hosts(hosts, defaultPort: 26379), master: master)
        default:
            return .hosts(try self.hosts(hosts, defaultPort: 6379))
        }
    }

    private func hosts(_ text: Substring, defaultPort: Int) throws(RedisCacheError) -> [RedisCacheURL.Host] {
        var hosts: [RedisCacheURL.Host] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            var name = part
            var port: Substring?
            if part.hasPrefix("["), let end = part.firstIndex(of: "]") {
                name = part[part.index(after: part.startIndex)..<end]
                let rest = part[part.index(after: end)...]
                guard rest.isEmpty || rest.hasPrefix(":") else {
                    throw validationError("has characters other than a port after the ] of an address")
                }
                if !rest.isEmpty { port = rest.dropFirst() }
            } else if let colon = part.firstIndex(of: ":") {
                (name, port) = (part[..<colon], part[part.index(after: colon)...])
            }
            guard !name.isEmpty else { throw validationError("has no host") }
            let number = port.map { Int($0) ?? 0 } ?? defaultPort
            guard (1...65535).contains(number) else {
                throw validationError("has a port that is not a number from 1 to 65535")
            }
            hosts.append(RedisCacheURL.Host(name: try decoded(name, "host"), port: number))
        }
        return hosts
    }

    private func readCredentials(_ text: Substring, into url: inout RedisCacheURL) throws(RedisCacheError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let user = try decoded(parts[0], "user")
        if !user.isEmpty { url.username = user }
        if parts.count > 1 { url.password = try decoded(parts[1], "password") }
        if url.username != nil, url.password == nil { throw validationError("has a user without a password") }
    }

    /// Returns the part of the path that is the number of the database; nil if the form has none.
    private func databasePart(_ path: Substring) -> Substring? {
        switch scheme {
        case "redis+unix": nil
        case "redis+sentinel", "rediss+sentinel": path.firstIndex(of: "/").map { path[path.index(after: $0)...] }
        default: path
        }
    }

    private func database(_ text: Substring) throws(RedisCacheError) -> Int {
        guard let number = Int(text), (0...65535).contains(number) else {
            throw validationError("has a database that is not a number from 0 to 65535: '\(text)'")
        }
        return number
    }

    private func readParameters(_ text: Substring, into url: inout RedisCacheURL) throws(RedisCacheError) {
        for parameter in text.split(separator: "&") {
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            let value = try decoded(parts.count > 1 ? parts[1] : "", name)
            switch name {
            case "prefix": url.keyPrefix = value
            case "db": url.database = try database(value[...])
            case "expiry":
                guard let seconds = Int(value), (1...1_000_000_000).contains(seconds) else {
                    throw validationError(
                        "has an expiry that is not a number of seconds from 1 to 1000000000: '\(value)'")
                }
                url.expirySeconds = seconds
            case "ca": url.caCertificateFile = value
            case "cert": url.certificateFile = value
            case "key": url.privateKeyFile = value
            default:
                throw validationError("has the unknown parameter '\(name)'; use prefix, expiry, db, ca, cert or key")
            }
        }
    }

    private func decoded(_ text: Substring, _ part: String) throws(RedisCacheError) -> String {
        guard let decoded = PercentEncoding.decoded(text), !decoded.utf8.contains(0) else {
            throw validationError("has an invalid %-escape in its \(part)")
        }
        return decoded
    }

    private func validationError(_ text: String) -> RedisCacheError {
        RedisCacheError(.invalidURL, "the \(scheme) URL \(text)")
    }
}
