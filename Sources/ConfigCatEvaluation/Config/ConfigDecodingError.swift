/// Why a text is not a config.
public struct ConfigDecodingError: Error, Sendable, CustomStringConvertible {
    /// The kind of an error. A later release may add codes, so a `switch` needs a `default`.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        private init(_ name: String) { description = name }

        /// The text is not JSON; the message names line and column.
        public static let notJSON = Self("notJSON")
        /// The text is JSON, but no config.
        public static let notAConfig = Self("notAConfig")
        /// The text is larger than can be held.
        public static let tooLarge = Self("tooLarge")
    }

    /// The kind of the error.
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
