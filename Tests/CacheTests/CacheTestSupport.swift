import ConfigCatCache
import Foundation
import Testing

/// Calls `body` with a folder that is gone afterwards.
func withFolder<T>(_ body: (URL) async throws -> T) async throws -> T {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}

func files(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
}

/// Runs what blocks on a thread that may block: those of Swift's tasks are needed by other suites.
func blocking<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
}

/// The permissions of a file.
func mode(_ path: String) -> UInt32 {
    var status = stat()
    return stat(path, &status) == 0 ? UInt32(status.st_mode) & 0o777 : 0
}

/// Processes that write until they are killed.
enum KilledWriters {
    /// Kills 500 writers at random moments; after each, the value has to be whole, and no older than the last one that a
    /// writer said it had written.
    static func check(_ kind: String, _ path: String, _ cache: any ConfigCache) async throws {
        var acknowledged = 0
        for _ in 0..<500 {
            let first = acknowledged
            let last = try await blocking { try run(kind, path, first: first, seconds: .random(in: 0...0.02)) }
            acknowledged = max(acknowledged, last)
            guard let value = try await cache.read(for: "killed") else {
                #expect(acknowledged == 0)
                continue
            }
            let parts = value.split(separator: " ", omittingEmptySubsequences: false)
            let number = Int(parts.first ?? "") ?? -1
            let isWhole = parts.count == 3 && parts[0] == parts[2] && parts[1].utf8.count == number * 7919 % 50_000
            #expect(isWhole && number >= acknowledged)
            acknowledged = max(acknowledged, number)
        }
        #expect(acknowledged > 0)
    }

    /// Runs a writer for some seconds, kills it, and returns the last number it said it had written.
    private static func run(_ kind: String, _ path: String, first: Int, seconds: Double) throws -> Int {
        let process = Process()
        let output = Pipe()
        process.executableURL = TestTools.url("CacheWriter")
        process.arguments = [kind, path, "\(first)"]
        process.standardOutput = output
        try process.run()
        usleep(UInt32(seconds * 1_000_000) + 4000)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        // A last line without its end may lack digits.
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().last.flatMap { Int($0) }
            ?? first
    }
}

/// Executables of this package, which lie beside the test bundle.
enum TestTools {
    static func url(_ name: String) -> URL {
        for argument in CommandLine.arguments where argument.contains(".xctest") {
            var folder = URL(filePath: argument)
            while folder.pathComponents.count > 1 {
                folder.deleteLastPathComponent()
                let tool = folder.appending(path: name)
                if FileManager.default.isExecutableFile(atPath: tool.path) { return tool }
            }
        }
        return URL(filePath: ".build/debug/\(name)")
    }
}

/// A file system of one megabyte in memory, for those who may mount.
struct FullFileSystem {
    private let path: String

    static let isAvailable: Bool = {
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

    init(at folder: URL) throws {
        path = folder.appending(path: "mnt").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Self.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path)
    }

    func makeReadOnly() throws { try Self.run("mount", "-o", "remount,ro", path) }
    func remove() { try? Self.run("umount", path) }

    private static func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.featureUnsupported) }
    }
}
