import ConfigCatCSQLite

/// Why a SQLite cache could not read or write.
public struct SQLiteCacheError: Error, Sendable, CustomStringConvertible {
    /// The kind of an error. A later release may add codes, so a `switch` needs a `default`.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        private init(_ name: String) { description = name }

        /// The path cannot be opened as a database: a directory, in none, or not accessible.
        public static let cannotOpen = Self("cannotOpen")
        /// Another process held the database for longer than the busy timeout.
        public static let locked = Self("locked")
        /// The disk is full.
        public static let full = Self("full")
        /// The file or its file system cannot be written.
        public static let readOnly = Self("readOnly")
        /// The file was damaged or no database. It has been moved aside, and a fresh one begun.
        public static let corrupt = Self("corrupt")
        /// A newer version of this package has written the database.
        public static let newerSchema = Self("newerSchema")
        /// The value is not UTF-8 text.
        public static let invalidContent = Self("invalidContent")
        /// Any other failure of SQLite.
        public static let sqlite = Self("sqlite")
        /// The cache has been closed.
        public static let closed = Self("closed")
    }

    /// The kind of the error.
    public let code: Code
    /// What was tried, with the path, and what SQLite said.
    public let message: String

    public var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// A result code of SQLite.
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
