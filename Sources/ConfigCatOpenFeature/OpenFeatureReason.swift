public import ConfigCatEvaluation

/// OpenFeature's reason for a value: https://openfeature.dev/specification/types#resolution-reason
///
///     OpenFeatureReason(details.reason)  // TARGETING_MATCH
public struct OpenFeatureReason: RawRepresentable, Sendable, Hashable {
    /// The reason in OpenFeature's spelling, such as `TARGETING_MATCH`.
    public let rawValue: String

    /// Creates a reason from OpenFeature's spelling.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A targeting rule applied.
    public static let targetingMatch = Self(rawValue: "TARGETING_MATCH")
    /// A percentage option was chosen.
    public static let split = Self(rawValue: "SPLIT")
    /// No rule and no percentage option applied.
    public static let `default` = Self(rawValue: "DEFAULT")
    /// The value of a setting to which no rule applied, over OFREP, which has no ``default``.
    public static let `static` = Self(rawValue: "STATIC")
    /// An error: the value is the caller's default value.
    public static let error = Self(rawValue: "ERROR")
    /// The reason is not known.
    public static let unknown = Self(rawValue: "UNKNOWN")

    /// Creates the reason of an evaluation.
    ///
    /// - Parameter reason: The reason of ConfigCat. One that this release does not know becomes ``unknown``.
    public init(_ reason: EvaluationReason) {
        switch reason {
        case .error: self = .error
        case .split: self = .split
        case .targetingMatch: self = .targetingMatch
        case .default: self = .default
        default: self = .unknown
        }
    }

    /// The reason over OFREP, which has no `DEFAULT`.
    public var overOFREP: OpenFeatureReason { self == .default ? .static : self }
}
