import ConfigCatPlatform
import ConfigCatCache

/// Locks and leases for the processes that share the directory. Each key can have two more files beside its own:
/// `.lock-…`, which is locked during a change, and `.lease-…`.
extension FileStore {
    /// How often to try to lock a file: for a second in total.
    private static let lockAttempts = 500
    /// How long to wait between two attempts, in microseconds.
    private static let lockPause: UInt32 = 2000
    /// The largest file of a lease that is read whole, in bytes.
    private static let leaseLimit = 1 << 20
    /// The number of digits of a current fetch time. Only a time of this length is overwritten in place.
    private static let timeDigits = 13

    /// Locks a key for other processes, and calls `body`.
    func locked<Result>(_ key: String, _ body: () throws -> Result) throws -> Result {
        let path = try sidecarPath("lock", of: key)
        var attempts = 0
        while true {
            let file = openCreating(path, O_RDWR)
            guard file >= 0 else { throw FileCacheError("open", path, errno: errno) }
            // Closing the descriptor releases the lock, also when the process crashes.
            defer { close(file) }
            while flock(file, LOCK_EX | LOCK_NB) != 0 {
                guard errno == EWOULDBLOCK || errno == EINTR else { throw FileCacheError("lock", path, errno: errno) }
                attempts += 1
                guard attempts < Self.lockAttempts else {
                    throw FileCacheError(.locked, "\(path) is locked by another process")
                }
                usleep(Self.lockPause)
            }
            // The directory may have been deleted in the meantime. Then others lock a new file at the same path.
            if isSame(file, path) { return try body() }
            attempts += 1
            guard attempts < Self.lockAttempts else {
                throw FileCacheError(.locked, "\(path) is deleted again and again")
            }
        }
    }

    private func isSame(_ file: Int32, _ path: String) -> Bool {
        var (opened, named) = (stat(), stat())
        return fstat(file, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino
            && opened.st_dev == named.st_dev
    }

    /// Reads the first two lines of a key's file.
    func header(for key: String) throws -> CacheHeaderReading.Content {
        let path = try path(key)
        guard let file = try openIfExists(path) else { return .absent }
        defer { close(file) }
        let content = CacheHeaderReading.Content(beginningOf: try head(of: file, CacheEntryHeader.byteLimit, path))
        guard case .unreadable = content else { return content }
        return CacheHeaderReading.Content(beginningOf: try head(of: file, CacheEntryHeader.longByteLimit, path))
    }

    /// Reads the first bytes of a file. The config may be cut within a character; only the lines before it are used.
    private func head(of file: Int32, _ byteCount: Int, _ path: String) throws -> String {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let count = pread(file, &bytes, bytes.count, 0)
        guard count >= 0 else { throw FileCacheError("read", path, errno: errno) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Overwrites the fetch time in place. The few bytes lie in one sector of the disk, which is written as a whole.
    ///
    /// - Returns: False if the old or the new time does not consist of 13 digits.
    func overwriteTime(_ digits: String, for key: String) throws -> Bool {
        let path = try path(key)
        let file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw FileCacheError("open", path, errno: errno) }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: Self.timeDigits + 1)
        guard pread(file, &bytes, bytes.count, 0) == bytes.count, bytes.last == UInt8(ascii: "\n"),
            bytes.dropLast().allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }), digits.utf8.count == Self.timeDigits
        else { return false }
        guard pwrite(file, Array(digits.utf8), Self.timeDigits, 0) == Self.timeDigits else {
            throw FileCacheError("write", path, errno: errno)
        }
        return true
    }

    // MARK: - Leases

    /// Reads the lease of a key, which is stored as `{end} {token}`; nil if there is none that can be read.
    func lease(for key: String) throws -> LeaseRecord? {
        let file = open(try sidecarPath("lease", of: key), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: min(Int(status.st_size), Self.leaseLimit))
        let count = max(0, pread(file, &bytes, bytes.count, 0))
        let parts = String(decoding: bytes[..<count], as: UTF8.self)
            .split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let end = Int64(parts[0]) else { return nil }
        return LeaseRecord(token: String(parts[1]), end: end)
    }

    /// Replaces the lease of a key; nil removes it. Call it while the key is locked.
    func setLease(_ lease: LeaseRecord?, for key: String) throws {
        let path = try sidecarPath("lease", of: key)
        guard let lease else {
            _ = unlink(path)
            return
        }
        let file = openCreating(path, O_WRONLY | O_TRUNC)
        guard file >= 0 else { throw FileCacheError("create", path, errno: errno) }
        defer { close(file) }
        let text = Array("\(lease.end) \(lease.token)".utf8)
        guard write(file, text, text.count) == text.count else { throw FileCacheError("write", path, errno: errno) }
    }

    /// Returns the path of an additional file of a key. The file of a value never begins with a dot.
    private func sidecarPath(_ kind: String, of key: String) throws -> String {
        let path = try path(key)
        let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        return path[..<slash] + ".\(kind)-" + path[slash...]
    }
}
