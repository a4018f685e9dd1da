import ConfigCatPlatform

/// The folders in which a file changes: its own, and that of the file which its path leads to through links.
struct WatchedFolders: Equatable, Sendable {
    struct Folder: Equatable, Sendable {
        let path: String
        /// A folder that is replaced has the same path and another identity.
        let device: UInt64
        let inode: UInt64
    }

    /// Those that exist.
    let folders: [Folder]
    /// Whether the folder of the path exists: without it, there is nothing to watch yet.
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
