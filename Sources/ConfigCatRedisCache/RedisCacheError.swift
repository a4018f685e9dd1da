/// The error of a Redis cache that could not read or write. No message contains a password.
public struct RedisCacheError: Error, Sendable, CustomStringConvertible {
    /// The kind of an error. A later release may add codes, so a `switch` needs a `default`.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        private init(_ name: String) { description = name }

        /// No server could be reached, or the connection broke.
        public static let connection = Self("connection")
        /// A connection or an answer took too long.
        public static let timeout = Self("timeout")
        /// A certificate or key cannot be read, or the two sides do not trust each other.
        public static let tls = Self("tls")
        /// The server requires a user or password, or refuses the given ones.
        public static let authentication = Self("authentication")
        /// The user may not use this command or key.
        public static let notPermitted = Self("notPermitted")
        /// The server is not a Redis server.
        public static let notRedis = Self("notRedis")
        /// The server is still reading its data from the disk.
        public static let loading = Self("loading")
        /// The server is a replica, or cannot save data.
        public static let readOnly = Self("readOnly")
        /// The server's memory is used up.
        public static let outOfMemory = Self("outOfMemory")
        /// The value under the key is not a string.
        public static let wrongType = Self("wrongType")
        /// The value under the key is not valid UTF-8.
        public static let invalidContent = Self("invalidContent")
        /// The cluster has no node for the key, or its nodes disagree.
        public static let cluster = Self("cluster")
        /// The sentinels do not know the master, or cannot be reached.
        public static let sentinel = Self("sentinel")
        /// Too many commands wait for their answers.
        public static let queueFull = Self("queueFull")
        /// Any other error of the server.
        public static let server = Self("server")
        /// The cache's URL is malformed.
        public static let invalidURL = Self("invalidURL")
        /// The cache has been closed.
        public static let closed = Self("closed")
    }

    /// The kind of the error.
    public let code: Code
    /// A message with the attempted operation, the server's address or the key, and the reason.
    public let message: String

    /// The message.
    public var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
