/// An error of test flags, which says what is wrong and what to do.
///
///     #expect(throws: TestFlagsError.self) { try flags.set("limit", percentages: [(50, 1)]) }
public struct TestFlagsError: Error, Sendable, CustomStringConvertible {
    /// The kind of error. A later release may add codes, so a `switch` needs a `default`.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        private init(_ name: String) { description = name }

        /// The percentages are negative, not numbers, or do not add up to 100.
        public static let invalidPercentages = Self("invalidPercentages")
        /// A part of a config file cannot be used in tests; the message names the setting.
        public static let invalidConfig = Self("invalidConfig")
        /// No client uses the flags that a test has set.
        public static let noClient = Self("noClient")
    }

    /// The kind of error.
    public let code: Code
    /// What is wrong, and what to do.
    public let message: String

    /// The message.
    public var description: String { message }
}
