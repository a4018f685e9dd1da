import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Standard output and standard error, unbuffered: whoever reads a line at a time gets it at once.
enum Console {
    static func write(_ line: String) {
        write(line + "\n", to: STDOUT_FILENO)
    }

    static func warn(_ line: String) {
        write(line + "\n", to: STDERR_FILENO)
    }

    /// Why something could not be written, such as a full disk, as a number of `errno`; 0 if nothing failed.
    static let failure = Atomic<Int32>(0)

    /// Whether standard output is a terminal.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            #if canImport(Darwin)
                let count = rest.withUnsafeBytes { Darwin.write(descriptor, $0.baseAddress, $0.count) }
            #elseif canImport(Musl)
                let count = rest.withUnsafeBytes { Musl.write(descriptor, $0.baseAddress, $0.count) }
            #else
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            #endif
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
