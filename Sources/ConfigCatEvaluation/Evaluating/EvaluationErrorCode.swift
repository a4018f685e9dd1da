/// The reason why an evaluation returned the caller's default value. The numbers are those of ConfigCat's SDKs. A later
/// release may add codes, so a `switch` needs a `default`.
///
///     if details.errorCode == .settingKeyMissing { print("no such setting") }
public struct EvaluationErrorCode: RawRepresentable, Sendable, Hashable {
    /// The number of the code.
    public let rawValue: Int

    /// Creates a code from its number.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// An unexpected error.
    public static let unexpectedError = Self(rawValue: -1)
    /// The requested type is not one that a setting can have.
    public static let invalidUserInput = Self(rawValue: -2)
    /// No error.
    public static let none = Self(rawValue: 0)
    /// The setting, or what it refers to, is malformed in the config.
    public static let invalidConfigModel = Self(rawValue: 1)
    /// The setting's type differs from the requested type.
    public static let settingValueTypeMismatch = Self(rawValue: 2)
    /// No config is loaded.
    public static let configJsonNotAvailable = Self(rawValue: 1000)
    /// The config has no setting with this key.
    public static let settingKeyMissing = Self(rawValue: 1001)
}

extension EvaluationErrorCode: CustomStringConvertible {
    /// The name of the code, such as `settingKeyMissing`; its number, if this release does not know it.
    public var description: String {
        switch self {
        case .unexpectedError: "unexpectedError"
        case .invalidUserInput: "invalidUserInput"
        case .none: "none"
        case .invalidConfigModel: "invalidConfigModel"
        case .settingValueTypeMismatch: "settingValueTypeMismatch"
        case .configJsonNotAvailable: "configJsonNotAvailable"
        case .settingKeyMissing: "settingKeyMissing"
        default: "\(rawValue)"
        }
    }
}
