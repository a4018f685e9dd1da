import ConfigCatTestSupport
import Synchronization
import Testing

@testable import ConfigCatServing

@Suite("Paced refreshes")
struct PacedRefresherTests {
    /// A refresh that ends when the test says so, and a clock that the waiting moves.
    private final class World: Sendable {
        struct State {
            var time: Int64 = 0
            var starts: [Int64] = []
            var waiting: [CheckedContinuation<Void, Never>] = []
        }

        let state = Mutex(State())

        func refresher() -> PacedRefresher<Int> {
            PacedRefresher(
                now: { self.state.withLock { $0.time } }, sleep: { time in self.state.withLock { $0.time += time } },
                {
                    await withCheckedContinuation { continuation in
                        self.state.withLock {
                            $0.starts.append($0.time)
                            $0.waiting.append(continuation)
                        }
                    }
                    return self.state.withLock { $0.starts.count }
                })
        }

        var starts: [Int64] { state.withLock { $0.starts } }
        func endOne() { state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }?.resume() }
    }

    @Test("callers during a refresh share the next one, which begins a second after the first")
    func sharing() async {
        let world = World()
        let refresher = world.refresher()
        let first = Task { await refresher.refresh() }
        await eventually("the first refresh begins") { world.starts.count == 1 }
        let others = (0..<50).map { _ in Task { await refresher.refresh() } }
        // The tasks are not waited for: those that come later share a later refresh, and none gets the first one.
        world.endOne()
        #expect(await first.value == 1)
        await eventually("a second refresh begins") { world.starts.count == 2 }
        #expect(world.starts[1] >= 1000)
        let ending = Task {
            while !Task.isCancelled {
                world.endOne()
                await Task.yield()
            }
        }
        for task in others { #expect(await task.value >= 2) }
        ending.cancel()
        let starts = world.starts
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 >= 1000 })
    }

    @Test("after a pause, a refresh begins at once")
    func pause() async {
        let world = World()
        let refresher = world.refresher()
        for round in 0..<3 {
            world.state.withLock { $0.time = Int64(round) * 5000 }
            let task = Task { await refresher.refresh() }
            await eventually("the refresh begins") { world.starts.count == round + 1 }
            world.endOne()
            _ = await task.value
        }
        #expect(world.starts == [0, 5000, 10_000])
    }
}
