package import Foundation
import Synchronization

/// A process that runs beside the test, and is killed at the latest when nobody holds it any more.
package final class ChildProcess: Sendable {
    package let identifier: Int32
    private let process: Mutex<Process>
    private let log: URL

    package init(_ executable: URL, _ arguments: [String], environment: [String: String] = [:]) throws {
        log = FileManager.default.temporaryDirectory.appending(path: "cc-\(UUID().uuidString).log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil, attributes: [.posixPermissions: 0o600])
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = try FileHandle(forWritingTo: log)
        (process.standardInput, process.standardOutput, process.standardError) = (FileHandle.nullDevice, output, output)
        try process.run()
        identifier = process.processIdentifier
        self.process = Mutex(process)
    }

    package convenience init(tool: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        try self.init(URL(filePath: "/usr/bin/env"), [tool] + arguments, environment: environment)
    }

    deinit {
        kill(identifier, SIGCONT)
        kill(identifier, SIGKILL)
        try? FileManager.default.removeItem(at: log)
    }

    package var isRunning: Bool { process.withLock(\.isRunning) }

    /// What it has printed so far.
    package var output: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }
    package var lines: [String] { output.split(separator: "\n").map(String.init) }

    package func signal(_ signal: Int32) { kill(identifier, signal) }

    /// Sends a signal, and returns when the process is gone.
    package func end(_ signal: Int32 = SIGTERM) async throws {
        self.signal(SIGCONT)
        self.signal(signal)
        while isRunning { try await Task.sleep(for: .milliseconds(2)) }
    }
}
