#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why a file cache could not read or write.
public struct FileCacheError: Error, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: Sendable {
        /// The path of the directory is not one that can be used: a file, or not accessible.
        case invalidDirectory
        /// The file system is full, or a quota is used up.
        case full
        /// The file system or the directory cannot be written.
        case readOnly
        /// The file is larger than a config can be, or no UTF-8.
        case invalidContent
        /// The key is too long for a file name.
        case invalidKey
        /// Another process has been in the middle of a change for too long; it may have been stopped.
        case locked
        /// Any other failure of the system.
        case system
        /// The cache has been closed.
        case closed
    }

    /// What kind of fault it is.
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
