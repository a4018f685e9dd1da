/// The type of a setting's values. A feature flag is usually a setting of type `bool`.
public enum SettingType: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// On or off, a `Bool`.
    case bool = 0
    /// Text, a `String`.
    case string = 1
    /// A whole number, an `Int`.
    case int = 2
    /// A decimal number, a `Double`.
    case double = 3
}
