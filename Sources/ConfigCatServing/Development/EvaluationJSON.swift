import ConfigCatEvaluation
import ConfigCatOpenFeature

/// Evaluates settings for one user, with the reasons.
struct EvaluationJSON {
    private let config: Config
    private let user: ConfigCatUser?
    private let overrides: OverrideSet
    /// The length of all explanations so far, in bytes.
    private var explained = 0

    /// The length from which on explanations are left out: the config of a stranger could make them very long.
    private static let limit = 8 << 20

    /// Creates an evaluation.
    ///
    /// - Parameters:
    ///   - config: The config with the overrides.
    ///   - user: The user; nil for none.
    ///   - overrides: The overrides, to say which values come from them.
    init(config: Config, user: ConfigCatUser?, overrides: OverrideSet) {
        self.config = config
        self.user = user
        self.overrides = overrides
    }

    /// Returns the value of a setting, or the error.
    mutating func value(of key: String, isExplaining: Bool) -> JSONValue {
        var result: Result<TypedEvaluationDetails<SettingValue>, EvaluationFailure>
        var log: String?
        if isExplaining, explained < Self.limit {
            (result, log) = config.explain(key, for: user, defaultValue: "", warn: nil)
            explained += log?.utf8.count ?? 0
        } else {
            result = config.details(key, for: user, warn: nil)
        }
        let details = try? result.get()
        var error: String?
        // The failure of an unknown key lists all keys, which is too long for each of many.
        if case .failure(let failure) = result {
            error = config[key] == nil ? "the config has no setting '\(key)'" : failure.message
        }
        var object = JSONObject()
        object["key"] = .string(key)
        object["type"] = JSONValue(config[key]?.type?.name)
        object["value"] = details.map { JSONValue($0.value) } ?? .null
        object["variationId"] = JSONValue(details?.variationId)
        object["reason"] = .string((details.map { OpenFeatureReason($0.reason) } ?? .error).rawValue)
        object["overridden"] = .bool(isOverridden(key))
        object["error"] = JSONValue(error)
        if let log { object["explanation"] = .string(log) }
        return .object(object)
    }

    /// Returns whether the value of a setting is that of an override.
    private func isOverridden(_ key: String) -> Bool {
        overrides.overrides(of: key).contains { override in
            guard override.isEnabled, OverlaidDocument.problem(of: override, in: config) == nil else { return false }
            guard let wanted = override.user else { return true }
            return user?.identifier.utf8.elementsEqual(wanted.utf8) ?? false
        }
    }
}
