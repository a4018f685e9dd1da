import ConfigCatEvaluation

/// An evaluation as the attributes of OpenTelemetry's event `feature_flag.evaluation`, in the semantic conventions 1.44:
/// https://opentelemetry.io/docs/specs/semconv/feature-flags/feature-flags-events/
struct FeatureFlagAttributes {
    /// The name of the event.
    static let eventName = "feature_flag.evaluation"
    private static let providerName = "ConfigCat"

    /// A value of an attribute.
    enum Value: Equatable {
        case bool(Bool)
        case int(Int)
        case double(Double)
        case string(String)
    }

    private(set) var all: [(name: String, value: Value)] = []

    /// Creates the attributes of an evaluation.
    ///
    /// - Parameters:
    ///   - observation: The evaluation.
    ///   - includesValue: Whether the value is an attribute.
    ///   - includesUserID: Whether the user's identifier, which is personal data, is an attribute.
    init(_ observation: EvaluationObservation, includesValue: Bool, includesUserID: Bool) {
        let details = observation.details
        add("feature_flag.key", details.key)
        add("feature_flag.provider.name", Self.providerName)
        add("feature_flag.result.reason", details.reason.rawValue)
        if let variant = details.variationId { add("feature_flag.result.variant", variant) }
        if includesValue { all.append(("feature_flag.result.value", Self.value(details.value))) }
        if includesUserID, let id = details.user?.identifier { add("feature_flag.context.id", id) }
        if !observation.flagSetID.isEmpty { add("feature_flag.set.id", observation.flagSetID) }
        if !observation.eTag.isEmpty { add("feature_flag.version", observation.eTag) }
        guard details.reason == .error else { return }
        add("error.type", Self.errorType(details.errorCode))
        if let message = details.error { add("feature_flag.error.message", message) }
    }

    private mutating func add(_ name: String, _ value: String) { all.append((name, .string(value))) }

    private static func value(_ value: any Sendable) -> Value {
        switch SettingValue(any: value) {
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .double(let value): .double(value)
        case .string(let value): .string(value)
        case nil: .string("\(value)")
        }
    }

    /// Returns the well-known error type of a code.
    private static func errorType(_ code: EvaluationErrorCode) -> String {
        switch code {
        case .configJsonNotAvailable: "provider_not_ready"
        case .settingKeyMissing: "flag_not_found"
        case .settingValueTypeMismatch: "type_mismatch"
        case .invalidConfigModel: "parse_error"
        default: "general"
        }
    }
}
