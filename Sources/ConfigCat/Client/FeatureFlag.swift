public import ConfigCatEvaluation

/// A setting's key, type and default value, declared once.
///
///     extension FeatureFlag where Value == Bool {
///         static let newCheckout = FeatureFlag("newCheckout", defaultValue: false)
///     }
///
///     if await client.value(of: .newCheckout, user: user) { … }
public struct FeatureFlag<Value: Sendable>: Sendable {
    /// The setting's key.
    public let key: String
    /// What is returned if the setting cannot be evaluated.
    public let defaultValue: Value

    /// Declares a setting.
    ///
    /// - Parameters:
    ///   - key: The setting's key.
    ///   - defaultValue: What is returned if the setting cannot be evaluated.
    public init(_ key: String, defaultValue: Value) {
        self.key = key
        self.defaultValue = defaultValue
    }
}

extension ConfigCatClientSnapshot {
    /// The value of a setting for a user.
    ///
    /// - Parameters:
    ///   - flag: The setting.
    ///   - user: The user; the default user if nil.
    @inlinable
    public func value<Value>(of flag: FeatureFlag<Value>, user: ConfigCatUser? = nil) -> Value {
        getValue(for: flag.key, defaultValue: flag.defaultValue, user: user)
    }
}
