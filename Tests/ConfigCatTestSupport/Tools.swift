package import Foundation

/// Programs that tests run.
package enum Tools {
    /// The folder of this package.
    package static let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// An executable of this package, which lies beside the test bundle.
    package static func built(_ name: String) -> URL {
        for argument in CommandLine.arguments where argument.contains(".xctest") {
            var folder = URL(filePath: argument)
            while folder.pathComponents.count > 1 {
                folder.deleteLastPathComponent()
                let tool = folder.appending(path: name)
                if FileManager.default.isExecutableFile(atPath: tool.path) { return tool }
            }
        }
        return project.appending(path: ".build/debug/\(name)")
    }

    /// Whether the system has a program.
    package static func has(_ name: String) -> Bool {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }

    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs a program of the system to its end, and returns what it printed.
    ///
    /// - Throws: `Failed` if its exit code is not 0.
    @discardableResult
    package static func run(
        _ arguments: String..., in folder: URL? = nil, environment: [String: String] = [:]
    ) async throws -> String {
        try await run(arguments, in: folder, environment: environment)
    }

    @discardableResult
    package static func run(
        _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:]
    ) async throws -> String {
        // The folder is the shell's business: whoever starts a process cannot change it for all of this one.
        let command = folder.map { ["sh", "-c", "cd \"$0\" && exec \"$@\"", $0.path] + arguments } ?? arguments
        let process = try ChildProcess(URL(filePath: "/usr/bin/env"), command, environment: environment)
        guard try await process.ended() == 0 else {
            throw Failed(description: "\(arguments.joined(separator: " ")): \(process.output)\(process.errors)")
        }
        return process.output
    }
}
