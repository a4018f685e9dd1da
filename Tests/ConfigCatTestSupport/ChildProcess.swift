package import Foundation
import Synchronization

/// A child process of the tests, which is killed when the instance is deallocated.
///
/// It does not use Foundation's `Process`, which crashed the tests when many were started at once. Its output goes to
/// files instead of pipes: another child may inherit a pipe and keep it open, and reading a pipe blocks one of the few
/// threads on which all suites run.
package final class ChildProcess: Sendable {
    package let identifier: pid_t
    /// The status from `waitpid`; nil while the process runs.
    private let status = Mutex<Int32?>(nil)
    private let log: URL
    private let errorLog: URL

    /// Starts a process.
    ///
    /// - Parameters:
    ///   - executable: The program.
    ///   - arguments: The arguments after the program's name.
    ///   - input: The descriptor of its standard input; nil for an empty input.
    ///   - environment: Environment variables in addition to those of the tests.
    /// - Throws: `POSIXError` if the process cannot be started.
    package init(
        _ executable: URL, _ arguments: [String], input: Int32? = nil, environment: [String: String] = [:]
    ) throws {
        let folder = FileManager.default.temporaryDirectory
        let name = "cc-\(UUID().uuidString)"
        log = folder.appending(path: name + ".log")
        errorLog = folder.appending(path: name + ".err")
        let output = open(log.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw POSIXError(.EIO) }
        defer { close(output) }
        let errors = open(errorLog.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard errors >= 0 else { throw POSIXError(.EIO) }
        defer { close(errors) }
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
        // The threads of Dispatch block signals, which a child would inherit.
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        // The child inherits no other descriptors, or it would keep pipes of other tests open.
        #if canImport(Darwin)
            flags |= Int32(POSIX_SPAWN_CLOEXEC_DEFAULT)
        #else
            for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
                if let descriptor = Int32(name), descriptor > STDERR_FILENO,
                    ![output, errors, input].contains(descriptor)
                {
                    posix_spawn_file_actions_addclose(&actions, descriptor)
                }
            }
        #endif
        posix_spawnattr_setflags(&attributes, Int16(truncatingIfNeeded: flags))
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
        var argv = ([executable.path] + arguments).map { strdup($0) } + [nil]
        var envp = variables.map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var started: pid_t = 0
        let result = posix_spawn(&started, executable.path, &actions, &attributes, &argv, &envp)
        guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: result) ?? .EIO) }
        identifier = started
    }

    package convenience init(
        tool: String, _ arguments: [String], input: Int32? = nil, environment: [String: String] = [:]
    ) throws {
        try self.init(URL(filePath: "/usr/bin/env"), [tool] + arguments, input: input, environment: environment)
    }

    deinit {
        if isRunning {
            kill(identifier, SIGCONT)
            kill(identifier, SIGKILL)
            var ended: Int32 = 0
            waitpid(identifier, &ended, 0)
        }
        for file in [log, errorLog] { try? FileManager.default.removeItem(at: file) }
    }

    package var isRunning: Bool {
        status.withLock { status in
            guard status == nil else { return false }
            var ended: Int32 = 0
            guard waitpid(identifier, &ended, WNOHANG) == identifier else { return true }
            status = ended
            return false
        }
    }

    /// The standard output so far.
    package var output: String { Self.text(log) }
    /// The standard error so far.
    package var errors: String { Self.text(errorLog) }

    private static func text(_ file: URL) -> String {
        String(decoding: (try? Data(contentsOf: file)) ?? Data(), as: UTF8.self)
    }

    package var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// Sends a signal, unless the process has ended.
    package func signal(_ signal: Int32) { if isRunning { kill(identifier, signal) } }

    /// Waits until the process has ended.
    ///
    /// - Returns: The exit code, or 128 plus the number of the signal that ended the process.
    @discardableResult
    package func ended() async throws -> Int32 {
        while isRunning { try await Task.sleep(for: .milliseconds(2)) }
        let status = status.withLock { $0 ?? 0 }
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }

    /// Waits until the process has printed a number of lines, or has ended.
    ///
    /// - Returns: The line with that number, counted from 1; nil if the process ended with fewer lines.
    package func line(_ number: Int) async throws -> String? {
        while true {
            let isLast = !isRunning
            let lines = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            if lines.count >= number { return String(lines[number - 1]) }
            if isLast { return nil }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Sends a signal, and waits until the process has ended.
    package func end(_ signal: Int32 = SIGTERM) async throws {
        self.signal(SIGCONT)
        self.signal(signal)
        try await ended()
    }
}
