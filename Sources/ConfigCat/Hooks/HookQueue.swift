import ConfigCatCache
import Dispatch
import Synchronization

/// Calls handlers one after the other, on a dispatch queue, because a handler may block.
final class HookQueue: Sendable {
    typealias Call = @Sendable () throws -> Void

    /// The kind of event that a call reports. Each kind has its own limit, so that slow handlers cannot use up the
    /// memory.
    enum Kind: Int, CaseIterable {
        case ready, configChanged, evaluation, observation, error

        /// The largest number of calls that wait or run. It is smaller for changed configs, which are large.
        var limit: Int {
            switch self {
            case .configChanged: 100
            case .ready, .evaluation, .observation, .error: 10_000
            }
        }
    }

    private struct State {
        var waiting: [(kind: Kind, call: Call)] = []
        /// The number of calls of each kind that have not ended.
        var pending = [Int](repeating: 0, count: Kind.allCases.count)
        var isRunning = false
        /// The number of calls that were dropped since the queue was last empty.
        var dropped = 0
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "configcat.hooks", qos: .utility)
    private let runs = TaskTracker()
    private let onDropped: @Sendable (Int) -> Void

    /// Creates an empty queue.
    ///
    /// - Parameter onDropped: A closure that is called with the number of dropped calls when the handlers have caught
    ///   up.
    init(onDropped: @escaping @Sendable (Int) -> Void) { self.onDropped = onDropped }

    /// Adds a call, or drops it if too many of its kind wait.
    func add(_ kind: Kind, _ call: @escaping Call) {
        let starts = state.withLock { state in
            guard state.pending[kind.rawValue] < kind.limit else {
                state.dropped += 1
                return false
            }
            state.pending[kind.rawValue] += 1
            state.waiting.append((kind, call))
            if state.isRunning { return false }
            state.isRunning = true
            runs.begin()
            return true
        }
        if starts { queue.async { self.run() } }
    }

    /// Waits until no call runs or waits.
    func waitUntilIdle(atMost limit: Duration) async { _ = await runs.waitUntilIdle(atMost: limit) }

    private func run() {
        while true {
            let (calls, dropped) = state.withLock { state in
                let calls = state.waiting
                state.waiting = []
                state.isRunning = !calls.isEmpty
                guard calls.isEmpty else { return (calls, 0) }
                defer { state.dropped = 0 }
                return (calls, state.dropped)
            }
            if dropped > 0 { onDropped(dropped) }
            if calls.isEmpty { return runs.end() }
            for (kind, call) in calls {
                try? call()
                state.withLock { $0.pending[kind.rawValue] -= 1 }
            }
        }
    }
}
