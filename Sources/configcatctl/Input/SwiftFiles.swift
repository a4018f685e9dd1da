import ConfigCatCommandLine
import ConfigCatGeneration

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Finds Swift files.
enum SwiftFiles {
    /// Reads files, and the Swift files in folders and their subfolders. Hidden folders, such as `.build`, and links to
    /// folders are skipped.
    ///
    /// - Throws: An error that names the file or folder that cannot be read, or says that there are no Swift files.
    static func read(_ paths: [String]) throws -> [SourceText] {
        var files: [String] = []
        for path in paths {
            var isDirectory = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
                throw CommandError("\(path): no such file or folder")
            }
            if isDirectory { try collect(path, &files) } else { files.append(path) }
        }
        guard !files.isEmpty else { throw CommandError("there is no Swift file in \(paths.joined(separator: ", "))") }
        var seen: Set<String> = []
        return try files.filter { seen.insert($0).inserted }.map(GenerationRun.read)
    }

    private static func collect(_ folder: String, _ files: inout [String]) throws {
        var pending = [folder]
        while let next = pending.popLast() {
            let names: [String]
            do {
                names = try FileManager.default.contentsOfDirectory(atPath: next)
            } catch {
                throw CommandError("\(next): cannot be read")
            }
            var folders: [String] = []
            for name in names.sorted() where !name.hasPrefix(".") {
                let path = next.hasSuffix("/") ? next + name : next + "/" + name
                let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
                if type == .typeDirectory {
                    folders.append(path)
                } else if name.hasSuffix(".swift"), type == .typeRegular || isFile(path) {
                    files.append(path)
                }
            }
            pending += folders.reversed()
        }
    }

    /// Returns whether a link refers to a file.
    private static func isFile(_ path: String) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory
    }
}
