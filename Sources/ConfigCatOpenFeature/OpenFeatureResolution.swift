public import ConfigCatEvaluation

/// The result of an evaluation in the terms of OpenFeature: what a provider returns.
///
///     let details = snapshot.getValueDetails(for: "newCheckout", defaultValue: false, user: try context.user())
///     let resolution = OpenFeatureResolution(details)
///
/// OpenFeature calls it resolution details: https://openfeature.dev/specification/types#resolution-details
public struct OpenFeatureResolution<Value> {
    /// The value, or the caller's default value if there is an error.
    public let value: Value
    /// The variation ID; nil if there is an error, or if the config has none.
    public let variant: String?
    /// The reason for the value.
    public let reason: OpenFeatureReason
    /// The code of the error; nil if there is none.
    public let errorCode: OpenFeatureErrorCode?
    /// The reason why the setting could not be evaluated; nil if there is no error.
    public let errorMessage: String?

    /// Creates the result of an evaluation.
    ///
    /// - Parameter details: The evaluation.
    public init(_ details: TypedEvaluationDetails<Value>) {
        let isError = details.reason == .error
        value = details.value
        variant = details.variationId
        reason = OpenFeatureReason(details.reason)
        errorCode = isError ? OpenFeatureErrorCode(details.errorCode) ?? .general : nil
        errorMessage = details.error
    }

    /// Creates the result of an evaluation that failed.
    ///
    /// - Parameters:
    ///   - error: The error, for example of ``OpenFeatureContext/user()``.
    ///   - defaultValue: The caller's default value.
    public init(_ error: OpenFeatureError, defaultValue: Value) {
        value = defaultValue
        variant = nil
        reason = .error
        errorCode = error.code
        errorMessage = error.message
    }

    private init(_ value: Value, like other: OpenFeatureResolution<String>) {
        self.value = value
        variant = other.variant
        reason = other.reason
        errorCode = other.errorCode
        errorMessage = other.errorMessage
    }
}

extension OpenFeatureResolution: Sendable where Value: Sendable {}
extension OpenFeatureResolution: Equatable where Value: Equatable {}

extension OpenFeatureResolution where Value == OpenFeatureValue {
    /// Creates the result for an object flag: ConfigCat keeps objects as settings of type String, with JSON as the value.
    ///
    /// - Parameters:
    ///   - details: The evaluation of the setting.
    ///   - defaultValue: The caller's default value, for an error. A value that is not JSON is a `TYPE_MISMATCH`.
    public init(parsing details: TypedEvaluationDetails<String>, defaultValue: OpenFeatureValue) {
        let resolution = OpenFeatureResolution<String>(details)
        guard resolution.errorCode == nil else {
            self.init(defaultValue, like: resolution)
            return
        }
        do {
            self.init(try OpenFeatureValue(json: details.value), like: resolution)
        } catch {
            self.init(
                OpenFeatureError(
                    .typeMismatch, "the value of the setting '\(details.key)' is not JSON: \(error.message)"),
                defaultValue: defaultValue)
        }
    }
}
