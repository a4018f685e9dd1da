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

    /// Declares a setting.
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
        // In a specialized copy, the compiler keeps one of these branches. The casts are between equal types.
        if Value.self == Bool.self {
            let defaultValue = unsafeBitCast(flag.defaultValue, to: Bool.self)
            return unsafeBitCast(bool(of: flag.number, flag.key, defaultValue, user), to: Value.self)
        }
        if Value.self == String.self {
            let defaultValue = unsafeBitCast(flag.defaultValue, to: String.self)
            return unsafeBitCast(string(of: flag.number, flag.key, defaultValue, user), to: Value.self)
        }
        if Value.self == Int.self {
            let defaultValue = unsafeBitCast(flag.defaultValue, to: Int.self)
            return unsafeBitCast(int(of: flag.number, flag.key, defaultValue, user), to: Value.self)
        }
        if Value.self == Double.self {
            let defaultValue = unsafeBitCast(flag.defaultValue, to: Double.self)
            return unsafeBitCast(double(of: flag.number, flag.key, defaultValue, user), to: Value.self)
        }
        return other(for: flag.key, flag.defaultValue, user)
    }
}
