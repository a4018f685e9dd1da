/// The result of a refresh.
///
///     let result = await client.forceRefresh()
///     if !result.success { print(result.errorCode, result.error ?? "") }
public struct RefreshResult: Sendable {
    /// Whether the config is as new as the CDN's or, if the client is offline, as the cache's.
    public let success: Bool
    /// The error message; nil on success.
    public let error: String?
    /// The kind of error; ``RefreshErrorCode/none`` on success.
    public let errorCode: RefreshErrorCode
    /// The cause, if another error led to this one.
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

/// The reason for a failed refresh.
///
///     if await client.forceRefresh().errorCode == .httpRequestTimeout { … }
///
/// The numbers are those of all ConfigCat SDKs. A later release may add codes, so a `switch` needs a `default`.
public struct RefreshErrorCode: RawRepresentable, Sendable, Hashable {
    /// The number of the code.
    public let rawValue: Int

    /// Creates a code from its number.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// An error without a code, such as a refresh of a closed client.
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
    /// The CDN answered 200 with content that is not a config.
    public static let invalidHttpResponseContent = Self(rawValue: 1105)
}

extension RefreshErrorCode: CustomStringConvertible {
    /// The name of the code, such as `invalidHttpResponseContent`; its number, if this release does not know it.
    public var description: String {
        switch self {
        case .unexpectedError: "unexpectedError"
        case .none: "none"
        case .localOnlyClient: "localOnlyClient"
        case .offlineClient: "offlineClient"
        case .invalidSdkKey: "invalidSdkKey"
        case .unexpectedHttpResponse: "unexpectedHttpResponse"
        case .httpRequestTimeout: "httpRequestTimeout"
        case .httpRequestFailure: "httpRequestFailure"
        case .invalidHttpResponseContent: "invalidHttpResponseContent"
        default: "\(rawValue)"
        }
    }
}
