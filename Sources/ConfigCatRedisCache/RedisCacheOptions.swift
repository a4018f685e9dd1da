public import NIOCore

/// How a ``RedisConfigCache`` reaches its server.
public struct RedisCacheOptions: Sendable {
    /// The servers, the credentials and the database.
    public var url: RedisCacheURL
    /// How long to wait for a connection; 2 seconds by default.
    public var connectTimeout: Duration = .seconds(2)
    /// How long to wait for an answer; 5 seconds by default. A connection that takes longer is replaced.
    public var commandTimeout: Duration = .seconds(5)
    /// How many commands may wait for their answers; at least 1, 1,000 by default.
    public var maximumQueuedCommands = 1000
    /// How many connections share the commands; 1 by default, and from 1 to 64. One is enough: commands do not wait for
    /// each other's answers.
    public var connections = 1
    /// The threads that do the I/O; SwiftNIO's own by default.
    public var eventLoopGroup: (any EventLoopGroup)?

    /// The defaults for a server.
    ///
    /// - Parameter url: The servers, the credentials and the database.
    public init(url: RedisCacheURL) {
        self.url = url
    }
}
