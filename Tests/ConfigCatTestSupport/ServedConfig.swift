import Foundation

/// A CDN in a separate process: `configcatctl serve` with a file that tests change.
package final class ServedConfig: Sendable {
    package let url: String
    private let process: ChildProcess
    private let file: URL

    /// Starts a CDN that serves a config JSON, and waits until it listens. The port 0 stands for any free port.
    package init(_ json: String, port: Int = 0) async throws {
        file = FileManager.default.temporaryDirectory.appending(path: "cc-\(UUID().uuidString).json")
        try Data(json.utf8).write(to: file)
        process = try ChildProcess(
            Tools.built("configcatctl"), ["serve", "--config", file.path, "--port", "\(port)"])
        var found: String?
        for _ in 0..<3000 where found == nil && process.isRunning {
            found = process.output.firstMatch(of: /on (http:[^ \n]*)/).map { String($0.1) }
            if found == nil { try await Task.sleep(for: .milliseconds(10)) }
        }
        guard let found else { throw Tools.Failed(description: "serve did not start: \(process.output)") }
        url = found
    }

    deinit { try? FileManager.default.removeItem(at: file) }

    /// Changes the served config.
    package func set(_ json: String) throws { try Data(json.utf8).write(to: file, options: .atomic) }

    /// The number of requests that were answered with a config; ``confirmations`` is that of status 304.
    package var downloads: Int { process.lines.filter { $0.contains(" 200 ") }.count }
    package var confirmations: Int { process.lines.filter { $0.contains(" 304 ") }.count }
}
