import ConfigCatPlatform
import ConfigCatCSQLite
import ConfigCatSQLiteMigrations

/// A database file and what keeps it usable: it is opened again when it was deleted, and moved aside when it is damaged.
struct SQLiteStore {
    private let path: String
    private let busyTimeout: Int32
    private let synchronous: String
    private var database: SQLiteDatabase?
    /// Which file is open, as the file system knows it.
    private var identity: FileIdentity?
    /// Damage that was found and mended when the cache was made: the first read or write tells of it.
    private var pendingError: SQLiteCacheError?

    init(path: String, busyTimeout: Int32, synchronous: String) {
        self.path = path
        self.busyTimeout = busyTimeout
        self.synchronous = synchronous
    }

    /// Opens the file for the first time. One that is damaged does not keep a server from starting.
    mutating func connect() throws(SQLiteCacheError) {
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

    mutating func disconnect() {
        database = nil
        identity = nil
    }

    /// Runs calls on the database, which is opened again if it has to be.
    mutating func withDatabase<Result>(
        _ body: (SQLiteDatabase) throws(SQLiteCacheError) -> Result
    ) throws(SQLiteCacheError) -> Result {
        if let error = pendingError {
            pendingError = nil
            throw error
        }
        // A file that was deleted or replaced lives on as long as it is open, where nobody else sees it.
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

    /// Opens the file, which exists afterwards. Called with the recovery lock held.
    private mutating func openFile() throws(SQLiteCacheError) {
        disconnect()
        // Made here, because SQLite would make it readable by others.
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if file >= 0 { _ = close(file) }
        let opened = try SQLiteDatabase(path: path, busyTimeout: busyTimeout, synchronous: synchronous)
        try opened.migrate(Migrations.steps)
        identity = FileIdentity(path)
        database = opened
    }

    /// Moves a damaged file aside and begins a fresh one, then reports it by throwing. Of several processes that find the
    /// damage, one moves the file; the others find the fresh one.
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
        // What belongs to the damaged file goes with it.
        for suffix in ["-wal", "-shm"] { _ = rename(path + suffix, aside + suffix) }
        try openFile()
        throw SQLiteCacheError(
            .corrupt,
            "\(path) was damaged (\(damage.message)); it was moved to \(aside), and a fresh database was begun")
    }
}

/// Which file a path leads to; nil if to none.
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
