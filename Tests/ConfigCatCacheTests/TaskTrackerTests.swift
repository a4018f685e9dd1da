import ConfigCatCache
import Synchronization
import Testing

@Suite("Task tracker")
struct TaskTrackerTests {
    private final class Sleeps: Sendable {
        private let durations = Mutex<[Duration]>([])

        var total: Duration { durations.withLock { $0.reduce(.zero, +) } }

        /// Notes a sleep, and returns its number, from 1.
        @discardableResult
        func add(_ duration: Duration) -> Int {
            durations.withLock {
                $0.append(duration)
                return $0.count
            }
        }
    }

    @Test("a process that was stopped while it waited still gives its tasks most of the limit", .timeLimit(.minutes(1)))
    func stoppedProcess() async {
        let release = Promise<Void>()
        let sleeps = Sleeps()
        // The first sleep is over at once, as when the process was stopped for longer than it.
        let host = HostRuntime(sleep: {
            switch sleeps.add($0) {
            case 1: return
            case 2: release.finish(.success(()))
            default: break
            }
            try await Task.sleep(for: .seconds(3600))
        })
        let tracker = TaskTracker(host)
        tracker.run { try? await release.value() }
        let isIdle = await tracker.waitUntilIdle(atMost: .seconds(2))
        release.finish(.success(()))
        #expect(isIdle)
    }

    @Test("the slices of a limit add up to it", .timeLimit(.minutes(1)))
    func limit() async {
        let slept = Sleeps()
        let host = HostRuntime(sleep: { slept.add($0) })
        let tracker = TaskTracker(host)
        let release = Promise<Void>()
        tracker.run { try? await release.value() }
        #expect(await tracker.waitUntilIdle(atMost: .seconds(2)) == false)
        #expect(slept.total == .seconds(2))
        release.finish(.success(()))
    }
}
