import ConfigCatPlatform

/// The seeds that are running. They are printed if the process crashes, because a trap is also a finding.
package struct RunningSeeds: Sendable {
    nonisolated(unsafe) private static var seeds: UnsafeMutableBufferPointer<UInt64> = .allocate(capacity: 0)

    /// Installs the signal handlers that report crashes. Must be called only once in a process.
    package init(cores: Int) {
        Self.seeds = .allocate(capacity: cores)
        Self.seeds.initialize(repeating: 0)
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE] {
            signal(number) { number in
                RunningSeeds.report()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }

    /// Notes the seed that runs on a core. Each core has its own element, so that no lock is needed.
    package func set(_ seed: UInt64, on core: Int) { Self.seeds[core] = seed }

    /// Prints the seeds without allocating memory, because the process may have crashed anywhere.
    private static func report() {
        for seed in seeds {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { text in
                var start = text.count
                var rest = seed
                func add(_ byte: UInt8) {
                    start -= 1
                    text[start] = byte
                }
                add(UInt8(ascii: "\n"))
                repeat {
                    add(UInt8(ascii: "0") + UInt8(rest % 10))
                    rest /= 10
                } while rest > 0
                for byte in "crashed with seed ".utf8.reversed() { add(byte) }
                _ = write(
                    STDERR_FILENO, UnsafeMutableBufferPointer(rebasing: text[start...]).baseAddress, text.count - start)
            }
        }
    }
}
