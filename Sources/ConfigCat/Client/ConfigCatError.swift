/// An error that prevents the creation of a client, or that a client's service reports.
///
///     do {
///         client = try ConfigCatClient.get(sdkKey: key)
///     } catch let error as ConfigCatError where error.code == .invalidSdkKey {
///         …
///     }
public struct ConfigCatError: Error, Sendable, CustomStringConvertible {
    /// The kind of error. A later release may add codes, so a `switch` needs a `default`.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        private init(_ name: String) { description = name }

        /// The SDK key is empty or malformed.
        public static let invalidSdkKey = Self("invalidSdkKey")
        /// The base URL is not an http or https URL with a host.
        public static let invalidBaseUrl = Self("invalidBaseUrl")
        /// An option is out of its range, or cannot be used.
        public static let invalidOption = Self("invalidOption")
        /// A setting that options are read from is absent or wrong. The message names all wrong settings.
        public static let invalidConfiguration = Self("invalidConfiguration")
        /// The client was already run as a service.
        public static let alreadyRunning = Self("alreadyRunning")
        /// The client was closed before it was run as a service.
        public static let clientClosed = Self("clientClosed")
    }

    /// The kind of the error.
    public let code: Code
    /// What is wrong and what is expected.
    public let message: String
    /// The cause, if another error led to this one.
    public let underlying: (any Error)?

    init(code: Code, message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// The message.
    public var description: String { message }
}
