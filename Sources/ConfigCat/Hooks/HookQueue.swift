import Synchronization

/// Calls handlers one after the other. It has a task only while there is something to call.
final class HookQueue: Sendable {
    typealias Call = @Sendable () throws -> Void

    /// How many calls may wait before optional ones are left out.
    private static let limit = 10_000

    private struct State {
        var waiting: [Call] = []
        var isRunning = false
    }

    private let state = Mutex(State())

    /// - Parameter isOptional: Whether the call may be left out if too many wait.
    func add(isOptional: Bool = false, _ call: @escaping Call) {
        let starts = state.withLock { state in
            if isOptional, state.waiting.count >= Self.limit { return false }
            state.waiting.append(call)
            if state.isRunning { return false }
            state.isRunning = true
            return true
        }
        if starts { Task.detached(priority: .utility) { self.run() } }
    }

    private func run() {
        while true {
            let calls = state.withLock { state in
                let calls = state.waiting
                state.waiting = []
                state.isRunning = !calls.isEmpty
                return calls
            }
            if calls.isEmpty { return }
            for call in calls { try? call() }
        }
    }
}
