/// Writes the evaluation log: the same text, to the letter, as ConfigCat's other SDKs.
struct ExplainingTrace: EvaluationTrace {
    private(set) var text = ""
    private(set) var warnings: [EvaluationWarning] = []

    private let config: CompiledConfig
    private let user: ConfigCatUser?
    private let conditions: ConditionText
    private var indent = 0
    /// The user condition seen last: the one that an obstacle is about.
    private var lastUserCondition: CompiledCondition?
    /// Whether the condition just written ended with a line of its own, `)`.
    private var endsWithBlock = false

    init(config: CompiledConfig, user: ConfigCatUser?) {
        self.config = config
        self.user = user
        conditions = ConditionText(config: config)
    }

    /// A config can ask for the same long condition over and over; nobody reads on from here.
    private static let limit = 1 << 20
    private var isFull: Bool { text.utf8.count > Self.limit }

    private mutating func newLine(_ line: String = "") {
        if isFull { return }
        text += "\n" + String(repeating: "  ", count: max(0, indent)) + line
    }

    mutating func warn(_ warning: EvaluationWarning) {
        warnings.append(warning)
    }

    // MARK: - Settings

    mutating func begin(_ setting: Int) {
        text += "Evaluating '\(config.text(config.settings[setting].key))'"
        if let user { text += " for User '\(user)'" }
        indent += 1
    }

    mutating func end(_ outcome: Outcome) {
        newLine("Returning '\(config.value(outcome.value))'.")
    }

    /// The log of an evaluation that failed.
    mutating func fail(_ message: String, returning defaultValue: String) {
        indent = 1
        newLine("Evaluation failed: \(message).")
        newLine("Returning '\(defaultValue)'.")
    }

    // MARK: - Rules

    mutating func beginRules() {
        newLine("Evaluating targeting rules and applying the first match if any:")
    }

    mutating func beginCondition(isFirst: Bool) {
        newLine(isFirst ? "- IF " : "AND ")
        if isFirst { indent += 1 }
        endsWithBlock = false
    }

    mutating func userCondition(_ condition: Int) {
        lastUserCondition = config.conditions[condition]
        if !isFull { text += conditions.user(config.conditions[condition]) + " " }
    }

    mutating func endCondition(_ condition: Int, isOnly: Bool, _ result: ConditionResult) {
        let condition = config.conditions[condition]
        guard !isOnly else {
            if endsWithBlock { newLine() }
            return
        }
        var isTrue = result == .isTrue
        if condition.kind == .segment, endsWithBlock, case .cannotEvaluate = result {
            // The other SDKs give a negated segment condition that failed as true, on a line of its own.
            newLine()
            isTrue = condition.isNegated
        } else if endsWithBlock {
            text += " "
        }
        text += isTrue ? "=> true" : "=> false, skipping the remaining AND conditions"
        endsWithBlock = true
    }

    mutating func endConditions(of rule: Int, _ result: ConditionResult) {
        let rule = config.rules[rule]
        if rule.conditions.isEmpty { newLine("- ") }
        if rule.conditions.count > 1 { newLine() }
        text += rule.value.map { "THEN '\(config.value($0))' => " } ?? "THEN % options => "
        switch result {
        case .isTrue: text += "MATCH, applying rule"
        case .isFalse: text += "no match"
        case .cannotEvaluate(let obstacle):
            text += "cannot evaluate, " + conditions.obstacle(obstacle, lastUserCondition, user: user)
            ignoreRule()
        }
        if !rule.conditions.isEmpty { indent -= 1 }
    }

    private mutating func ignoreRule() {
        newLine("The current targeting rule is ignored and the evaluation continues with the next rule.")
    }

    // MARK: - Segments

    mutating func skipSegment(_ condition: Int) {
        text += conditions.segment(config.conditions[condition]) + " "
    }

    mutating func beginSegment(_ condition: Int) {
        let condition = config.conditions[condition]
        text += conditions.segment(condition)
        newLine("(")
        indent += 1
        newLine("Evaluating segment '\(config.text(config.segments[Int(condition.target)].name))':")
    }

    mutating func endSegmentCondition(_ result: ConditionResult) {
        text += result == .isTrue ? "=> true" : "=> false, skipping the remaining AND conditions"
    }

    mutating func endSegment(_ condition: Int, isEmpty: Bool, _ result: ConditionResult) {
        let condition = config.conditions[condition]
        if !isEmpty { indent -= 1 }
        newLine("Segment evaluation result: ")
        if case .cannotEvaluate(let obstacle) = result {
            text += "cannot evaluate, " + conditions.obstacle(obstacle, lastUserCondition, user: user) + "."
            newLine("Condition (\(conditions.segment(condition))) failed to evaluate.")
        } else {
            let isInSegment = result == .isTrue
            text += "User \(isInSegment ? "IS" : "IS NOT") IN SEGMENT."
            newLine("Condition (\(conditions.segment(condition))) evaluates to \(isInSegment != condition.isNegated).")
        }
        indent -= 1
        newLine(")")
        endsWithBlock = true
    }

    // MARK: - Prerequisite flags

    mutating func beginPrerequisite(_ condition: Int) {
        let condition = config.conditions[condition]
        text += conditions.prerequisite(condition)
        newLine("(")
        indent += 1
        newLine("Evaluating prerequisite flag '\(config.text(condition.text))':")
    }

    mutating func endPrerequisite(_ condition: Int, value: CompiledValue, isMatch: Bool) {
        newLine("Prerequisite flag evaluation result: '\(config.value(value))'.")
        newLine("Condition (\(conditions.prerequisite(config.conditions[condition]))) evaluates to \(isMatch).")
        indent -= 1
        newLine(")")
        endsWithBlock = true
    }

    // MARK: - Percentage options

    mutating func beginRuleOptions() { indent += 1 }

    mutating func endRuleOptions(isServed: Bool) {
        if !isServed { ignoreRule() }
        indent -= 1
    }

    mutating func skipOptions(_ attribute: AttributeReference, _ obstacle: Obstacle) {
        let reason = obstacle == .userMissing ? "User Object" : "\(conditions.attribute(attribute)) attribute"
        newLine("Skipping % options because the \(reason) is missing.")
    }

    mutating func beginOptions(_ attribute: AttributeReference, bucket: Int) {
        let name = conditions.attribute(attribute)
        newLine("Evaluating % options based on the \(name) attribute:")
        newLine(
            "- Computing hash in the [0..99] range from \(name) => \(bucket) "
                + "(this value is sticky and consistent across all SDKs)")
    }

    mutating func selectOption(_ option: Int, number: Int, bucket: Int) {
        let option = config.options[option]
        newLine(
            "- Hash value \(bucket) selects % option \(number) (\(DecimalText.text(option.share))%), "
                + "'\(config.value(option.value))'.")
    }
}
