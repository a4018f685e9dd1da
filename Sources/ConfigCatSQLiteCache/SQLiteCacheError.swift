import ConfigCatCSQLite

/// Why a SQLite cache could not read or write.
public struct SQLiteCacheError: Error, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: Sendable {
        /// The path cannot be opened as a database: a directory, in none, or not accessible.
        case cannotOpen
        /// Another process held the database for longer than the busy timeout.
        case locked
        /// The disk is full.
        case full
        /// The file or its file system cannot be written.
        case readOnly
        /// The file was damaged or no database. It has been moved aside, and a fresh one begun.
        case corrupt
        /// A newer version of this package has written the database.
        case newerSchema
        /// The value is not UTF-8 text.
        case invalidContent
        /// Any other failure of SQLite.
        case sqlite
        /// The cache has been closed.
        case closed
    }

    /// What kind of fault it is.
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
