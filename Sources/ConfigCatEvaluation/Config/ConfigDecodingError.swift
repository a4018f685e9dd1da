/// An error that says why a document is not a config.
///
///     do {
///         let config = try Config(json: document)
///     } catch {
///         print(error.code, error.message)
///     }
public struct ConfigDecodingError: Error, Sendable, CustomStringConvertible {
    /// The kind of a decoding error. A later release may add codes, so a `switch` needs a `default`.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        private init(_ name: String) { description = name }

        /// The document is not JSON; the message names the line and the column.
        public static let notJSON = Self("notJSON")
        /// The document is JSON, but not a config.
        public static let notAConfig = Self("notAConfig")
        /// The document is larger than 2 GiB.
        public static let tooLarge = Self("tooLarge")
    }

    /// The kind of the error.
    public let code: Code
    /// What is wrong, and where.
    public let message: String

    /// The message.
    public var description: String { message }

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }
}

extension ConfigDecodingError {
    static func tooLarge(_ limit: Int) -> ConfigDecodingError {
        ConfigDecodingError(code: .tooLarge, message: "the config is larger than \(limit) bytes")
    }
}
