/// Writes conditions for the evaluation log and for warnings.
struct ConditionFormatter {
    let config: CompiledConfig

    /// The greatest number of list items that are shown.
    private static let shownItems = 10

    /// Returns a user condition, such as `User.Email IS ONE OF ['a', 'b']`.
    func user(_ condition: CompiledCondition) -> String {
        "\(attribute(condition.attribute)) \(condition.comparator.text) \(operand(condition))"
    }

    /// Returns the name of an attribute, such as `User.Email`.
    func attribute(_ attribute: AttributeReference) -> String {
        attribute.name.isEmpty && attribute.kind == .identifier
            ? "User.Identifier" : "User.\(config.text(attribute.name))"
    }

    /// Returns a segment condition, such as `User IS IN SEGMENT 'Beta users'`.
    func segment(_ condition: CompiledCondition) -> String {
        let name = config.text(config.segments[Int(condition.target)].name)
        return "User \(condition.isNegated ? "IS NOT IN" : "IS IN") SEGMENT '\(name)'"
    }

    /// Returns a prerequisite flag condition, such as `Flag 'mainFeature' EQUALS 'target'`.
    func prerequisite(_ condition: CompiledCondition) -> String {
        let comparator = condition.isNegated ? "DOES NOT EQUAL" : "EQUALS"
        return "Flag '\(config.text(condition.text))' \(comparator) '\(config.value(condition.value))'"
    }

    /// Returns the reason why a user condition cannot be evaluated.
    func obstacle(_ obstacle: SkipReason, _ condition: CompiledCondition?, user: ConfigCatUser?) -> String {
        guard let condition, obstacle != .userMissing else { return "User Object is missing" }
        let name = attribute(condition.attribute)
        if obstacle == .attributeMissing { return "the \(name) attribute is missing" }
        let value = user?.attribute(for: config.text(condition.attribute.name))
        return "the \(name) attribute is invalid (\(requirement(of: condition, value: value?.text ?? "")))"
    }

    /// Returns what is wrong with an invalid attribute.
    func requirement(of condition: CompiledCondition, value text: String) -> String {
        if condition.comparator.isSemver { return "'\(Whitespace.trimmed(text))' is not a valid semantic version" }
        if condition.comparator.isDate {
            return "'\(text)' is not a valid Unix timestamp (number of seconds elapsed since Unix epoch)"
        }
        if condition.comparator.operand == .number { return "'\(text)' is not a valid decimal number" }
        return "'\(text)' is not a valid string array"
    }

    private func operand(_ condition: CompiledCondition) -> String {
        switch condition.comparator.operand {
        case .number:
            let number = DecimalFormat.text(condition.number)
            guard condition.comparator.isDate else { return "'\(number)'" }
            // Such as `2023-11-14T22:13:20.000Z UTC`: the other SDKs repeat the time zone, too.
            return "'\(number)' (\(ISO8601.string(condition.number)) UTC)"
        case .text:
            return condition.comparator.isHashed ? "'<hashed value>'" : "'\(config.text(condition.text))'"
        case .list:
            let count = condition.items.range.count
            if condition.comparator.isHashed { return "[<\(count) hashed value\(count > 1 ? "s" : "")>]" }
            let shown = condition.items.range.prefix(Self.shownItems).map {
                "'\(config.text(config.comparison.pointee.items[$0]))'"
            }
            let more = count - shown.count
            let rest = more > 0 ? ", ... <\(more) more value\(more > 1 ? "s" : "")>" : ""
            return "[\(shown.joined(separator: ", "))\(rest)]"
        }
    }
}

extension CompiledConfig {
    /// Returns a value in the form that the evaluation log uses; empty if it is invalid.
    func value(_ value: CompiledValue) -> String {
        settingValue(value)?.description ?? ""
    }

    @inline(__always)
    func settingValue(_ value: CompiledValue) -> SettingValue? {
        switch value.kind {
        case .bool: .bool(value.bits != 0)
        case .string: .string(strings[Int(value.bits)])
        case .int: .int(value.int)
        case .double: .double(value.double)
        case .invalid: nil
        }
    }
}
