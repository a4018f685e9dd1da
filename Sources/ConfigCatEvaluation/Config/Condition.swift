/// A condition of a targeting rule or segment.
///
///     if case .user(let attribute, let comparator, let value) = condition.kind {
///         print(attribute, comparator, value)
///     }
public struct Condition: Sendable {
    let config: CompiledConfig
    let index: Int

    private var compiled: CompiledCondition { config.conditions[index] }

    /// The kind of a condition, with what it compares.
    public enum Kind: Sendable {
        /// A comparison of an attribute of the user.
        case user(attribute: String, comparator: UserComparator, value: ComparisonValue)
        /// A test whether the user is in a segment or, if negated, is not.
        case segment(Segment, isNegated: Bool)
        /// A test whether another setting has this value for the user or, if negated, has another value.
        case prerequisite(key: String, value: SettingValue, isNegated: Bool)
        /// A malformed condition, with the reason. Its evaluation fails.
        case invalid(String)
    }

    /// The value that an attribute is compared with.
    public enum ComparisonValue: Sendable, Equatable {
        /// A string, such as a version.
        case text(String)
        /// A number; for date comparators, seconds since 1970-01-01T00:00:00Z.
        case number(Double)
        /// A list of strings.
        case list([String])
    }

    /// The kind of the condition, with what it compares.
    public var kind: Kind {
        let condition = compiled
        switch condition.kind {
        case .user, .alwaysFalse:
            return .user(
                attribute: config.text(condition.attribute.name), comparator: condition.comparator,
                value: comparisonValue)
        case .segment:
            return .segment(Segment(config: config, index: Int(condition.target)), isNegated: condition.isNegated)
        case .prerequisite:
            guard let value = config.settingValue(condition.value) else { return .invalid("malformed") }
            return .prerequisite(key: config.text(condition.text), value: value, isNegated: condition.isNegated)
        case .invalid:
            return .invalid(config.problem(condition.problem) ?? "malformed")
        }
    }

    private var comparisonValue: ComparisonValue {
        switch compiled.comparator.operand {
        case .text: .text(config.text(compiled.text))
        case .number: compiled.kind == .alwaysFalse ? .text(config.text(compiled.text)) : .number(compiled.number)
        case .list: .list(compiled.items.range.map { config.text(config.comparison.pointee.items[$0]) })
        }
    }
}
