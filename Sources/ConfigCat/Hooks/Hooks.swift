public import ConfigCatEvaluation
import Synchronization

/// The handlers of a client's events.
///
///     client.hooks.addOnConfigChanged { config in
///         print("The config has \(config.keys.count) settings.")
///     }
///
/// Handlers run one after the other in the order of the events, never on the thread of an evaluation, and outside all
/// locks. A slow handler delays only other handlers, and an error that a handler throws is ignored.
///
/// At most 10,000 calls for evaluations, 10,000 for ``EvaluationObserver``s, 10,000 for errors and 100 for changed
/// configs wait. Further calls are dropped, which is logged as event 3300 when the handlers have caught up.
public final class Hooks: Sendable {
    /// The identity of an added handler. To remove the handler, pass it to ``Hooks/remove(_:)``.
    public struct Subscription: Sendable, Hashable {
        fileprivate let id: UInt64
    }

    private struct Handlers {
        var nextID: UInt64 = 1
        var ready: [UInt64: @Sendable (ConfigCatClientSnapshot) throws -> Void] = [:]
        var configChanged: [UInt64: @Sendable (Config, ConfigCatClientSnapshot) throws -> Void] = [:]
        var flagEvaluated: [UInt64: @Sendable (EvaluationDetails) throws -> Void] = [:]
        var error: [UInt64: @Sendable (String, (any Error)?) throws -> Void] = [:]
        /// Called before the evaluation returns, outside all locks. For tests.
        var recorders: [UInt64: @Sendable (EvaluationDetails) -> Void] = [:]
        /// The snapshot with which the client became ready.
        var readySnapshot: ConfigCatClientSnapshot?
        var isClosed = false

        mutating func makeID() -> UInt64 {
            defer { nextID += 1 }
            return nextID
        }
    }

    private let handlers: Mutex<Handlers>
    private let queue: HookQueue
    /// The observers of a client's evaluations; nil if there are none. They stay until the client is released, so that
    /// evaluations need no lock to read them.
    private let observers: EvaluationObservers?
    /// The number of handlers, recorders and observers of evaluations; 0 once the client is closed.
    private let evaluationListeners: Atomic<Int>
    private let errorHandlers: Atomic<Int>
    private let process = ProcessMark()

    /// Creates hooks without handlers.
    public convenience init() { self.init(Handlers()) }

    private init(_ handlers: Handlers, log: EventLogger? = nil, observers: EvaluationObservers? = nil) {
        self.observers = observers
        evaluationListeners = Atomic(
            handlers.flagEvaluated.count + handlers.recorders.count + (observers?.count ?? 0))
        errorHandlers = Atomic(handlers.error.count)
        self.handlers = Mutex(handlers)
        queue = HookQueue { dropped in
            log?.warning(
                3300, about: "handlers",
                "\(dropped) calls of handlers were dropped, because the handlers are slower than the events.")
        }
    }

    /// Returns the hooks of one client, whose log reports dropped calls. They start with the current handlers, and are
    /// independent afterwards.
    func copy(log: EventLogger, observers: EvaluationObservers? = nil) -> Hooks {
        var copied = handlers.withLock { $0 }
        // They may be the hooks of another client, which may be ready or closed.
        (copied.readySnapshot, copied.isClosed) = (nil, false)
        return Hooks(copied, log: log, observers: observers)
    }

    /// Ends all events, and releases the handlers. Calls that already wait are still made.
    func close() {
        let closed = handlers.withLock { handlers in
            defer {
                handlers = Handlers(nextID: handlers.nextID)
                handlers.isClosed = true
            }
            return handlers
        }
        evaluationListeners.store(0, ordering: .relaxed)
        errorHandlers.store(0, ordering: .relaxed)
        // Released outside the lock: the deinitializer of an object that a handler owns may call these hooks.
        withExtendedLifetime(closed) {}
    }

    /// Waits until no call runs or waits, at most for a limit.
    func waitUntilIdle(atMost limit: Duration) async { await queue.waitUntilIdle(atMost: limit) }

    // MARK: - Subscribing

    /// Adds a handler that is called when the client is ready, or at once if it already is.
    ///
    /// - Parameter handler: The handler. Its parameter is the cache state with which the client became ready.
    /// - Returns: The identity of the handler, for ``remove(_:)``.
    @discardableResult
    public func addOnReady(handler: @escaping @Sendable (ClientCacheState) throws -> Void) -> Subscription {
        addOnReady(snapshotHandler: { try handler($0.cacheState) })
    }

    /// Adds a handler that is called when the client is ready, or at once if it already is.
    ///
    /// - Parameter snapshotHandler: The handler. Its parameter is the snapshot with which the client became ready.
    /// - Returns: The identity of the handler, for ``remove(_:)``.
    @discardableResult
    // Otherwise, a trailing closure would match both overloads.
    @_disfavoredOverload
    public func addOnReady(
        snapshotHandler: @escaping @Sendable (ConfigCatClientSnapshot) throws -> Void
    ) -> Subscription {
        if process.isForked { return Subscription(id: 0) }
        return handlers.withLock { handlers in
            let id = handlers.makeID()
            if let snapshot = handlers.readySnapshot {
                queue.add(.ready) { try snapshotHandler(snapshot) }
            } else if !handlers.isClosed {
                handlers.ready[id] = snapshotHandler
            }
            return Subscription(id: id)
        }
    }

    /// Adds a handler that is called when a config becomes available or changes.
    ///
    /// - Parameter snapshotHandler: The handler. Its parameters are the config, and a snapshot that evaluates it.
    /// - Returns: The identity of the handler, for ``remove(_:)``.
    @discardableResult
    public func addOnConfigChanged(
        snapshotHandler: @escaping @Sendable (Config, ConfigCatClientSnapshot) throws -> Void
    ) -> Subscription {
        if process.isForked { return Subscription(id: 0) }
        return handlers.withLock { handlers in
            let id = handlers.makeID()
            if !handlers.isClosed { handlers.configChanged[id] = snapshotHandler }
            return Subscription(id: id)
        }
    }

    /// Adds a handler that is called when a config becomes available or changes.
    ///
    /// - Parameter handler: The handler. Its parameter is the config.
    /// - Returns: The identity of the handler, for ``remove(_:)``.
    @discardableResult
    public func addOnConfigChanged(handler: @escaping @Sendable (Config) throws -> Void) -> Subscription {
        addOnConfigChanged(snapshotHandler: { config, _ in try handler(config) })
    }

    /// Adds a handler that is called for each evaluation. While 10,000 calls wait, further ones are dropped.
    ///
    /// - Parameter handler: The handler. Its parameter is the details of the evaluation.
    /// - Returns: The identity of the handler, for ``remove(_:)``.
    @discardableResult
    public func addOnFlagEvaluated(
        handler: @escaping @Sendable (EvaluationDetails) throws -> Void
    ) -> Subscription {
        if process.isForked { return Subscription(id: 0) }
        return handlers.withLock { handlers in
            let id = handlers.makeID()
            guard !handlers.isClosed else { return Subscription(id: id) }
            evaluationListeners.add(1, ordering: .relaxed)
            handlers.flagEvaluated[id] = handler
            return Subscription(id: id)
        }
    }

    /// Adds a handler that is called for each evaluation before it returns, by the task that evaluates. For tests.
    package func addRecorder(_ recorder: @escaping @Sendable (EvaluationDetails) -> Void) -> Subscription {
        if process.isForked { return Subscription(id: 0) }
        return handlers.withLock { handlers in
            let id = handlers.makeID()
            guard !handlers.isClosed else { return Subscription(id: id) }
            evaluationListeners.add(1, ordering: .relaxed)
            handlers.recorders[id] = recorder
            return Subscription(id: id)
        }
    }

    /// Adds a handler that is called for each error.
    ///
    /// - Parameter handler: The handler. Its parameters are the message, and the cause if there is one.
    /// - Returns: The identity of the handler, for ``remove(_:)``.
    @discardableResult
    public func addOnError(handler: @escaping @Sendable (String, (any Error)?) throws -> Void) -> Subscription {
        if process.isForked { return Subscription(id: 0) }
        return handlers.withLock { handlers in
            let id = handlers.makeID()
            guard !handlers.isClosed else { return Subscription(id: id) }
            errorHandlers.add(1, ordering: .relaxed)
            handlers.error[id] = handler
            return Subscription(id: id)
        }
    }

    /// Adds a handler that is called for each error.
    ///
    /// - Parameter handler: The handler. Its parameter is the message.
    /// - Returns: The identity of the handler, for ``remove(_:)``.
    @discardableResult
    public func addOnError(handler: @escaping @Sendable (String) throws -> Void) -> Subscription {
        addOnError(handler: { message, _ in try handler(message) })
    }

    /// Removes a handler. It is not called for later events.
    ///
    /// - Parameter subscription: The identity that was returned when the handler was added.
    public func remove(_ subscription: Subscription) {
        if process.isForked { return }
        let removed = handlers.withLock { handlers in
            let evaluation = handlers.flagEvaluated.removeValue(forKey: subscription.id)
            if evaluation != nil { evaluationListeners.subtract(1, ordering: .relaxed) }
            let recorder = handlers.recorders.removeValue(forKey: subscription.id)
            if recorder != nil { evaluationListeners.subtract(1, ordering: .relaxed) }
            let error = handlers.error.removeValue(forKey: subscription.id)
            if error != nil { errorHandlers.subtract(1, ordering: .relaxed) }
            return (
                handlers.ready.removeValue(forKey: subscription.id),
                handlers.configChanged.removeValue(forKey: subscription.id), evaluation, error, recorder
            )
        }
        // Released outside the lock: the deinitializer of an object that a handler owns may call these hooks.
        withExtendedLifetime(removed) {}
    }

    // MARK: - Events

    /// Whether there are handlers or observers of evaluations.
    var hasEvaluationListeners: Bool { evaluationListeners.load(ordering: .relaxed) > 0 }

    /// Returns whether a handler or an observer gets the next evaluation of a setting, if there are any.
    @inline(never)
    func wantsEvaluation(of key: String) -> Bool {
        if process.isForked { return false }
        let listeners = evaluationListeners.load(ordering: .relaxed)
        guard let observers, listeners <= observers.count else { return listeners > 0 }
        return listeners > 0 && observers.wantsEvaluation(of: key)
    }

    /// Whether there are handlers of errors that can be called. A forked process has no thread that calls handlers.
    var hasErrorHandlers: Bool { errorHandlers.load(ordering: .relaxed) > 0 && !process.isForked }

    func fireReady(_ snapshot: ConfigCatClientSnapshot) {
        let called = handlers.withLock { handlers -> [UInt64: @Sendable (ConfigCatClientSnapshot) throws -> Void] in
            guard handlers.readySnapshot == nil, !handlers.isClosed else { return [:] }
            handlers.readySnapshot = snapshot
            for handler in handlers.ready.inOrder { queue.add(.ready) { try handler(snapshot) } }
            defer { handlers.ready = [:] }
            return handlers.ready
        }
        withExtendedLifetime(called) {}
    }

    func fireConfigChanged(_ config: Config, _ snapshot: ConfigCatClientSnapshot) {
        handlers.withLock { handlers in
            guard !handlers.isClosed else { return }
            for handler in handlers.configChanged.inOrder {
                queue.add(.configChanged) { try handler(config, snapshot) }
            }
        }
    }

    /// Reports an evaluation to handlers, recorders and observers.
    ///
    /// - Parameters:
    ///   - details: The evaluation.
    ///   - eTag: The ETag of the config.
    ///   - isChosen: Whether ``wantsEvaluation(of:)`` has chosen this evaluation.
    func fireFlagEvaluated(_ details: EvaluationDetails, eTag: String, isChosen: Bool) {
        let listeners = evaluationListeners.load(ordering: .relaxed)
        guard listeners > 0, !process.isForked else { return }
        let hasHandlers = listeners > observers?.count ?? 0
        // Handlers get every evaluation, so if there are any, no observer has decided yet.
        observers?.observe(details, eTag: eTag, isChosen: isChosen && !hasHandlers, queue)
        guard hasHandlers else { return }
        let recorders = handlers.withLock { handlers in
            for handler in handlers.flagEvaluated.inOrder { queue.add(.evaluation) { try handler(details) } }
            return handlers.recorders
        }
        for recorder in recorders.inOrder { recorder(details) }
    }

    func fireError(_ message: String, _ error: (any Error)?) {
        handlers.withLock { handlers in
            guard !handlers.isClosed else { return }
            for handler in handlers.error.inOrder { queue.add(.error) { try handler(message, error) } }
        }
    }
}

extension Dictionary where Key == UInt64 {
    /// The values in the order in which they were added.
    fileprivate var inOrder: [Value] { sorted { $0.key < $1.key }.map(\.value) }
}
