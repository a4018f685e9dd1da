/// The reason why an evaluation returned its value, in the words of OpenTelemetry and OpenFeature. A later release may add
/// reasons, so a `switch` needs a `default`.
///
///     if details.reason == .split { recordExposure(details.key, details.variationId) }
///
/// | reason | OpenTelemetry | OpenFeature | OFREP |
/// |---|---|---|---|
/// | ``error`` | `error` | `ERROR` | an error code |
/// | ``split`` | `split` | `SPLIT` | `SPLIT` |
/// | ``targetingMatch`` | `targeting_match` | `TARGETING_MATCH` | `TARGETING_MATCH` |
/// | ``default`` | `default` | `DEFAULT` | `STATIC`, because OFREP has no `DEFAULT` |
public struct EvaluationReason: RawRepresentable, Sendable, Hashable {
    /// The reason as a value of OpenTelemetry's `feature_flag.result.reason`, such as `targeting_match`.
    public let rawValue: String

    /// Creates a reason from its raw value.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// An error: the value is the caller's default value.
    public static let error = Self(rawValue: "error")
    /// A percentage option was chosen, of the setting or of a targeting rule.
    public static let split = Self(rawValue: "split")
    /// A targeting rule without percentage options applied.
    public static let targetingMatch = Self(rawValue: "targeting_match")
    /// Neither a targeting rule nor a percentage option applied: the value is the one that the setting has for all
    /// others.
    public static let `default` = Self(rawValue: "default")
}

extension EvaluationReason: CustomStringConvertible {
    /// The raw value.
    public var description: String { rawValue }
}

extension TypedEvaluationDetails {
    /// The reason for the value: an error, a percentage option, a targeting rule, or none of these.
    public var reason: EvaluationReason {
        if isDefaultValue || errorCode != .none { return .error }
        if matchedPercentageOption != nil { return .split }
        return matchedTargetingRule != nil ? .targetingMatch : .default
    }
}
