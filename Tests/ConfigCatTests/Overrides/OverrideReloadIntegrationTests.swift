import ConfigCatEvaluation
import Dispatch
import Logging
import Synchronization
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

@Suite("Reloading of overrides")
struct OverrideReloadIntegrationTests {
    /// Overrides whose first read waits until the test lets it continue.
    private final class SlowSource: OverrideDataSource {
        let behaviour = OverrideBehaviour.localOnly
        let gate = DispatchSemaphore(value: 0)
        let number = Mutex(1)
        let readings = Atomic<Int>(0)

        func overrides() -> Config {
            let value = number.withLock(\.self)
            if readings.add(1, ordering: .relaxed).oldValue == 0 { gate.wait() }
            return Config(values: ["version\(value)": .bool(true)])
        }
    }

    /// The keys of each config that was published.
    private final class Published: Sendable {
        private let keys = Mutex<[[String]]>([])
        var all: [[String]] { keys.withLock(\.self) }
        func add(_ config: Config) { keys.withLock { $0.append(config.keys) } }
    }

    private func watcher(_ source: SlowSource, _ published: Published) -> OverrideWatcher {
        OverrideWatcher(source: source, log: EventLogger(Logger(label: "test"))) { published.add($0) }
    }

    @Test("after overlapping reloads, the newest content is published last")
    func overlap() async throws {
        let (source, published) = (SlowSource(), Published())
        let watcher = watcher(source, published)
        let slow = Task { try await blocking { watcher.reload() } }
        await eventually("the old content is read") { source.readings.load(ordering: .relaxed) == 1 }
        source.number.withLock { $0 = 2 }
        try await blocking { watcher.reload() }
        source.gate.signal()
        try await slow.value
        #expect(published.all.last == ["version2"])
    }

    @Test("nothing is published after stop, not even overrides that were being read")
    func stopWhileReading() async throws {
        let (source, published) = (SlowSource(), Published())
        let watcher = watcher(source, published)
        let slow = Task { try await blocking { watcher.reload() } }
        await eventually("the content is read") { source.readings.load(ordering: .relaxed) == 1 }
        watcher.stop()
        source.gate.signal()
        try await slow.value
        #expect(published.all.isEmpty)
    }

    @Test("start after stop reads nothing")
    func startAfterStop() {
        let (source, published) = (SlowSource(), Published())
        source.gate.signal()
        let watcher = watcher(source, published)
        watcher.stop()
        watcher.start()
        watcher.reload()
        #expect(source.readings.load(ordering: .relaxed) == 0 && published.all.isEmpty)
    }
}
