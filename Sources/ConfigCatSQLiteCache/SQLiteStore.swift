import ConfigCatPlatform
import ConfigCatCSQLite
import ConfigCatSQLiteMigrations

/// Keeps a database file usable: opens it again after it was deleted, and moves it aside if it is damaged.
package struct SQLiteStore {
    private let path: String
    private let steps: [[UInt8]]
    private let busyTimeout: Int32
    private let synchronous: String
    private var database: SQLiteDatabase?
    /// The identity of the open file in the file system.
    private var identity: FileIdentity?
    /// Damage that was found and repaired when the cache was created. The first read or write reports it.
    private var pendingError: SQLiteCacheError?

    /// Creates a store, which opens no file yet.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - steps: The steps that lead to the newest schema.
    ///   - busyTimeout: How long to wait for other processes' writes, in milliseconds.
    ///   - synchronous: The value of SQLite's setting of this name.
    package init(path: String, steps: [[UInt8]] = Migrations.steps, busyTimeout: Int32, synchronous: String) {
        self.path = path
        self.steps = steps
        self.busyTimeout = busyTimeout
        self.synchronous = synchronous
    }

    /// Opens the file for the first time. A damaged file is replaced without throwing, so that a server can start.
    package mutating func connect() throws(SQLiteCacheError) {
        do {
            try reopen()
        } catch {
            guard error.code == .corrupt, database != nil else { throw error }
            pendingError = error
        }
    }

    private mutating func reopen() throws(SQLiteCacheError) {
        do {
            let lock = try RecoveryLock(path, .shared, timeout: busyTimeout)
            defer { lock.release() }
            try openFile()
        } catch {
            guard error.code == .corrupt else { throw error }
            try replaceDamagedFile(error)
        }
    }

    package mutating func disconnect() {
        database = nil
        identity = nil
    }

    /// Calls `body` with the database, which is opened again if the file was deleted or replaced.
    package mutating func withDatabase<Result>(
        _ body: (SQLiteDatabase) throws(SQLiteCacheError) -> Result
    ) throws(SQLiteCacheError) -> Result {
        if let error = pendingError {
            pendingError = nil
            throw error
        }
        // A file that was deleted or replaced exists as long as it is open, but other processes do not see it.
        if database == nil || FileIdentity(path) != identity { try reopen() }
        guard let database else { throw SQLiteCacheError(.closed, "\(path) is not open") }
        do {
            return try body(database)
        } catch {
            guard error.code == .corrupt else { throw error }
            try replaceDamagedFile(error)
            throw error
        }
    }

    /// Opens the file, and creates it if it does not exist. Call it with the recovery lock held.
    private mutating func openFile() throws(SQLiteCacheError) {
        disconnect()
        // Create the file here, because SQLite would create it readable by other users.
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if file >= 0 { _ = close(file) }
        let opened = try SQLiteDatabase(path: path, busyTimeout: busyTimeout, synchronous: synchronous)
        try opened.migrate(steps)
        identity = FileIdentity(path)
        database = opened
    }

    /// Moves a damaged file aside, creates a new one, and reports this by throwing. If several processes find the
    /// damage, one moves the file, and the others open the new one.
    private mutating func replaceDamagedFile(_ damage: SQLiteCacheError) throws(SQLiteCacheError) {
        disconnect()
        let lock = try RecoveryLock(path, .exclusive, timeout: busyTimeout)
        defer { lock.release() }
        do {
            try openFile()
            try database?.check()
            return
        } catch {
            guard error.code == .corrupt else { throw error }
        }
        disconnect()
        let aside = "\(path).corrupt-\(time(nil))-\(getpid())"
        guard rename(path, aside) == 0 else {
            throw SQLiteCacheError(
                .corrupt, "\(path) is damaged and cannot be moved aside: \(String(cString: strerror(errno)))")
        }
        // The other files of the damaged database are moved with it.
        for suffix in ["-wal", "-shm"] { _ = rename(path + suffix, aside + suffix) }
        try openFile()
        throw SQLiteCacheError(
            .corrupt,
            "\(path) was damaged (\(damage.message)); it was moved to \(aside), and a new database was created")
    }
}

/// The identity of the file that a path leads to; nil if there is none.
private struct FileIdentity: Equatable {
    private let device: UInt64
    private let number: UInt64

    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(truncatingIfNeeded: status.st_dev)
        number = UInt64(truncatingIfNeeded: status.st_ino)
    }
}
