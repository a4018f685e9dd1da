/// Why a Redis cache could not read or write. No message holds a password.
public struct RedisCacheError: Error, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: Sendable {
        /// No server could be reached, or the connection broke.
        case connection
        /// No connection or answer came in time.
        case timeout
        /// A certificate or key cannot be read, or the two sides do not trust each other.
        case tls
        /// The server wants a user or password, or refuses those that were given.
        case authentication
        /// The user may not use this command or key.
        case notPermitted
        /// What answers is not a Redis server.
        case notRedis
        /// The server is still reading its data from the disk.
        case loading
        /// The server is a replica, or cannot save what it is told.
        case readOnly
        /// The server's memory is used up.
        case outOfMemory
        /// The value under the key is not a string.
        case wrongType
        /// The value under the key is not UTF-8 text.
        case invalidContent
        /// The cluster has no node for the key, or its nodes disagree.
        case cluster
        /// The sentinels do not know the master, or cannot be reached.
        case sentinel
        /// Too many commands are waiting.
        case queueFull
        /// Any other error of the server.
        case server
        /// The cache's URL is malformed.
        case invalidURL
        /// The cache has been closed.
        case closed
    }

    /// What kind of fault it is.
    public let code: Code
    /// What was tried, with the server's address or the key, and what went wrong.
    public let message: String

    public var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
