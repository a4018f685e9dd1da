import ConfigCatPlatform
package import Synchronization

/// Unbuffered standard output and standard error, so that a reader of a pipe gets each line at once.
package enum Console {
    /// Writes a line to standard output.
    package static func write(_ line: String) {
        write(line + "\n", to: STDOUT_FILENO)
    }

    /// Writes a line to standard error.
    package static func warn(_ line: String) {
        write(line + "\n", to: STDERR_FILENO)
    }

    /// The `errno` of the last write that failed, such as one to a full disk; 0 if none failed.
    package static let failure = Atomic<Int32>(0)

    /// Whether standard output is a terminal.
    package static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 {
                // It is not an error if the reader has closed its end of the pipe.
                if errno != EPIPE { failure.store(errno, ordering: .relaxed) }
                return
            }
            rest = rest.dropFirst(count)
        }
    }
}

/// Calls the system call `write`, which ``Console/write(_:)`` shadows inside `Console`.
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
