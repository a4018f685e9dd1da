package import Foundation

/// A file system of one megabyte in memory. Mounting it requires root.
package struct FullFileSystem {
    private let path: String

    package static let isAvailable: Bool = {
        guard geteuid() == 0 else { return false }
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        guard (try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)) != nil else {
            return false
        }
        defer { try? FileManager.default.removeItem(at: folder) }
        guard let system = try? FullFileSystem(at: folder) else { return false }
        system.remove()
        return true
    }()

    package init(at folder: URL) throws {
        path = folder.appending(path: "mnt").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Self.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path)
    }

    package func makeReadOnly() throws { try Self.run("mount", "-o", "remount,ro", path) }
    package func remove() { try? Self.run("umount", path) }

    private static func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        // This blocks only for a moment, and `isAvailable` is not asynchronous.
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.featureUnsupported) }
    }
}
