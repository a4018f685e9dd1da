public import ConfigCatEvaluation

/// OpenFeature's code of an error: https://openfeature.dev/specification/types#error-code
public struct OpenFeatureErrorCode: RawRepresentable, Sendable, Hashable {
    /// The code in OpenFeature's spelling, such as `FLAG_NOT_FOUND`.
    public let rawValue: String

    /// Creates a code from OpenFeature's spelling.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// No config is loaded.
    public static let providerNotReady = Self(rawValue: "PROVIDER_NOT_READY")
    /// The config has no such setting.
    public static let flagNotFound = Self(rawValue: "FLAG_NOT_FOUND")
    /// The setting is malformed in the config.
    public static let parseError = Self(rawValue: "PARSE_ERROR")
    /// The setting's type differs from the requested type.
    public static let typeMismatch = Self(rawValue: "TYPE_MISMATCH")
    /// The evaluation context does not describe a user.
    public static let invalidContext = Self(rawValue: "INVALID_CONTEXT")
    /// Any other error.
    public static let general = Self(rawValue: "GENERAL")

    /// Creates the code of an evaluation; nil for `none`.
    ///
    /// - Parameter code: The code of ConfigCat.
    public init?(_ code: EvaluationErrorCode) {
        switch code {
        case .none: return nil
        case .configJsonNotAvailable: self = .providerNotReady
        case .settingKeyMissing: self = .flagNotFound
        case .settingValueTypeMismatch: self = .typeMismatch
        case .invalidConfigModel: self = .parseError
        default: self = .general
        }
    }
}

/// An error with OpenFeature's code.
public struct OpenFeatureError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The code.
    public let code: OpenFeatureErrorCode
    /// What is wrong, and where.
    public let message: String

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: The code.
    ///   - message: What is wrong, and where.
    public init(_ code: OpenFeatureErrorCode, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message.
    public var description: String { "\(code.rawValue): \(message)" }
}
