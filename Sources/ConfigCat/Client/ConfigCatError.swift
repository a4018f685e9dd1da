/// Why a client could not be created.
public struct ConfigCatError: Error, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: Sendable {
        /// The SDK key is empty or not of a known form.
        case invalidSdkKey
        /// The base URL is not an http or https URL with a host.
        case invalidBaseUrl
        /// An option is out of its range or cannot be used.
        case invalidOption
    }

    /// What kind of fault it is.
    public let code: Code
    /// What is wrong and what is expected.
    public let message: String
    /// What caused it.
    public let underlying: (any Error)?

    init(code: Code, message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    public var description: String { message }
}
