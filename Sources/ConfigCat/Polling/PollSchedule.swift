import ConfigCatCache

/// Decides when a held config has expired, and when the next poll is due.
package struct PollSchedule: Sendable {
    private let mode: PollingMode.Kind
    /// The largest random delay of a poll, as a share of the interval.
    private let jitter: Double
    /// The number of transient failures since the last successful download.
    package private(set) var failures = 0
    private var refusedAt: Int64?

    package init(mode: PollingMode.Kind, jitter: Double) {
        self.mode = mode
        self.jitter = jitter
    }

    package mutating func succeeded() { (failures, refusedAt) = (0, nil) }
    package mutating func failed() { failures += 1 }

    /// Records that the CDN refused a request, which should not be repeated soon.
    package mutating func refused(at instant: Int64) { (failures, refusedAt) = (0, instant) }

    /// The age at which a config expires, in milliseconds.
    package var timeToLive: Int64 {
        switch mode {
        case .auto(let interval, _): interval.milliseconds
        case .lazy(let timeToLive): timeToLive.milliseconds
        case .manual: .max
        }
    }

    /// The time, in milliseconds, by which a config counts as expired too early in auto mode, because timers are not
    /// exact.
    private var tolerance: Int64 {
        if case .auto = mode { min(500, timeToLive / 10) } else { 0 }
    }

    /// Returns whether a config has expired, by the instant at which it was asked for (nil if there is no config) and
    /// the present one, both on the monotonic clock.
    package func isExpired(_ instant: Int64?, now: Int64) -> Bool {
        // A refused request counts as a download that found nothing.
        guard let latest = [instant, refusedAt].compactMap({ $0 }).max() else { return true }
        return now.subtractingClamped(latest) >= timeToLive - tolerance
    }

    /// Returns the delay until the next poll, in milliseconds: the interval, or up to four times the interval after
    /// failures, with a random part so that the processes of a fleet do not poll in lockstep.
    package func nextDelay(using random: inout some RandomNumberGenerator) -> Int64 {
        let longest = timeToLive * 4
        let delay = failures < 2 ? timeToLive : failures == 2 ? timeToLive * 2 : longest
        guard jitter > 0 else { return delay }
        let extra = Int64(Double(delay) * Double.random(in: 0...jitter, using: &random))
        return failures < 2 ? delay + extra : min(longest, delay + extra)
    }
}
