import ConfigCatPlatform

/// The error of a file cache that could not read or write.
public struct FileCacheError: Error, Sendable, CustomStringConvertible {
    /// The kind of an error. A later release may add codes, so a `switch` needs a `default`.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        private init(_ name: String) { description = name }

        /// The path cannot be used as a directory: it is a file, or below one.
        public static let invalidDirectory = Self("invalidDirectory")
        /// The file system is full, or a quota is used up.
        public static let full = Self("full")
        /// The file system or the directory cannot be written.
        public static let readOnly = Self("readOnly")
        /// The file is larger than a config can be, or is not UTF-8.
        public static let invalidContent = Self("invalidContent")
        /// The key is empty or too long for a file name.
        public static let invalidKey = Self("invalidKey")
        /// Another process has held the lock of the key for too long; it may have been stopped.
        public static let locked = Self("locked")
        /// Any other failure of the system.
        public static let system = Self("system")
        /// The cache has been closed.
        public static let closed = Self("closed")
    }

    /// The kind of the error.
    public let code: Code
    /// A message with the attempted operation, the path, and the system's reason.
    public let message: String

    /// The message.
    public var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Creates the error of a failed system call.
    init(_ action: String, _ path: String, errno code: Int32) {
        let reason = String(cString: strerror(code))
        let kind: Code =
            switch code {
            case ENOSPC, EDQUOT: .full
            case EROFS, EACCES, EPERM: .readOnly
            case ENOTDIR: .invalidDirectory
            default: .system
            }
        self.init(kind, "cannot \(action) \(path): \(reason)")
    }
}
