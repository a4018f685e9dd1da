import ConfigCatCache

/// A wait for the download of another process, during which the client polls the cache.
package struct LeaseWait: Sendable {
    private let since: Int64
    private var checks = 0

    /// In milliseconds.
    private static let firstPause: Int64 = 100
    private static let longestPause: Int64 = 1000

    package init(now: Int64) { since = now }

    /// Returns whether the wait has taken longer than two lease durations, after which the holders count as failed.
    package func isOver(leaseDuration: Int64, now: Int64) -> Bool {
        now.subtractingClamped(since) > 2 * leaseDuration
    }

    /// Begins the pause until the next check. Pauses become longer, but end soon after the lease.
    ///
    /// - Parameters:
    ///   - remaining: The longest time, in milliseconds, until the lease of the other process ends.
    ///   - isVaried: Whether the pause is varied at random, so that the processes of a fleet do not poll in lockstep.
    ///   - random: The source of the variation.
    /// - Returns: The pause, in milliseconds.
    package mutating func nextPause(
        remaining: Int64, isVaried: Bool, using random: inout some RandomNumberGenerator
    ) -> Int64 {
        let pause = min(Self.longestPause, Self.firstPause << min(checks, 10))
        checks += 1
        // The pause has a minimum, for stores that report of each lease that it ends at once.
        let next = min(max(pause / 10, remaining.addingClamped(1)), pause)
        return isVaried ? next + Int64.random(in: 0...(next / 4), using: &random) : next
    }
}
