import ConfigCatCSQLite

/// The error of a SQLite cache that could not read or write.
public struct SQLiteCacheError: Error, Sendable, CustomStringConvertible {
    /// The kind of an error. A later release may add codes, so a `switch` needs a `default`.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        private init(_ name: String) { description = name }

        /// The path cannot be opened as a database: it is a directory, its directory does not exist, or it is not
        /// accessible.
        public static let cannotOpen = Self("cannotOpen")
        /// Another process held the database for longer than the busy timeout.
        public static let locked = Self("locked")
        /// The disk is full.
        public static let full = Self("full")
        /// The file or its file system cannot be written.
        public static let readOnly = Self("readOnly")
        /// The file was damaged, or was not a database. It has been moved aside, and a new one created.
        public static let corrupt = Self("corrupt")
        /// A newer version of this package has written the database.
        public static let newerSchema = Self("newerSchema")
        /// The value is not valid UTF-8.
        public static let invalidContent = Self("invalidContent")
        /// Any other failure of SQLite.
        public static let sqlite = Self("sqlite")
        /// The cache has been closed.
        public static let closed = Self("closed")
    }

    /// The kind of the error.
    public let code: Code
    /// A message with the attempted operation, the path, and SQLite's reason.
    public let message: String

    /// The message.
    public var description: String { message }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Creates the error of a result code of SQLite.
    init(_ result: Int32, _ action: String, _ path: String, _ database: OpaquePointer?) {
        let reason =
            database.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
            ?? String(cString: sqlite3_errstr(result))
        let kind: Code =
            switch result & 0xFF {
            case SQLITE_BUSY, SQLITE_LOCKED: .locked
            case SQLITE_FULL: .full
            case SQLITE_READONLY, SQLITE_PERM: .readOnly
            case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
            case SQLITE_CANTOPEN: .cannotOpen
            default: .sqlite
            }
        self.init(kind, "cannot \(action) \(path): \(reason)")
    }
}
