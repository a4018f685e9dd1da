import Glibc

/// Ends the process if a property does not hold; libFuzzer then saves the input.
func require(_ holds: Bool, _ property: @autoclosure () -> String) {
    if !holds { fatalError("Property violated: \(property())") }
}

/// Requires that an operation takes at most a second. If it takes longer, it is repeated and measured in processor time,
/// which other processes do not affect. That clock is too slow to be read every time.
func withinASecond<Result>(_ operation: @autoclosure () -> String, _ body: () throws -> Result) rethrows -> Result {
    let start = nanoseconds(CLOCK_MONOTONIC)
    defer {
        if nanoseconds(CLOCK_MONOTONIC) - start > 1_000_000_000 {
            let start = nanoseconds(CLOCK_THREAD_CPUTIME_ID)
            _ = try? body()
            let duration = nanoseconds(CLOCK_THREAD_CPUTIME_ID) - start
            require(duration <= 1_000_000_000, "\(operation()) took \(duration / 1_000_000) ms")
        }
    }
    return try body()
}

private func nanoseconds(_ clock: clockid_t) -> Int {
    var time = timespec()
    clock_gettime(clock, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

extension String {
    /// The UTF-8 bytes, for exact comparisons: strings are equal if they are only canonically equivalent.
    var bytes: [UInt8] { Array(utf8) }
}
