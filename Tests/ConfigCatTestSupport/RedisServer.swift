package import Foundation
import Synchronization

/// A process of the installed `redis-server`, on a free loopback port and with a temporary folder.
package final class RedisServer: Sendable {
    package static let isAvailable = Tools.has("redis-server") && Tools.has("redis-cli")
    package static let whySkipped = "needs redis-server: make deps installs it"

    package let port: Int
    private let folder: URL
    private let arguments: [String]
    private let usesTLS: Bool
    private let process = Mutex<ChildProcess?>(nil)

    /// Starts a server with further options of `redis-server`, and waits until it responds. A server with TLS takes its
    /// certificate and key from a folder created by `Scripts/certificates.sh`.
    package init(_ arguments: [String] = [], tls: URL? = nil) async throws {
        port = freePort()
        usesTLS = tls != nil
        folder = FileManager.default.temporaryDirectory.appending(path: "cc-redis-\(port)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var options = ["--bind", "127.0.0.1", "--dir", folder.path, "--save", "", "--appendonly", "no"]
        if let tls {
            options += [
                "--port", "0", "--tls-port", "\(port)", "--tls-cert-file", tls.path + "/server.crt", "--tls-key-file",
                tls.path + "/server.key", "--tls-ca-cert-file", tls.path + "/ca.crt",
            ]
        } else {
            options += ["--port", "\(port)", "--unixsocket", folder.path + "/socket"]
        }
        self.arguments = options + arguments
        try await start()
    }

    deinit {
        process.withLock { $0 = nil }
        try? FileManager.default.removeItem(at: folder)
    }

    package var url: String { "redis://127.0.0.1:\(port)" }
    package var socket: String { folder.path + "/socket" }

    /// Restarts the stopped server on the same port.
    package func start() async throws {
        // A sentinel keeps its state in its file.
        var arguments = arguments
        if arguments.contains("--sentinel") {
            let file = folder.appending(path: "sentinel.conf").path
            if !FileManager.default.fileExists(atPath: file) {
                _ = FileManager.default.createFile(atPath: file, contents: nil)
            }
            arguments = [file] + arguments
        }
        let started = try ChildProcess(tool: "redis-server", arguments)
        process.withLock { $0 = started }
        for _ in 0..<3000 {
            if started.output.contains("Ready to accept connections") || started.output.contains("Sentinel ID is") {
                return
            }
            guard started.isRunning else { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Tools.Failed(description: "redis-server did not start: \(started.output)")
    }

    /// Kills the server, and waits until its process has ended.
    package func stop() async throws {
        guard let running = process.withLock(\.self) else { return }
        try await running.end(SIGKILL)
        process.withLock { $0 = nil }
    }

    package func pause() { process.withLock { $0?.signal(SIGSTOP) } }
    package func resume() { process.withLock { $0?.signal(SIGCONT) } }

    /// Runs a command with `redis-cli`.
    @discardableResult
    package func command(_ arguments: String...) async throws -> String {
        try await Tools.run(["redis-cli", "-p", "\(port)"] + arguments)
            .trimmingCharacters(in: .newlines)
    }
}
