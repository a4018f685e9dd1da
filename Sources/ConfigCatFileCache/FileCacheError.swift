import ConfigCatPlatform

/// Why a file cache could not read or write.
public struct FileCacheError: Error, Sendable, CustomStringConvertible {
    /// The kind of an error. A later release may add codes, so a `switch` needs a `default`.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        private init(_ name: String) { description = name }

        /// The path of the directory is not one that can be used: a file, or not accessible.
        public static let invalidDirectory = Self("invalidDirectory")
        /// The file system is full, or a quota is used up.
        public static let full = Self("full")
        /// The file system or the directory cannot be written.
        public static let readOnly = Self("readOnly")
        /// The file is larger than a config can be, or no UTF-8.
        public static let invalidContent = Self("invalidContent")
        /// The key is too long for a file name.
        public static let invalidKey = Self("invalidKey")
        /// Another process has been in the middle of a change for too long; it may have been stopped.
        public static let locked = Self("locked")
        /// Any other failure of the system.
        public static let system = Self("system")
        /// The cache has been closed.
        public static let closed = Self("closed")
    }

    /// The kind of the error.
    public let code: Code
    /// What was tried, with the path, and what the system said.
    public let message: String

    public var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// A system call that failed.
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
