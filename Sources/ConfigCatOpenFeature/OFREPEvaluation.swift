public import ConfigCatEvaluation

/// The evaluation of one setting, as the OpenFeature Remote Evaluation Protocol 0.3 answers it:
/// https://github.com/open-feature/protocol/blob/main/service/openapi.yaml
///
///     let user = try OpenFeatureContext(ofrepRequest: body).user()
///     let details = snapshot.getValueDetails(for: key, defaultValue: "" as any Sendable, user: user)
///     let evaluation = OFREPEvaluation(details)
///     respond(status: evaluation.status, json: evaluation.json)
public enum OFREPEvaluation: Sendable, Hashable {
    /// The setting has a value.
    case success(OFREPSuccess)
    /// The setting could not be evaluated.
    case failure(OFREPFailure)

    /// Creates the answer for an evaluation.
    ///
    /// - Parameters:
    ///   - details: The evaluation.
    ///   - metadata: What the answer tells in addition: Booleans, strings and numbers.
    public init(_ details: EvaluationDetails, metadata: [String: OpenFeatureValue] = [:]) {
        guard details.reason == .error else {
            self = .success(
                OFREPSuccess(
                    key: details.key, value: OpenFeatureValue(setting: details.value),
                    reason: OpenFeatureReason(details.reason).overOFREP, variant: details.variationId,
                    metadata: metadata))
            return
        }
        self = .failure(
            OFREPFailure(
                key: details.key, errorCode: OpenFeatureErrorCode(details.errorCode) ?? .general,
                errorDetails: details.error, metadata: metadata))
    }

    /// The status of the response to a request for this one setting.
    public var status: Int {
        switch self {
        case .success: 200
        case .failure(let failure): failure.status
        }
    }

    /// The body of the response, or the element of `flags` in the response to a request for all settings.
    public var json: String {
        switch self {
        case .success(let success): success.json
        case .failure(let failure): failure.json
        }
    }
}

/// The value of a setting, as OFREP answers it: `{"key", "value", "reason", "variant"?, "metadata"?}`.
public struct OFREPSuccess: Sendable, Hashable {
    /// The setting's key.
    public var key: String
    /// The value.
    public var value: OpenFeatureValue
    /// The reason: `TARGETING_MATCH`, `SPLIT`, `STATIC` or `UNKNOWN`.
    public var reason: OpenFeatureReason
    /// The variation ID; nil if the config has none.
    public var variant: String?
    /// What the answer tells in addition: Booleans, strings and numbers.
    public var metadata: [String: OpenFeatureValue] = [:]

    /// The body of the response.
    public var json: String {
        var json = "{\"key\":"
        JSONEscapes.appendQuoted(key, to: &json)
        json += ",\"value\":"
        value.appendJSON(to: &json)
        json += ",\"reason\":"
        JSONEscapes.appendQuoted(reason.rawValue, to: &json)
        if let variant {
            json += ",\"variant\":"
            JSONEscapes.appendQuoted(variant, to: &json)
        }
        return end(json, metadata)
    }
}

/// An error, as OFREP answers it: `{"key"?, "errorCode", "errorDetails"?, "metadata"?}`.
public struct OFREPFailure: Sendable, Hashable {
    /// The setting's key; nil if the request was for all settings.
    public var key: String?
    /// The code.
    public var errorCode: OpenFeatureErrorCode
    /// What is wrong.
    public var errorDetails: String?
    /// What the answer tells in addition: Booleans, strings and numbers.
    public var metadata: [String: OpenFeatureValue] = [:]

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - key: The setting's key; nil if the request was for all settings.
    ///   - errorCode: The code.
    ///   - errorDetails: What is wrong.
    ///   - metadata: What the answer tells in addition.
    public init(
        key: String?, errorCode: OpenFeatureErrorCode, errorDetails: String?,
        metadata: [String: OpenFeatureValue] = [:]
    ) {
        self.key = key
        self.errorCode = errorCode
        self.errorDetails = errorDetails
        self.metadata = metadata
    }

    /// Creates an error of a request, for example of ``OpenFeatureContext/user()``.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - key: The setting's key; nil if the request was for all settings.
    public init(_ error: OpenFeatureError, key: String?) {
        self.init(key: key, errorCode: error.code, errorDetails: error.message)
    }

    /// The status of the response: 404 for a setting that does not exist; 400 for an invalid context, or a setting that
    /// is malformed in the config; 500 for any other error, among them a missing config.
    public var status: Int {
        switch errorCode {
        case .flagNotFound: 404
        case .invalidContext, .parseError: 400
        default: 500
        }
    }

    /// The body of the response.
    public var json: String {
        var json = "{"
        if let key {
            json += "\"key\":"
            JSONEscapes.appendQuoted(key, to: &json)
            json += ","
        }
        json += "\"errorCode\":"
        JSONEscapes.appendQuoted(errorCode.rawValue, to: &json)
        if let errorDetails {
            json += ",\"errorDetails\":"
            JSONEscapes.appendQuoted(errorDetails, to: &json)
        }
        return end(json, metadata)
    }
}

/// Returns an object, of which all members but the metadata are given.
private func end(_ json: String, _ metadata: [String: OpenFeatureValue]) -> String {
    var json = json
    if !metadata.isEmpty {
        json += ",\"metadata\":"
        OpenFeatureValue.structure(metadata).appendJSON(to: &json)
    }
    json += "}"
    return json
}
