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
        try await blocking {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = arguments
            process.currentDirectoryURL = folder
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            let pipe = Pipe()
            (process.standardOutput, process.standardError) = (pipe, pipe)
            try process.run()
            let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                throw Failed(description: "\(arguments.joined(separator: " ")): \(output)")
            }
            return output
        }
    }
}
