import ConfigCatPlatform
import ConfigCatCache

/// The blocking system calls of the file cache.
struct FileStore: Sendable {
    let directory: String

    /// The largest file that is read: a config of 32 MiB and its header, with room to spare.
    private static let sizeLimit = 64 << 20
    /// The prefix of temporary files. The file of a value cannot have it, because a dot at the start of a key is
    /// encoded.
    private static let temporaryPrefix = ".tmp-"
    /// The age, in seconds, from which a temporary file is removed if its writer no longer runs.
    private static let leftoverAge = 10
    /// The maximum length of the file name of a value, in bytes; the names of its lock and lease are longer.
    private static let longestName = 240
    /// How often to try a step that fails because others delete the files that it needs.
    private static let attempts = 5

    /// Creates the directory if it does not exist, and removes the temporary files of crashed writers.
    func prepare() throws(FileCacheError) {
        if mkdir(directory, 0o700) != 0 {
            guard errno == EEXIST else { throw FileCacheError("create the directory", directory, errno: errno) }
            var status = stat()
            guard stat(directory, &status) == 0 else { throw FileCacheError("open", directory, errno: errno) }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw FileCacheError(.invalidDirectory, "\(directory) is not a directory")
            }
        }
        removeLeftovers()
    }

    // MARK: - Reading

    func value(for key: String) throws(FileCacheError) -> String? {
        let path = try path(key)
        guard let file = try openIfExists(path) else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw FileCacheError("read", path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileCacheError(.invalidContent, "\(path) is not a file") }
        let size = Int(status.st_size)
        guard size <= Self.sizeLimit else {
            throw FileCacheError(.invalidContent, "\(path) is larger than \(Self.sizeLimit) bytes")
        }
        var failure: FileCacheError?
        // Files are replaced, not resized, so the size stays the same.
        let text = String(byteCount: size) { buffer in
            var count = 0
            while count < size {
                let result = pread(
                    file, UnsafeMutableRawPointer(buffer.baseAddress)?.advanced(by: count), size - count, off_t(count))
                if result < 0, errno == EINTR { continue }
                if result < 0 { failure = FileCacheError("read", path, errno: errno) }
                if result <= 0 { return false }
                count += result
            }
            return true
        }
        if let failure { throw failure }
        guard let text else { throw FileCacheError(.invalidContent, "\(path) is not valid UTF-8") }
        return text
    }

    /// Opens a file for reading; nil if there is none.
    func openIfExists(_ path: String) throws(FileCacheError) -> Int32? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if file >= 0 { return file }
        if errno == ENOENT { return nil }
        throw FileCacheError("open", path, errno: errno)
    }

    // MARK: - Writing

    /// Opens a file of the directory, and creates it if it is absent; a directory that was deleted is created again.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - flags: The flags of `open` in addition to `O_CREAT`, `O_CLOEXEC` and `O_NOFOLLOW`.
    /// - Returns: The descriptor; -1 on failure, with the reason in `errno`.
    func openCreating(_ path: String, _ flags: Int32) -> Int32 {
        for _ in 1..<Self.attempts {
            let file = open(path, flags | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard file < 0, errno == ENOENT, mkdir(directory, 0o700) == 0 || errno == EEXIST else { return file }
        }
        return open(path, flags | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    }

    func set(_ value: String, for key: String) throws(FileCacheError) {
        let path = try path(key)
        removeLeftovers()
        // Before the file is locked, another process may remove it as a leftover; or it may be deleted with the
        // directory.
        for attempt in 1...Self.attempts {
            let temporary = "\(directory)/\(Self.temporaryPrefix)\(UInt64.random(in: .min ... .max))"
            let file = openCreating(temporary, O_WRONLY | O_EXCL)
            guard file >= 0 else { throw FileCacheError("create a file in", directory, errno: errno) }
            defer { close(file) }
            // The lock shows that the writer is still running; it is released when the process ends.
            _ = flock(file, LOCK_EX | LOCK_NB)
            do {
                try writeAll(value, to: file, temporary)
            } catch {
                unlink(temporary)
                throw error
            }
            if rename(temporary, path) == 0 { break }
            let code = errno
            unlink(temporary)
            guard code == ENOENT, attempt < Self.attempts else { throw FileCacheError("replace", path, errno: code) }
        }
        try flushDirectory()
    }

    func remove(_ key: String) throws(FileCacheError) {
        let path = try path(key)
        guard unlink(path) == 0 else {
            if errno == ENOENT { return }
            throw FileCacheError("remove", path, errno: errno)
        }
        try flushDirectory()
    }

    private func writeAll(_ value: String, to file: Int32, _ path: String) throws(FileCacheError) {
        var text = value
        let failure: FileCacheError? = text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let count = write(file, bytes.baseAddress.map { $0 + written }, bytes.count - written)
                if count < 0, errno == EINTR { continue }
                if count < 0 { return FileCacheError("write", path, errno: errno) }
                written += count
            }
            return fsync(file) == 0 ? nil : FileCacheError("flush", path, errno: errno)
        }
        if let failure { throw failure }
    }

    /// Flushes the directory, so that a rename survives a power cut.
    private func flushDirectory() throws(FileCacheError) {
        let file = open(directory, O_RDONLY | O_CLOEXEC)
        // A directory that was deleted in the meantime has nothing to flush.
        if file < 0, errno == ENOENT { return }
        guard file >= 0 else { throw FileCacheError("open", directory, errno: errno) }
        defer { close(file) }
        // Some file systems cannot flush directories, and report EINVAL.
        if fsync(file) != 0, errno != EINVAL { throw FileCacheError("flush", directory, errno: errno) }
    }

    // MARK: - Leftovers

    /// Removes the temporary files of writers that no longer run.
    private func removeLeftovers() {
        guard let listing = opendir(directory) else { return }
        defer { closedir(listing) }
        let now = time(nil)
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix(Self.temporaryPrefix) else { continue }
            let path = "\(directory)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            #if os(Linux)
                let modified = status.st_mtim.tv_sec
            #else
                let modified = status.st_mtimespec.tv_sec
            #endif
            guard now - modified >= Self.leftoverAge else { continue }
            let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard file >= 0 else { continue }
            if flock(file, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
            close(file)
        }
    }

    // MARK: - Names

    /// Returns the path of a key's file. Letters, digits, `_`, `-` and, except as the first character, `.` are kept;
    /// all other bytes are percent-encoded, so that no key leads out of the directory.
    func path(_ key: String) throws(FileCacheError) -> String {
        func isPlain(_ byte: UInt8) -> Bool {
            (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
        var name = key
        if !key.utf8.allSatisfy(isPlain) || key.utf8.first == UInt8(ascii: ".") {
            name = ""
            for (index, byte) in key.utf8.enumerated() {
                name +=
                    isPlain(byte) && (byte != UInt8(ascii: ".") || index > 0)
                    ? String(Unicode.Scalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        guard !name.isEmpty, name.utf8.count <= Self.longestName else {
            throw FileCacheError(.invalidKey, "the key '\(key.prefix(40))' is empty or too long for a file name")
        }
        return "\(directory)/\(name)"
    }
}
