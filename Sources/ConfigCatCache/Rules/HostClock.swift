import ConfigCatPlatform

/// The clocks of this host.
package enum HostClock {
    /// The time of day in milliseconds since 1970-01-01T00:00:00Z, for stores without a clock. It may be set back or
    /// forward at any moment.
    package static var now: Int64 { milliseconds(CLOCK_REALTIME) }

    /// Milliseconds since an arbitrary moment. This clock never goes back, and continues while the machine sleeps.
    package static var monotonic: Int64 {
        #if os(Linux)
            milliseconds(CLOCK_BOOTTIME)
        #else
            milliseconds(CLOCK_MONOTONIC)
        #endif
    }

    private static func milliseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// A time of day that never goes back: the host's time when the clock was created, plus the monotonic time since then.
package struct SteadyClock: Sendable {
    private let host: HostRuntime
    private let offset: Int64

    package init(_ host: HostRuntime = .system) {
        self.host = host
        offset = host.wall().subtractingClamped(host.now())
    }

    /// The time in milliseconds since 1970-01-01T00:00:00Z.
    package var now: Int64 { offset.addingClamped(host.now()) }
}
