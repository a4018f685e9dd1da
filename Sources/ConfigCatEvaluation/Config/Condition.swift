/// A condition of a targeting rule or segment.
public struct Condition: Sendable {
    let config: CompiledConfig
    let index: Int

    private var compiled: CompiledCondition { config.conditions[index] }

    /// What a condition asks.
    public enum Kind: Sendable {
        /// Compares an attribute of the user.
        case user(attribute: String, comparator: UserComparator, value: ComparisonValue)
        /// Whether the user is in a segment, or is not.
        case segment(Segment, isNegated: Bool)
        /// Whether another setting has a value for the user, or has another.
        case prerequisite(key: String, value: SettingValue, isNegated: Bool)
        /// It is malformed; evaluating it fails.
        case invalid(String)
    }

    /// What an attribute is compared with.
    public enum ComparisonValue: Sendable, Equatable {
        case text(String)
        case number(Double)
        case list([String])
    }

    /// What the condition asks.
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
