/// A value of a setting.
///
///     let config = Config(values: ["newCheckout": .bool(true), "pageSize": .int(50)])
public enum SettingValue: Sendable {
    /// A value of type ``SettingType/bool``.
    case bool(Bool)
    /// A value of type ``SettingType/string``.
    case string(String)
    /// A value of type ``SettingType/int``.
    case int(Int)
    /// A value of type ``SettingType/double``.
    case double(Double)

    /// The type of the settings that can have this value.
    public var type: SettingType {
        switch self {
        case .bool: .bool
        case .string: .string
        case .int: .int
        case .double: .double
        }
    }

    /// The value as `Bool`, `String`, `Int` or `Double`.
    public var anyValue: any Sendable {
        switch self {
        case .bool(let value): value
        case .string(let value): value
        case .int(let value): value
        case .double(let value): value
        }
    }
}

extension SettingValue: Equatable {
    /// Returns whether both values have the same type and are equal. Strings are compared as UTF-8 bytes, doubles
    /// according to IEEE 754.
    public static func == (left: SettingValue, right: SettingValue) -> Bool {
        switch (left, right) {
        case (.bool(let left), .bool(let right)): left == right
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.int(let left), .int(let right)): left == right
        case (.double(let left), .double(let right)): left == right
        default: false
        }
    }
}

extension SettingValue: CustomStringConvertible {
    /// The value in the form that the evaluation log uses.
    public var description: String {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .string(let value): value
        case .int(let value): String(value)
        case .double(let value): DecimalFormat.text(value)
        }
    }
}

extension SettingValue {
    /// Creates a setting value from a value of any type; nil if no setting can have a value of that type.
    package init?(any value: Any) {
        switch value {
        case let value as Bool: self = .bool(value)
        case let value as String: self = .string(value)
        case let value as Int: self = .int(value)
        case let value as Double: self = .double(value)
        default: return nil
        }
    }
}
