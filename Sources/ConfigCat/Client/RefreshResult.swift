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

/// Why a refresh failed. The numbers are those of ConfigCat's SDKs.
public enum RefreshErrorCode: Int, Sendable {
    /// Something unforeseen, such as a closed client.
    case unexpectedError = -1
    /// No error.
    case none = 0
    /// The client uses local overrides only.
    case localOnlyClient = 1
    /// The client is offline and has no cache.
    case offlineClient = 3200
    /// The CDN answered 403 or 404: the SDK key seems to be wrong.
    case invalidSdkKey = 1100
    /// The CDN answered with an unexpected status.
    case unexpectedHttpResponse = 1101
    /// The CDN did not answer in time.
    case httpRequestTimeout = 1102
    /// The CDN could not be reached.
    case httpRequestFailure = 1103
    /// The CDN answered 200 with content that is no config.
    case invalidHttpResponseContent = 1105
}
