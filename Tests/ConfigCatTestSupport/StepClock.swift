import ConfigCatCache
import Synchronization

package import ConfigCat

/// A clock that only the test advances. Timers wait for it too.
package final class StepClock: Sendable {
    private struct State {
        var now: Int64 = 1_000_000
        var nextID = 0
        var sleepers: [Int: (end: Int64, continuation: CheckedContinuation<Void, any Error>)] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package var host: HostRuntime {
        HostRuntime(
            wall: { self.now + 1_700_000_000_000 }, now: { self.now },
            sleep: { try await self.sleep(Int64($0 / .milliseconds(1))) })
    }

    package var now: Int64 { state.withLock(\.now) }
    /// The number of running timers.
    package var sleepers: Int { state.withLock(\.sleepers.count) }

    /// Advances the time, and fires the timers that are due.
    package func advance(milliseconds: Int64) async {
        let due = state.withLock { state in
            state.now += milliseconds
            let due = state.sleepers.filter { $0.value.end <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    private func sleep(_ milliseconds: Int64) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isDue = state.withLock { state in
                    if Task.isCancelled { return true }
                    state.sleepers[id] = (state.now + milliseconds, continuation)
                    return false
                }
                if isDue { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
        }
    }
}
