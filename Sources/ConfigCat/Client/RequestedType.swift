import ConfigCatEvaluation

/// The type in which a caller requests a value.
enum RequestedType {
    case exactly(SettingType)
    case any

    /// Returns nil if no setting can have the type.
    init?<Value>(_ type: Value.Type) {
        switch type {
        case is Bool.Type, is Bool?.Type: self = .exactly(.bool)
        case is String.Type, is String?.Type: self = .exactly(.string)
        case is Int.Type, is Int?.Type: self = .exactly(.int)
        case is Double.Type, is Double?.Type: self = .exactly(.double)
        default:
            let known: [Any.Type] = [Any.self, Any?.self, (any Sendable).self, (any Sendable)?.self, SettingValue.self]
            guard known.contains(where: { $0 == type }) else { return nil }
            self = .any
        }
    }

    /// Returns the value in the requested type; nil if it has another type.
    func value<Value>(_ value: SettingValue) -> Value? {
        if case .exactly(let type) = self, value.type != type { return nil }
        if let value = value as? Value, Value.self == SettingValue.self { return value }
        return value.anyValue as? Value
    }
}
