package import ConfigCatPlatform
package import ConfigCatCommandLine
import Dispatch
import Synchronization

/// A child process of a fleet run, a worker or a Redis server, whose output lines are collected.
package final class FleetChild: Sendable {
    private struct State {
        var text: [UInt8] = []
        var isEnded = false
    }

    package let identifier: pid_t
    private let state = Mutex(State())

    /// Starts a process.
    ///
    /// - Parameters:
    ///   - program: A path, or a name that is looked up in PATH.
    ///   - arguments: The arguments after the program's name.
    /// - Throws: `CommandError` if the process cannot be started.
    package init(_ program: String, _ arguments: [String]) throws(CommandError) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw CommandError("cannot create a pipe: \(String(cString: strerror(errno)))") }
        let (reading, writing) = (ends[0], ends[1])
        // Other child processes must not inherit the pipe, or it would stay open.
        _ = fcntl(reading, F_SETFD, FD_CLOEXEC)
        _ = fcntl(writing, F_SETFD, FD_CLOEXEC)
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
        #else
            var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, writing, STDOUT_FILENO)
        var names: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for name in names { free(name) } }
        var started: pid_t = 0
        let result = posix_spawnp(&started, program, &actions, nil, &names, environ)
        close(writing)
        guard result == 0 else {
            close(reading)
            throw CommandError("cannot start \(program): \(String(cString: strerror(result)))")
        }
        identifier = started
        DispatchQueue(label: "fleet.child").async { [self] in
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = read(reading, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { break }
                state.withLock { $0.text.append(contentsOf: buffer[..<count]) }
            }
            close(reading)
            var status: Int32 = 0
            waitpid(identifier, &status, 0)
            state.withLock { $0.isEnded = true }
        }
    }

    package var lines: [Substring] { String(decoding: state.withLock(\.text), as: UTF8.self).split(separator: "\n") }
    package var isEnded: Bool { state.withLock(\.isEnded) }

    /// Sends a signal, unless the process has ended.
    package func signal(_ number: Int32) {
        // After its end, the process identifier may belong to another process.
        if !isEnded { kill(identifier, number) }
    }

    /// Ends the process with SIGTERM, and with SIGKILL if it has not ended after five seconds.
    package func end() async {
        signal(SIGCONT)
        signal(SIGTERM)
        for _ in 0..<500 where !isEnded { try? await Task.sleep(for: .milliseconds(10)) }
        signal(SIGKILL)
    }
}

/// A reference to a process that can be replaced by another.
package final class CurrentChild: Sendable {
    private let child = Mutex<FleetChild?>(nil)
    package var current: FleetChild? { child.withLock(\.self) }
    package func set(_ new: FleetChild) { child.withLock { $0 = new } }
}
