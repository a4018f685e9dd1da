public import NIOCore

/// The server of a ``RedisConfigCache``, and how to reach it.
///
///     var options = RedisCacheOptions(url: try RedisCacheURL("redis://127.0.0.1:6379"))
///     options.commandTimeout = .seconds(2)
public struct RedisCacheOptions: Sendable {
    /// The servers, the credentials and the database.
    public var url: RedisCacheURL
    /// The time to wait for a connection; 2 seconds by default.
    public var connectTimeout: Duration = .seconds(2)
    /// The time to wait for an answer; 5 seconds by default. If an answer takes longer, the connection is replaced.
    public var commandTimeout: Duration = .seconds(5)
    /// The maximum number of commands that wait for their answers; at least 1, 1,000 by default.
    public var maximumQueuedCommands = 1000
    /// The number of connections that share the commands, from 1 to 64; 1 by default. One is usually enough, because
    /// commands do not wait for each other's answers.
    public var connections = 1
    /// The threads that do the I/O; SwiftNIO's global event loops by default.
    public var eventLoopGroup: (any EventLoopGroup)?

    /// Creates options with the defaults.
    ///
    /// - Parameter url: The servers, the credentials and the database.
    public init(url: RedisCacheURL) {
        self.url = url
    }
}
