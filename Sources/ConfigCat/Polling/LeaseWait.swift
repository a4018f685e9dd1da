import ConfigCatCache

/// How long a client waits for the download of another process, and when it checks the cache meanwhile.
package struct LeaseWait: Sendable {
    private let since: Int64
    private var checks = 0

    /// In milliseconds.
    private static let firstPause: Int64 = 100
    private static let longestPause: Int64 = 1000

    package init(now: Int64) { since = now }

    /// Returns whether the wait has taken longer than two leases: the processes that were to download have not done so.
    package func isOver(leaseDuration: Int64, now: Int64) -> Bool {
        now.subtractingClamped(since) > 2 * leaseDuration
    }

    /// Returns the pause until the next check in milliseconds: short at first, then longer, and no longer than the lease.
    ///
    /// - Parameters:
    ///   - remaining: How long the lease of the other process lasts at most.
    ///   - isVaried: Whether the pause is varied at random, so that the processes of a fleet do not check in lockstep.
    package mutating func nextPause(
        remaining: Int64, isVaried: Bool, using random: inout some RandomNumberGenerator
    ) -> Int64 {
        let pause = min(Self.longestPause, Self.firstPause << min(checks, 10))
        checks += 1
        // A store that says of each lease that it ends at once is not asked without pause.
        let next = min(max(pause / 10, remaining.addingClamped(1)), pause)
        return isVaried ? next + Int64.random(in: 0...(next / 4), using: &random) : next
    }
}
