import ConfigCatEvaluation
import Metrics
import Synchronization

/// An observer that counts evaluations through swift-metrics: the counter `configcat.evaluations` with the dimensions
/// `key`, `variant` (the variation ID; empty if there is none) and `reason`.
///
///     options.evaluationObservers = [EvaluationCounter()]
///
/// There is one counter for each setting, variant and reason. Evaluations of settings that the config does not have are
/// counted together, with the key `_OTHER`, because their keys may come from requests.
///
/// The evaluating thread counts, so that no evaluation is missed. Each counted evaluation builds details, which takes
/// about a microsecond.
public final class EvaluationCounter: ImmediateEvaluationObserver {
    private struct Dimensions: Hashable {
        var key: String
        var variant: String
        var reason: EvaluationReason
    }

    private let counters = Mutex<[Dimensions: Counter]>([:])

    /// Creates a counter.
    public init() {}

    /// Counts an evaluation.
    ///
    /// - Parameter observation: The evaluation.
    public func observed(_ observation: EvaluationObservation) {
        let details = observation.details
        let dimensions = Dimensions(
            key: Self.isKnown(details) ? details.key : "_OTHER", variant: details.variationId ?? "",
            reason: details.reason)
        let counter = counters.withLock { counters in
            if let counter = counters[dimensions] { return counter }
            let counter = Counter(
                label: "configcat.evaluations",
                dimensions: [
                    ("key", dimensions.key), ("variant", dimensions.variant), ("reason", dimensions.reason.rawValue),
                ])
            counters[dimensions] = counter
            return counter
        }
        counter.increment()
    }

    /// Whether the config has the setting.
    private static func isKnown(_ details: EvaluationDetails) -> Bool {
        switch details.errorCode {
        case .none, .settingValueTypeMismatch, .invalidConfigModel: true
        default: false
        }
    }
}
