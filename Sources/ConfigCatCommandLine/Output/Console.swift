import ConfigCatPlatform
package import Synchronization

/// Standard output and standard error, unbuffered: whoever reads a line at a time gets it at once.
package enum Console {
    package static func write(_ line: String) {
        write(line + "\n", to: STDOUT_FILENO)
    }

    package static func warn(_ line: String) {
        write(line + "\n", to: STDERR_FILENO)
    }

    /// Why something could not be written, such as a full disk, as a number of `errno`; 0 if nothing failed.
    package static let failure = Atomic<Int32>(0)

    /// Whether standard output is a terminal.
    package static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 {
                // If nobody reads any more, that is the reader's business.
                if errno != EPIPE { failure.store(errno, ordering: .relaxed) }
                return
            }
            rest = rest.dropFirst(count)
        }
    }
}

/// The system call `write`, by a name that ``Console/write(_:)`` does not hide.
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
