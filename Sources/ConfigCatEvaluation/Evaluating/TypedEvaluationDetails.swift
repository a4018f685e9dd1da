#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A setting's value for a user, and the reason for it.
///
///     let details = await client.getValueDetails(for: "newCheckout", defaultValue: false, user: user)
///     if details.isDefaultValue { print(details.error ?? "") }
public struct TypedEvaluationDetails<Value> {
    /// The setting's key.
    public let key: String
    /// The value, or the caller's default value if there is an error.
    public let value: Value
    /// The identifier of the value for analytics; nil if there is an error, or if the config has none.
    public let variationId: String?
    /// The user for whom the setting was evaluated.
    public let user: ConfigCatUser?
    /// Whether `value` is the caller's default value, because of an error.
    public let isDefaultValue: Bool
    /// The reason why the setting could not be evaluated; nil if there is no error.
    public let error: String?
    /// The kind of the error; ``EvaluationErrorCode/none`` if there is no error.
    public let errorCode: EvaluationErrorCode
    /// The time at which the config was downloaded or last confirmed to be current; `Date.distantPast` if it never was.
    public let fetchTime: Date
    /// The targeting rule that applied; nil if none did.
    public let matchedTargetingRule: TargetingRule?
    /// The percentage option that was chosen, of the setting or of the targeting rule; nil if none was.
    public let matchedPercentageOption: PercentageOption?

    package init(
        key: String, value: Value, variationId: String? = nil, user: ConfigCatUser? = nil,
        isDefaultValue: Bool = false, error: String? = nil, errorCode: EvaluationErrorCode = .none,
        fetchTime: Date = .distantPast, matchedTargetingRule: TargetingRule? = nil,
        matchedPercentageOption: PercentageOption? = nil
    ) {
        self.key = key
        self.value = value
        self.variationId = variationId
        self.user = user
        self.isDefaultValue = isDefaultValue
        self.error = error
        self.errorCode = errorCode
        self.fetchTime = fetchTime
        self.matchedTargetingRule = matchedTargetingRule
        self.matchedPercentageOption = matchedPercentageOption
    }
}

extension TypedEvaluationDetails: Sendable where Value: Sendable {}

/// A setting's value of any type for a user, and the reason for it.
public typealias EvaluationDetails = TypedEvaluationDetails<any Sendable>

extension TypedEvaluationDetails {
    /// Returns a copy with another value and with the fetch time, which only the caller knows.
    package func with<Other>(_ value: Other, fetchTime: Date) -> TypedEvaluationDetails<Other> {
        TypedEvaluationDetails<Other>(
            key: key, value: value, variationId: variationId, user: user, isDefaultValue: isDefaultValue,
            error: error, errorCode: errorCode, fetchTime: fetchTime, matchedTargetingRule: matchedTargetingRule,
            matchedPercentageOption: matchedPercentageOption)
    }
}
