import Synchronization

/// Sends change signals to the listeners of a key.
package final class ChangeSignal: Sendable {
    private typealias Listener = (key: [UInt8], continuation: AsyncStream<Void>.Continuation)

    private struct State {
        var listeners: [UInt64: Listener] = [:]
        var next: UInt64 = 0
        var isFinished = false

        /// The listeners in the order in which they were added. A dictionary has no fixed order, and a simulation has
        /// to be repeatable.
        var inOrder: [Listener] { listeners.sorted { $0.key < $1.key }.map(\.value) }
    }

    private let state = Mutex(State())

    package init() {}

    /// Returns a stream of signals for a key, which calls `onEnd` when it ends.
    package func stream(for key: String, onEnd: (@Sendable () -> Void)? = nil) -> AsyncStream<Void> {
        // Signals carry no data, so that one pending signal is enough.
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

    /// Signals the listeners of a key.
    package func send(for key: String) {
        let bytes = Array(key.utf8)
        for listener in state.withLock(\.inOrder) where listener.key == bytes { listener.continuation.yield() }
    }

    /// Signals all listeners.
    package func sendAll() {
        for listener in state.withLock(\.inOrder) { listener.continuation.yield() }
    }

    /// Ends all streams, and those that are requested later.
    package func finish() {
        let listeners = state.withLock { state in
            state.isFinished = true
            defer { state.listeners = [:] }
            return state.inOrder
        }
        for listener in listeners { listener.continuation.finish() }
    }
}
