package import ConfigCatEvaluation

extension SettingValue {
    /// Creates a value of a type from bare JSON. `5` is a Double too, and `5.0` an Int.
    ///
    /// - Throws: ``OverrideError`` if the JSON value is of another type, or does not fit.
    package init(_ json: JSONValue, type: SettingType) throws(OverrideError) {
        switch (type, json) {
        case (.bool, .bool(let bool)): self = .bool(bool)
        case (.string, .string), (.string, .escaped): self = .string(json.text ?? "")
        case (.int, .number(let digits)):
            guard let integer = json.integer else {
                throw OverrideError("\(Self.shortened(digits)) is not a valid Int")
            }
            self = .int(integer)
        case (.double, .number(let digits)):
            guard let double = json.double, double.isFinite else {
                throw OverrideError("\(Self.shortened(digits)) is too large for a Double")
            }
            self = .double(double)
        default:
            let wanted =
                switch type {
                case .bool: "true or false"
                case .string: "a string"
                case .int: "a whole number"
                case .double: "a number"
                }
            throw OverrideError("\(json.kind) was given, and a value of type \(type.name) is \(wanted)")
        }
    }

    private static func shortened(_ digits: String) -> String {
        digits.utf8.count <= 40 ? digits : String(digits.prefix(40)) + "..."
    }
}
