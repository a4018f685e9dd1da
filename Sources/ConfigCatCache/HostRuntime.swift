/// What this package takes from the process that it runs in: clocks, random numbers, and executors for its tasks. The
/// simulation brings its own, and so decides the order of everything.
package struct HostRuntime: Sendable {
    /// The time of day in Unix milliseconds. It may be set back or forward at any moment, and only dates entries.
    package var wall: @Sendable () -> Int64
    /// Milliseconds that never go back: expiry, timers and waits are measured by it.
    package var now: @Sendable () -> Int64
    /// Waits; throws if the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// Returns a random number.
    package var random: @Sendable () -> UInt64
    /// Where tasks run; on Swift's own threads if nil.
    package var executor: (any TaskExecutor)?
    /// Where tasks run that may wait for a disk.
    package var blockingExecutor: any TaskExecutor
    /// Waits until no file is watched any more by those who have stopped watching.
    package var waitUntilFilesAreClosed: @Sendable () async -> Void

    package init(
        wall: @escaping @Sendable () -> Int64 = { HostClock.now },
        now: @escaping @Sendable () -> Int64 = { HostClock.monotonic },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        random: @escaping @Sendable () -> UInt64 = { .random(in: .min ... .max) },
        executor: (any TaskExecutor)? = nil, blockingExecutor: any TaskExecutor = BlockingExecutor.shared,
        waitUntilFilesAreClosed: @escaping @Sendable () async -> Void = {
            await FileWatcher.waitUntilStopped(atMost: .seconds(2))
        }
    ) {
        self.wall = wall
        self.now = now
        self.sleep = sleep
        self.random = random
        self.executor = executor
        self.blockingExecutor = blockingExecutor
        self.waitUntilFilesAreClosed = waitUntilFilesAreClosed
    }

    /// The operating system's.
    package static let system = HostRuntime()

    /// The random numbers as Swift's library takes them.
    package var generator: some RandomNumberGenerator & Sendable { HostGenerator(random: random) }
}

private struct HostGenerator: RandomNumberGenerator, Sendable {
    let random: @Sendable () -> UInt64

    func next() -> UInt64 { random() }
}
