import Synchronization

/// Those who want to know of changes, by key.
package final class ChangeSignal: Sendable {
    private struct State {
        var listeners: [UInt64: (key: [UInt8], continuation: AsyncStream<Void>.Continuation)] = [:]
        var next: UInt64 = 0
        var isFinished = false
    }

    private let state = Mutex(State())

    package init() {}

    /// A stream of signals for a key.
    ///
    /// - Parameter onEnd: Called when nobody listens to it any more.
    package func stream(for key: String, onEnd: (@Sendable () -> Void)? = nil) -> AsyncStream<Void> {
        // Signals say nothing but that one should look: one that waits stands for all.
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let id = state.withLock { state -> UInt64? in
                guard !state.isFinished else { return nil }
                state.next += 1
                state.listeners[state.next] = (Array(key.utf8), continuation)
                return state.next
            }
            guard let id else { return continuation.finish() }
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { _ = $0.listeners.removeValue(forKey: id) }
                onEnd?()
            }
        }
    }

    package func send(for key: String) {
        let bytes = Array(key.utf8)
        for continuation in state.withLock({ state in
            state.listeners.values.filter { $0.key == bytes }.map(\.continuation)
        }) { continuation.yield() }
    }

    package func sendAll() {
        for continuation in state.withLock({ $0.listeners.values.map(\.continuation) }) { continuation.yield() }
    }

    package func finish() {
        let continuations = state.withLock { state in
            state.isFinished = true
            defer { state.listeners = [:] }
            return state.listeners.values.map(\.continuation)
        }
        for continuation in continuations { continuation.finish() }
    }
}
