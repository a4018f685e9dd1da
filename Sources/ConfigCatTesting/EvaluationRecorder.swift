public import ConfigCat
public import ConfigCatEvaluation
import Synchronization

/// Records the evaluations of a client: which settings, for whom, with which result.
///
///     let recorder = EvaluationRecorder(client)
///     _ = await shop.checkout()
///     #expect(recorder.evaluations(of: .newCheckout).count == 1)
///
/// An evaluation is recorded before it returns. The client can be any, not only one of ``TestFlags``.
///
/// In a test with the trait `flags`, or inside `withFlags`, a recorder records the evaluations of this
/// test only, though other tests use the same client at the same time; those of detached tasks belong to no test.
/// Elsewhere, it records all evaluations of the client. After the client has been closed, nothing is recorded.
public final class EvaluationRecorder: Sendable {
    private final class Records: Sendable {
        private struct State {
            var evaluations: [EvaluationDetails] = []
            var dropped = 0
        }

        private let state = Mutex(State())
        private let scope = TestScope.current
        let limit: Int

        init(limit: Int) { self.limit = limit }

        func add(_ details: EvaluationDetails) {
            if let scope, TestScope.current?.isInside(scope) != true { return }
            state.withLock { state in
                guard state.evaluations.count < limit else { return state.dropped += 1 }
                state.evaluations.append(details)
            }
        }

        var evaluations: [EvaluationDetails] {
            let (evaluations, dropped) = state.withLock { ($0.evaluations, $0.dropped) }
            if dropped > 0 {
                Misuse.report(
                    "The recorder is full: \(dropped) evaluations after the first \(limit) are not recorded. "
                        + "Call removeAll() in between, or raise the limit.")
            }
            return evaluations
        }

        func removeAll() { state.withLock { $0 = State() } }
    }

    private let records: Records
    private let hooks: Hooks
    private let subscription: Hooks.Subscription

    /// Creates a recorder, which records evaluations until it is released.
    ///
    /// - Parameters:
    ///   - client: The client.
    ///   - limit: The number of evaluations to keep: from 0, 100,000 by default. If there are more, reading them records
    ///     an issue.
    public init(_ client: ConfigCatClient, limit: Int = 100_000) {
        let records = Records(limit: limit)
        self.records = records
        hooks = client.hooks
        subscription = client.hooks.addRecorder { records.add($0) }
    }

    deinit { hooks.remove(subscription) }

    /// The evaluations in the order in which they ended.
    public var evaluations: [EvaluationDetails] { records.evaluations }

    /// Returns the evaluations of a declared setting.
    ///
    /// - Parameter flag: The setting.
    /// - Returns: The evaluations in the order in which they ended.
    public func evaluations<Value>(of flag: FeatureFlag<Value>) -> [EvaluationDetails] { evaluations(of: flag.key) }

    /// Returns the evaluations of a setting.
    ///
    /// - Parameter key: The setting's key.
    /// - Returns: The evaluations in the order in which they ended.
    public func evaluations(of key: String) -> [EvaluationDetails] {
        evaluations.filter { $0.key.utf8.elementsEqual(key.utf8) }
    }

    /// Forgets the evaluations so far.
    public func removeAll() { records.removeAll() }
}
