/// Why a text is not a config.
public struct ConfigDecodingError: Error, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: Sendable {
        /// The text is not JSON; the message names line and column.
        case notJSON
        /// The text is JSON, but no config.
        case notAConfig
        /// The text is larger than can be held.
        case tooLarge
    }

    /// What kind of fault it is.
    public let code: Code
    /// What is wrong, and where.
    public let message: String

    public var description: String { message }
}

extension ConfigDecodingError {
    static func tooLarge(_ limit: Int) -> ConfigDecodingError {
        ConfigDecodingError(code: .tooLarge, message: "the config is larger than \(limit) bytes")
    }
}
