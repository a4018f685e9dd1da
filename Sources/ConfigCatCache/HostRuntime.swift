/// The services that this package takes from its process: clocks, random numbers, and executors for its tasks. The
/// simulation provides its own, and so controls the order of all events.
package struct HostRuntime: Sendable {
    /// Returns the time of day in Unix milliseconds. The clock may be set at any moment, so it is used only to date
    /// entries.
    package var wall: @Sendable () -> Int64
    /// Returns the milliseconds of a clock that never goes back, which measures expiry, timers and waits.
    package var now: @Sendable () -> Int64
    /// Waits; throws if the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// Returns a random number.
    package var random: @Sendable () -> UInt64
    /// The executor of tasks; nil for Swift's own threads.
    package var executor: (any TaskExecutor)?
    /// The executor of tasks that may wait for a disk.
    package var blockingExecutor: any TaskExecutor
    /// Waits until all stopped file watchers have closed their descriptors.
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

    /// The clocks, random numbers and threads of the operating system.
    package static let system = HostRuntime()

    /// A generator of Swift's standard library that uses ``random``.
    package var generator: some RandomNumberGenerator & Sendable { HostGenerator(random: random) }
}

private struct HostGenerator: RandomNumberGenerator, Sendable {
    let random: @Sendable () -> UInt64

    func next() -> UInt64 { random() }
}
