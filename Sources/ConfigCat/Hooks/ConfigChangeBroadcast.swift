import Synchronization

/// Gives each change to all sequences. A sequence that is read too slowly misses changes.
final class ConfigChangeBroadcast: Sendable {
    private static let buffer = 16

    private typealias Continuation = AsyncStream<ConfigChange>.Continuation

    private struct State {
        var nextID = 0
        var continuations: [Int: Continuation] = [:]
        /// The deliveries that are due, the oldest first: a change, or nil for the end, and its recipients.
        var waiting: [(change: ConfigChange?, continuations: [(id: Int, Continuation)])] = []
        var isDelivering = false
        /// The sequences that have missed a change. This is reported once for each.
        var late: Set<Int> = []
        var isFinished = false

        mutating func add(_ change: ConfigChange?) {
            waiting.append((change, continuations.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
        }

        /// Returns the next delivery; nil, which ends delivering, if none is due.
        mutating func next() -> (change: ConfigChange?, continuations: [(id: Int, Continuation)])? {
            isDelivering = !waiting.isEmpty
            return isDelivering ? waiting.removeFirst() : nil
        }
    }

    private let state = Mutex(State())
    private let onDropped: @Sendable () -> Void

    /// Creates a broadcast without sequences.
    ///
    /// - Parameter onDropped: A closure that is called when a sequence misses a change for the first time.
    init(onDropped: @escaping @Sendable () -> Void) { self.onDropped = onDropped }

    func subscribe() -> ConfigChanges {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ConfigChange.self, bufferingPolicy: .bufferingNewest(Self.buffer))
        let id = state.withLock { state -> Int? in
            if state.isFinished { return nil }
            state.nextID += 1
            state.continuations[state.nextID] = continuation
            return state.nextID
        }
        if let id {
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { state in
                    state.continuations[id] = nil
                    state.late.remove(id)
                }
            }
        } else {
            continuation.finish()
        }
        return ConfigChanges(stream: stream)
    }

    /// Adds a change, which ``deliver()`` gives to the sequences.
    ///
    /// - Parameter change: The change. It is created only if there is a sequence, because finding the changed keys
    ///   takes time.
    func add(_ change: @autoclosure () -> ConfigChange) {
        guard state.withLock({ !$0.continuations.isEmpty }) else { return }
        let change = change()
        state.withLock { $0.add(change) }
    }

    /// Gives the sequences the changes that were added, in order. The caller holds no lock: a task that reads a
    /// sequence may be cancelled at that moment, and call the client from its cancellation handler.
    func deliver() {
        guard var next = state.withLock({ $0.isDelivering ? nil : $0.next() }) else { return }
        while true {
            for (id, continuation) in next.continuations {
                guard let change = next.change else {
                    continuation.finish()
                    continue
                }
                guard case .dropped = continuation.yield(change) else { continue }
                if state.withLock({ $0.late.insert(id).inserted }) { onDropped() }
            }
            guard let following = state.withLock({ $0.next() }) else { return }
            next = following
        }
    }

    /// Ends all sequences, after the changes that were added before.
    func finish() {
        state.withLock { state in
            guard !state.isFinished else { return }
            state.isFinished = true
            state.add(nil)
            state.continuations = [:]
        }
        deliver()
    }
}
