#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A setting's value for a user, and how it came about.
public struct TypedEvaluationDetails<Value> {
    /// The setting's key.
    public let key: String
    /// The value, or the caller's default value if there is an error.
    public let value: Value
    /// The id of the value for analytics; nil on error, or where the config gives none.
    public let variationId: String?
    /// The user it was evaluated for.
    public let user: ConfigCatUser?
    /// Whether `value` is the caller's default value, because of an error.
    public let isDefaultValue: Bool
    /// What kept the setting from being evaluated.
    public let error: String?
    /// What kind of error it is.
    public let errorCode: EvaluationErrorCode
    /// When the config was downloaded or last confirmed to be current, in UTC; `Date.distantPast` if it never was.
    public let fetchTime: Date
    /// The targeting rule that matched.
    public let matchedTargetingRule: TargetingRule?
    /// The percentage option that was chosen, of the setting or of the matched rule.
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

/// A setting's value of any type for a user, and how it came about.
public typealias EvaluationDetails = TypedEvaluationDetails<any Sendable>

extension TypedEvaluationDetails {
    /// The same evaluation with its value in another form, and what only the caller knows.
    package func with<Other>(_ value: Other, fetchTime: Date) -> TypedEvaluationDetails<Other> {
        TypedEvaluationDetails<Other>(
            key: key, value: value, variationId: variationId, user: user, isDefaultValue: isDefaultValue,
            error: error, errorCode: errorCode, fetchTime: fetchTime, matchedTargetingRule: matchedTargetingRule,
            matchedPercentageOption: matchedPercentageOption)
    }
}

/// Why an evaluation returned the caller's default value. The numbers are those of ConfigCat's SDKs. A later release may add
/// codes, so a `switch` needs a `default`.
public struct EvaluationErrorCode: RawRepresentable, Sendable, Hashable {
    /// The number of the code.
    public let rawValue: Int

    /// Creates a code from its number.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Something unforeseen.
    public static let unexpectedError = Self(rawValue: -1)
    /// The requested `Value` type is none that a setting can have.
    public static let invalidUserInput = Self(rawValue: -2)
    /// No error.
    public static let none = Self(rawValue: 0)
    /// The config is malformed where this setting is concerned.
    public static let invalidConfigModel = Self(rawValue: 1)
    /// The setting is of another type than the one requested.
    public static let settingValueTypeMismatch = Self(rawValue: 2)
    /// No config is loaded.
    public static let configJsonNotAvailable = Self(rawValue: 1000)
    /// The config has no such setting.
    public static let settingKeyMissing = Self(rawValue: 1001)
}

/// Why a setting has no value for a user.
package struct EvaluationFailure: Error, Equatable {
    package var code: EvaluationErrorCode
    package var message: String

    package init(code: EvaluationErrorCode, message: String) {
        self.code = code
        self.message = message
    }
}
