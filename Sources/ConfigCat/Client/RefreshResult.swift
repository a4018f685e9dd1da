/// How a refresh ended.
public struct RefreshResult: Sendable {
    /// Whether the config is up to date with the CDN, or, offline, with the cache.
    public let success: Bool
    /// What went wrong.
    public let error: String?
    /// What kind of error it is.
    public let errorCode: RefreshErrorCode
    /// What caused the error, where there is more to it.
    public let underlying: (any Error)?

    package init(success: Bool, errorCode: RefreshErrorCode, error: String?, underlying: (any Error)? = nil) {
        self.success = success
        self.errorCode = errorCode
        self.error = error
        self.underlying = underlying
    }

    static let success = RefreshResult(success: true, errorCode: .none, error: nil)

    static func failure(
        _ code: RefreshErrorCode, _ error: String, underlying: (any Error)? = nil
    ) -> RefreshResult {
        RefreshResult(success: false, errorCode: code, error: error, underlying: underlying)
    }
}

/// Why a refresh failed. The numbers are those of ConfigCat's SDKs. A later release may add codes, so a `switch` needs a
/// `default`.
public struct RefreshErrorCode: RawRepresentable, Sendable, Hashable {
    /// The number of the code.
    public let rawValue: Int

    /// Creates a code from its number.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Something unforeseen, such as a closed client.
    public static let unexpectedError = Self(rawValue: -1)
    /// No error.
    public static let none = Self(rawValue: 0)
    /// The client uses local overrides only.
    public static let localOnlyClient = Self(rawValue: 1)
    /// The client is offline and has no cache.
    public static let offlineClient = Self(rawValue: 3200)
    /// The CDN answered 403 or 404: the SDK key seems to be wrong.
    public static let invalidSdkKey = Self(rawValue: 1100)
    /// The CDN answered with an unexpected status.
    public static let unexpectedHttpResponse = Self(rawValue: 1101)
    /// The CDN did not answer in time.
    public static let httpRequestTimeout = Self(rawValue: 1102)
    /// The CDN could not be reached.
    public static let httpRequestFailure = Self(rawValue: 1103)
    /// The CDN answered 200 with content that is no config.
    public static let invalidHttpResponseContent = Self(rawValue: 1105)
}
