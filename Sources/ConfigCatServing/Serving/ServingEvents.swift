import Synchronization

/// What happens to the served configs.
package enum ServingEvent: Sendable, Equatable {
    /// Another version is served.
    case config(id: String, eTag: String, version: Int, changedKeys: [String])
    /// The overrides have changed.
    case overrides(id: String)
    /// An SDK has asked.
    case clients(id: String)
    /// The config could not be read; nil if it can again.
    case problem(id: String, String?)
    /// Nothing: it shows that the stream lives.
    case heartbeat
}

/// Gives each event to all subscribers. A subscriber that reads too slowly misses the oldest events.
package final class ServingEvents: Sendable {
    /// The events that wait for one subscriber.
    private static let buffer = 64

    private struct Subscriber {
        var continuation: AsyncStream<ServingEvent>.Continuation
        var isWanted: (@Sendable (ServingEvent) -> Bool)?
    }

    private struct State {
        var subscribers: [Int: Subscriber] = [:]
        var nextID = 0
        var isFinished = false
    }

    private let state = Mutex(State())

    /// The number of subscribers.
    package var count: Int { state.withLock { $0.subscribers.count } }

    /// Returns the events from now on. The stream ends when the server shuts down, or its reader is cancelled.
    ///
    /// - Parameter isWanted: Which events the subscriber gets, so that others do not wake it; nil for all.
    /// - Returns: The events.
    package func subscribe(where isWanted: (@Sendable (ServingEvent) -> Bool)? = nil) -> AsyncStream<ServingEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ServingEvent.self, bufferingPolicy: .bufferingNewest(Self.buffer))
        let id = state.withLock { state -> Int? in
            if state.isFinished { return nil }
            state.nextID += 1
            state.subscribers[state.nextID] = Subscriber(continuation: continuation, isWanted: isWanted)
            return state.nextID
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.remove(id) }
        return stream
    }

    package func send(_ event: ServingEvent) {
        for subscriber in state.withLock({ Array($0.subscribers.values) }) where subscriber.isWanted?(event) ?? true {
            subscriber.continuation.yield(event)
        }
    }

    /// Ends all streams, and those that are asked for later.
    package func finish() {
        let subscribers = state.withLock { state in
            defer { state.subscribers = [:] }
            state.isFinished = true
            return Array(state.subscribers.values)
        }
        for subscriber in subscribers { subscriber.continuation.finish() }
    }

    private func remove(_ id: Int) {
        // Freed outside the lock.
        _ = state.withLock { $0.subscribers.removeValue(forKey: id) }
    }
}
