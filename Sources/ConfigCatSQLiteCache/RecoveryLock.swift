import ConfigCatPlatform

/// A lock file beside a database. Processes that open the database share the lock; a process that moves a damaged
/// database aside locks it exclusively. Otherwise a database that is created in between would lose its WAL, which is
/// moved by name.
///
/// ``release()`` ends the lock, and so does the end of the process.
struct RecoveryLock {
    enum Kind {
        case shared, exclusive
    }

    /// The descriptor; negative if the lock file cannot be created. A database in such a directory cannot be moved
    /// anyway.
    private let file: Int32

    /// How long to wait between two attempts, in microseconds.
    private static let pause: UInt32 = 2000

    /// Waits for the lock.
    ///
    /// - Parameters:
    ///   - path: The path of the database.
    ///   - kind: Whether other processes may have the lock too.
    ///   - timeout: How long to wait, in milliseconds.
    /// - Throws: ``SQLiteCacheError`` with the code ``SQLiteCacheError/Code/locked`` if others, such as a stopped
    ///   process, hold the lock for longer.
    init(_ path: String, _ kind: Kind, timeout: Int32) throws(SQLiteCacheError) {
        let file = open(path + ".recovery-lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        self.file = file
        guard file >= 0 else { return }
        let end = ContinuousClock.now + .milliseconds(timeout)
        let operation = kind == .shared ? LOCK_SH : LOCK_EX
        while flock(file, operation | LOCK_NB) != 0 {
            // Some file systems do not support locks.
            guard errno == EWOULDBLOCK || errno == EINTR else { return }
            guard ContinuousClock.now < end else {
                _ = close(file)
                throw SQLiteCacheError(
                    .locked, "\(path) is being repaired by another process, which may have been stopped")
            }
            usleep(Self.pause)
        }
    }

    func release() {
        if file >= 0 { _ = close(file) }
    }
}
