/// The type of a setting: a feature flag is a setting of type `bool`.
public enum SettingType: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case bool = 0
    case string = 1
    case int = 2
    case double = 3
}

/// A value of a setting.
public enum SettingValue: Sendable {
    case bool(Bool)
    case string(String)
    case int(Int)
    case double(Double)

    /// The type that settings with such a value have.
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
    /// Texts are equal if their UTF-8 bytes are; doubles compare as IEEE 754 says.
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
    /// The value as the evaluation log writes it.
    public var description: String {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .string(let value): value
        case .int(let value): String(value)
        case .double(let value): DecimalFormat.text(value)
        }
    }
}
