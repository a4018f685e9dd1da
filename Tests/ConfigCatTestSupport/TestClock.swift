package import ConfigCatCache
import Synchronization

/// Clocks that tests set: the time of day to any time, the monotonic clock forward. Timers use real time.
package final class TestClock: Sendable {
    private let time = Mutex<(wall: Int64, now: Int64)>((1_700_000_000_000, 5_000_000))

    package init() {}

    package var wall: Int64 { time.withLock { $0.wall } }
    package var now: Int64 { time.withLock { $0.now } }

    package var host: HostRuntime { HostRuntime(wall: { self.wall }, now: { self.now }) }

    /// Advances both clocks.
    package func advance(seconds: Int64) {
        time.withLock { time in
            time.wall += seconds * 1000
            time.now += seconds * 1000
        }
    }

    /// Changes the time of day only, as an administrator or NTP does.
    package func setWall(by seconds: Int64) { time.withLock { $0.wall += seconds * 1000 } }
}
