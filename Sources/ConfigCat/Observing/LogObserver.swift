public import Logging

/// An observer that logs each evaluation as OpenTelemetry's event `feature_flag.evaluation`, with the attributes as
/// metadata.
///
///     options.evaluationObservers = [LogObserver(logger: logger)]
///
/// The message is `feature_flag.evaluation`; the metadata has the keys `feature_flag.key`, `feature_flag.result.variant`,
/// `feature_flag.result.reason`, `feature_flag.provider.name`, `feature_flag.set.id` and `feature_flag.version`, and of an
/// evaluation that failed `error.type` and `feature_flag.error.message`. The record is written on the evaluating thread,
/// so that the logger's metadata provider adds the trace and span of the request.
public struct LogObserver: ImmediateEvaluationObserver {
    /// The share of evaluations that are logged.
    public let sampling: EvaluationSampling
    private let logger: Logger
    private let level: Logger.Level
    private let includesValue: Bool
    private let includesUserID: Bool

    /// Creates an observer.
    ///
    /// - Parameters:
    ///   - logger: The logger for evaluations.
    ///   - level: The level of the records; `info` by default. If the logger does not log it, nothing is observed.
    ///   - includesValue: Whether the metadata has the value, as `feature_flag.result.value`; false by default.
    ///   - includesUserID: Whether the metadata has the user's identifier, as `feature_flag.context.id`; false by
    ///     default, because it is personal data.
    ///   - sampling: The share of evaluations to log; all by default.
    public init(
        logger: Logger, level: Logger.Level = .info, includesValue: Bool = false, includesUserID: Bool = false,
        sampling: EvaluationSampling = EvaluationSampling()
    ) {
        self.logger = logger
        self.level = level
        self.includesValue = includesValue
        self.includesUserID = includesUserID
        self.sampling = logger.logLevel <= level ? sampling : EvaluationSampling(rate: 0)
    }

    /// Logs an evaluation.
    ///
    /// - Parameter observation: The evaluation.
    public func observed(_ observation: EvaluationObservation) {
        let attributes = FeatureFlagAttributes(
            observation, includesValue: includesValue, includesUserID: includesUserID)
        var metadata: Logger.Metadata = [:]
        metadata.reserveCapacity(attributes.all.count)
        for (name, value) in attributes.all {
            metadata[name] =
                switch value {
                case .string(let text): .string(text)
                case .bool(let value): .stringConvertible(value)
                case .int(let value): .stringConvertible(value)
                case .double(let value): .stringConvertible(value)
                }
        }
        logger.log(level: level, "\(FeatureFlagAttributes.eventName)", metadata: metadata)
    }
}
