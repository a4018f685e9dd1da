import Glibc

/// Ends the process if a property does not hold; libFuzzer then saves the input.
func require(_ holds: Bool, _ property: @autoclosure () -> String) {
    if !holds { fatalError("Property violated: \(property())") }
}

/// Requires that an operation takes at most a second of processor time, which other processes cannot prolong.
func withinASecond<Result>(_ operation: @autoclosure () -> String, _ body: () throws -> Result) rethrows -> Result {
    let start = processorTime()
    defer {
        let nanoseconds = processorTime() - start
        require(nanoseconds <= 1_000_000_000, "\(operation()) took \(nanoseconds / 1_000_000) ms")
    }
    return try body()
}

/// The time that this thread has used, in nanoseconds.
private func processorTime() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

extension String {
    /// The bytes, for comparisons: strings are equal already if they are canonically equivalent.
    var bytes: [UInt8] { Array(utf8) }
}
