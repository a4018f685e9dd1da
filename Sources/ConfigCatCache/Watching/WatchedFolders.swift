import ConfigCatPlatform

/// The folders to watch for a file: the folder of its path, and the folder of the file that the path leads to through
/// links.
struct WatchedFolders: Equatable, Sendable {
    struct Folder: Equatable, Sendable {
        let path: String
        /// The device and inode identify a folder; a replaced folder has the same path and another inode.
        let device: UInt64
        let inode: UInt64
    }

    /// The folders that exist, each once.
    let folders: [Folder]
    /// Whether the folder of the path exists; if not, nothing can be watched yet.
    let isComplete: Bool

    init(of path: String) {
        let paths = [Self.folder(path), Self.folder(Self.resolved(path))]
        let found = paths.map(Folder.init)
        isComplete = found[0] != nil
        var folders: [Folder] = []
        for folder in found.compactMap({ $0 }) where !folders.contains(where: { $0.isSame(as: folder) }) {
            folders.append(folder)
        }
        self.folders = folders
    }

    private static func folder(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

extension WatchedFolders.Folder {
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(
            path: path, device: UInt64(truncatingIfNeeded: status.st_dev),
            inode: UInt64(truncatingIfNeeded: status.st_ino))
    }

    func isSame(as other: Self) -> Bool { device == other.device && inode == other.inode }
}
