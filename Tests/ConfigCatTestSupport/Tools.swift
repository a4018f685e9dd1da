package import Foundation

/// Programs that tests run.
package enum Tools {
    /// The folder of this package.
    package static let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Returns an executable of this package, which is beside the test bundle.
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

    /// Returns whether a program is installed.
    package static func has(_ name: String) -> Bool {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }

    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs an installed program to its end, and returns its output.
    ///
    /// - Throws: ``Failed`` if its exit code is not 0.
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
        // The shell changes the folder, because changing it here would change it for all tests.
        let command = folder.map { ["sh", "-c", "cd \"$0\" && exec \"$@\"", $0.path] + arguments } ?? arguments
        let process = try ChildProcess(URL(filePath: "/usr/bin/env"), command, environment: environment)
        guard try await process.ended() == 0 else {
            throw Failed(description: "\(arguments.joined(separator: " ")): \(process.output)\(process.errors)")
        }
        return process.output
    }
}
