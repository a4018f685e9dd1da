import ConfigCatCache

/// The clocks of a client. Tests bring their own.
struct ClientClock: Sendable {
    /// The time of day in Unix milliseconds. It may be set back or forward at any moment, and only dates entries.
    var wall: @Sendable () -> Int64
    /// Milliseconds that never go back: expiry, timers and waits are measured by it.
    var now: @Sendable () -> Int64
    /// Waits; throws if the task is cancelled.
    var sleep: @Sendable (Duration) async throws -> Void

    static let system = ClientClock(
        wall: { HostClock.now }, now: { HostClock.monotonic }, sleep: { try await Task.sleep(for: $0) })
}
