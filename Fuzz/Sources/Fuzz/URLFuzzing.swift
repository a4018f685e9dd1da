@testable import ConfigCatCommandLine
@testable import ConfigCatRedisCache

/// Reads the input as the address of a cache, as it is and with a password inserted.
enum URLFuzzing {
    static func run(_ input: [UInt8]) {
        check(String(decoding: input, as: UTF8.self))
        var reader = InputReader(input)
        let scheme = reader.choice(["redis", "rediss", "redis+unix", "redis+sentinel", "rediss+sentinel"])
        let before = reader.string(below: 8)
        let inside = reader.string(below: 8)
        let rest = String(decoding: reader.remainder(), as: UTF8.self)
        checkSecret("\(scheme)://\(before):\(secret)\(inside)@\(rest)")
    }

    private static let secret = "Tr0ub4dor"

    private static func check(_ text: String) {
        guard let url = try? CacheURL(text) else { return }
        let written = write(url)
        let copy = Result { () throws(CacheURLError) in try CacheURL(written) }
        guard case .success(url) = copy else { return require(false, "\(url) is read again from \(written): \(copy)") }
    }

    /// Checks that neither an error nor a description contains the password.
    private static func checkSecret(_ text: String) {
        do throws(RedisCacheError) {
            let url = try RedisCacheURL(text)
            // The secret counts as a password only if it is parsed as one.
            guard url.password?.contains(secret) == true else { return }
            require(!"\(url)".contains(secret), "the description of \(text) has no password")
            require(!String(reflecting: url).contains(secret), "the reflection of \(text) has no password")
            check(text)
        } catch {
            require(!error.message.contains(secret), "the error of \(text) has no password: \(error.message)")
        }
    }

    // MARK: - Writing

    private static func write(_ url: CacheURL) -> String {
        switch url {
        case .memory: "memory:"
        case .file(let directory): "file:" + path(directory)
        case .sqlite(let path): "sqlite:" + self.path(path)
        case .redis(let url): write(url)
        }
    }

    private static func write(_ url: RedisCacheURL) -> String {
        var text = url.usesTLS ? "rediss" : "redis"
        var credentials = url.username.map { encoded($0) } ?? ""
        if let password = url.password { credentials += ":" + encoded(password) }
        if !credentials.isEmpty { credentials += "@" }
        switch url.servers {
        case .hosts(let hosts): text += "://\(credentials)\(write(hosts))/\(url.database)?"
        case .sentinels(let hosts, let master):
            text += "+sentinel://\(credentials)\(write(hosts))/\(encoded(master))/\(url.database)?"
        case .socket(let path):
            let rest = String(decoding: path.utf8.dropFirst(), as: UTF8.self)
            text += "+unix://\(credentials)/\(encoded(rest))?db=\(url.database)&"
        }
        text += "prefix=\(encoded(url.keyPrefix))"
        if let seconds = url.expirySeconds { text += "&expiry=\(seconds)" }
        if let file = url.caCertificateFile { text += "&ca=\(encoded(file))" }
        if let file = url.certificateFile { text += "&cert=\(encoded(file))" }
        if let file = url.privateKeyFile { text += "&key=\(encoded(file))" }
        return text
    }

    private static func write(_ hosts: [RedisCacheURL.Host]) -> String {
        hosts.map { "\(encoded($0.name)):\($0.port)" }.joined(separator: ",")
    }

    private static func path(_ path: String) -> String {
        let isAbsolute = path.utf8.first == UInt8(ascii: "/")
        return (isAbsolute ? "//" : "") + encoded(path, slashes: true)
    }

    private static func encoded(_ text: String, slashes: Bool = false) -> String {
        text.utf8.map { byte in
            if slashes, byte == UInt8(ascii: "/") { return "/" }
            let digits = String(byte, radix: 16)
            return "%" + (digits.count < 2 ? "0" : "") + digits
        }.joined()
    }
}
