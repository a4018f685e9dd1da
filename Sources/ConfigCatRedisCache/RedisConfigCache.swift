public import ConfigCatCache

/// A cache in Redis, or in a server with the same protocol (Valkey, KeyDB), for processes on any number of machines.
///
/// Values are plain strings under the key, in the form that all ConfigCat SDKs use. Commands are pipelined, so that one
/// connection is enough. If it breaks, the next command connects again; while the server cannot be reached, commands
/// fail at once.
///
/// If an operation fails, the methods throw ``RedisCacheError``.
///
///     options.configCache = try .redis("redis://127.0.0.1:6379")
public final class RedisConfigCache: ClosableConfigCache, RemovingConfigCache {
    let router: RedisRouter
    let subscriptions: RedisSubscriptions
    let keyPrefix: String
    /// The number of seconds after which a value expires; 0 for never.
    let expirySeconds: String

    /// Creates a cache on a server. It connects when it is first used.
    ///
    /// - Parameter options: The server, and how to reach it.
    /// - Throws: ``RedisCacheError`` if a certificate or key cannot be read.
    public init(_ options: RedisCacheOptions) throws {
        let connector = try RedisConnector(options)
        router = RedisRouter(connector)
        subscriptions = RedisSubscriptions(connector)
        keyPrefix = options.url.keyPrefix
        expirySeconds = "\(options.url.expirySeconds ?? 0)"
    }

    /// Reads the value of a key; nil if there is none.
    public func read(for key: String) async throws -> String? {
        try await value(for: keyPrefix + key)
    }

    /// Reads the value of a key that already has the prefix.
    func value(for key: String) async throws -> String? {
        switch try await router.execute(RedisCommand("GET", key), key: key, "read \(key)") {
        case .string(let value): return value
        case .null: return nil
        case .invalidText: throw RedisCacheError(.invalidContent, "the value under \(key) is not valid UTF-8")
        default: throw unexpected(key)
        }
    }

    /// Writes the value of a key.
    public func write(for key: String, value: String) async throws {
        let key = keyPrefix + key
        let expiry = expirySeconds == "0" ? [] : ["EX", expirySeconds]
        let command = RedisCommand(arguments: ["SET", key, value] + expiry)
        _ = try await router.execute(command, key: key, "write \(key)")
    }

    /// Removes the value of a key, if there is one.
    public func remove(for key: String) async throws {
        let key = keyPrefix + key
        _ = try await router.execute(RedisCommand("DEL", key), key: key, "remove \(key)")
    }

    /// Closes all connections, and ends all streams of change signals. Later calls throw.
    public func close() async {
        await subscriptions.close()
        await router.close()
    }

    func unexpected(_ key: String) -> RedisCacheError {
        RedisCacheError(.notRedis, "the server's answer for \(key) is not one that Redis gives")
    }
}

extension RedisConfigCache: NamedConfigCache {
    /// The name of the system in traces: `redis`.
    public var systemName: String { "redis" }
}

extension ConfigCache where Self == RedisConfigCache {
    /// Creates a cache on a Redis server: `options.configCache = try .redis("redis://127.0.0.1:6379")`.
    ///
    /// - Parameters:
    ///   - url: The address of the server, in one of the forms that ``RedisCacheURL`` describes.
    ///   - configure: Changes further options.
    /// - Returns: The cache, which connects when it is first used.
    /// - Throws: ``RedisCacheError`` if the URL is malformed or if a certificate or key cannot be read.
    public static func redis(
        _ url: String, _ configure: (inout RedisCacheOptions) throws -> Void = { _ in }
    ) throws -> RedisConfigCache {
        var options = RedisCacheOptions(url: try RedisCacheURL(url))
        try configure(&options)
        return try RedisConfigCache(options)
    }
}
