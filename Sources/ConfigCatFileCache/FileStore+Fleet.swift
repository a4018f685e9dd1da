import ConfigCatPlatform
import ConfigCatCache

/// What processes that share the directory agree upon. Beside the file of a key lie `.lock-…`, which is locked for the
/// moment of a change, and `.lease-…`.
extension FileStore {
    /// How often a lock is tried, and how long each time is waited, in microseconds: a second in all.
    private static let lockAttempts = 500
    private static let lockPause: UInt32 = 2000
    /// The digits of a time of today's, which can be written over by others.
    private static let timeDigits = 13

    /// Runs a change that reads first, with no other process in between.
    func locked<Result>(_ key: String, _ body: () throws -> Result) throws -> Result {
        let path = try sidecarPath("lock", of: key)
        var attempts = 0
        while true {
            let file = openCreating(path, O_RDWR)
            guard file >= 0 else { throw FileCacheError("open", path, errno: errno) }
            // The lock goes with the descriptor, also when the process dies.
            defer { close(file) }
            while flock(file, LOCK_EX | LOCK_NB) != 0 {
                guard errno == EWOULDBLOCK || errno == EINTR else { throw FileCacheError("lock", path, errno: errno) }
                attempts += 1
                guard attempts < Self.lockAttempts else {
                    throw FileCacheError(.locked, "\(path) is held by another process")
                }
                usleep(Self.lockPause)
            }
            // The directory may have been deleted meanwhile: others lock the file that took this one's place.
            if isSame(file, path) { return try body() }
            attempts += 1
            guard attempts < Self.lockAttempts else { throw FileCacheError(.locked, "\(path) is deleted all the time") }
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

    /// Reads the first bytes of a file. The config may be cut within a character: only the lines before it matter.
    private func head(of file: Int32, _ byteCount: Int, _ path: String) throws -> String {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let count = pread(file, &bytes, bytes.count, 0)
        guard count >= 0 else { throw FileCacheError("read", path, errno: errno) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Writes the time over the one that is there. It is a few bytes of one sector, which are written together.
    ///
    /// - Returns: False if the time that is there has another length.
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

    /// The lease of a key: `{end} {token}`. What cannot be read is none.
    func lease(for key: String) throws -> LeaseRecord? {
        let file = open(try sidecarPath("lease", of: key), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = max(0, pread(file, &bytes, bytes.count, 0))
        let parts = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let end = Int64(parts[0]) else { return nil }
        return LeaseRecord(token: String(parts[1]), end: end)
    }

    /// Sets who holds the lease; nil for nobody. Called with the lock held.
    func setLease(_ lease: LeaseRecord?, for key: String) throws {
        let path = try sidecarPath("lease", of: key)
        guard let lease else {
            _ = unlink(path)
            return
        }
        let file = openCreating(path, O_WRONLY | O_TRUNC)
        guard file >= 0 else { throw FileCacheError("make", path, errno: errno) }
        defer { close(file) }
        let text = Array("\(lease.end) \(lease.token)".utf8)
        guard write(file, text, text.count) == text.count else { throw FileCacheError("write", path, errno: errno) }
    }

    /// A file that belongs to a key. Keys' own names never begin with a dot.
    private func sidecarPath(_ kind: String, of key: String) throws -> String {
        let path = try path(key)
        let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        return path[..<slash] + ".\(kind)-" + path[slash...]
    }
}
