public import ConfigCatEvaluation

/// A declaration of a setting: its key, type and default value.
///
///     extension FeatureFlag where Value == Bool {
///         static let newCheckout = FeatureFlag("newCheckout", defaultValue: false)
///     }
///
///     if await client.value(of: .newCheckout, user: user) { … }
public struct FeatureFlag<Value: Sendable>: Sendable {
    /// The setting's key.
    public let key: String
    /// The value to return if the setting cannot be evaluated.
    public let defaultValue: Value
    /// The number of the key in ``DeclaredKeys``.
    @usableFromInline let number: Int32

    /// Declares a setting. Declare each once, as a constant: this takes longer than an evaluation.
    ///
    /// - Parameters:
    ///   - key: The setting's key.
    ///   - defaultValue: The value to return if the setting cannot be evaluated.
    public init(_ key: String, defaultValue: Value) {
        self.key = key
        self.defaultValue = defaultValue
        number = DeclaredKeys.number(of: key)
    }
}

extension ConfigCatClientSnapshot {
    /// Returns the value of a declared setting for a user.
    ///
    /// - Parameters:
    ///   - flag: The setting.
    ///   - user: The user; the default user if nil.
    /// - Returns: The value, or the flag's default value if the setting cannot be evaluated.
    @inlinable
    public func value<Value>(of flag: FeatureFlag<Value>, user: ConfigCatUser? = nil) -> Value {
        value(lookup(declared: flag.number, flag.key, user == nil), flag.key, flag.defaultValue, user)
    }
}
