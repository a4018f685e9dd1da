import ConfigCatPlatform

/// A lock file beside a database. Those who open the database share the lock; whoever moves a damaged database aside has it
/// alone. Otherwise a database that is created meanwhile would lose its WAL, which is moved by its name.
///
/// The lock ends with ``release()``, or with the process.
struct RecoveryLock {
    enum Kind {
        case shared, exclusive
    }

    /// Negative where no lock file can be created: a database that can only be read is not moved.
    private let file: Int32

    /// How long to wait between two attempts, in microseconds.
    private static let pause: UInt32 = 2000

    /// Waits for the lock.
    ///
    /// - Parameters:
    ///   - path: The database.
    ///   - kind: Whether others may have the lock too.
    ///   - timeout: How long to wait, in milliseconds.
    /// - Throws: `SQLiteCacheError` with the code `locked` if others hold the lock for longer, as a process does that was
    ///   stopped.
    init(_ path: String, _ kind: Kind, timeout: Int32) throws(SQLiteCacheError) {
        let file = open(path + ".recovery-lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        self.file = file
        guard file >= 0 else { return }
        let end = ContinuousClock.now + .milliseconds(timeout)
        let operation = kind == .shared ? LOCK_SH : LOCK_EX
        while flock(file, operation | LOCK_NB) != 0 {
            // Some file systems have no locks.
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
