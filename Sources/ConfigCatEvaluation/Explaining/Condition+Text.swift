extension Condition {
    /// The condition in the form that the evaluation log uses, such as `User.Email IS ONE OF ['a', 'b']`. It shows at
    /// most ten comparison values, and no hashes.
    package var text: String {
        let formatter = ConditionFormatter(config: config)
        let condition = config.conditions[index]
        return switch condition.kind {
        case .user: formatter.user(condition)
        case .alwaysFalse:
            "\(formatter.attribute(condition.attribute)) \(condition.comparator.text) '\(config.text(condition.text))'"
        case .segment: formatter.segment(condition)
        case .prerequisite: formatter.prerequisite(condition)
        case .invalid: "<malformed: \(config.problem(condition.problem) ?? "unknown")>"
        }
    }
}
