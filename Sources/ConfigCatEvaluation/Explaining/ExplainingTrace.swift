/// Writes the evaluation log, with exactly the same text as ConfigCat's other SDKs.
struct ExplainingTrace: EvaluationTrace {
    private(set) var warnings = WarningList()
    private var log = LogText()

    var text: String { log.text }

    private let config: CompiledConfig
    private let user: ConfigCatUser?
    private let conditions: ConditionFormatter
    /// The last user condition, which is the one that a skip reason is about.
    private var lastUserCondition: CompiledCondition?
    /// The last user condition of each segment that was evaluated.
    private var lastUserConditions: [PassageSubject: CompiledCondition] = [:]
    /// Whether the last condition ended with a separate line, `)`.
    private var endsWithBlock = false

    init(config: CompiledConfig, user: ConfigCatUser?) {
        self.config = config
        self.user = user
        conditions = ConditionFormatter(config: config)
    }

    mutating func warn(_ warning: EvaluationWarning) {
        warnings.add(warning)
    }

    // MARK: - Settings

    mutating func begin(_ setting: Int) {
        log.append("Evaluating '\(config.text(config.settings[setting].key))'")
        if let user { log.append(" for User '\(user)'") }
        log.indent += 1
    }

    mutating func end(_ outcome: Outcome) {
        log.newLine("Returning '\(config.value(outcome.value))'.")
    }

    /// Ends the log of an evaluation that failed.
    mutating func fail(_ message: String, returning defaultValue: String) {
        log.indent = 1
        log.newLine("Evaluation failed: \(message).")
        log.newLine("Returning '\(defaultValue)'.")
    }

    // MARK: - Rules

    mutating func beginRules() {
        log.newLine("Evaluating targeting rules and applying the first match if any:")
    }

    mutating func beginCondition(isFirst: Bool) {
        log.newLine(isFirst ? "- IF " : "AND ")
        if isFirst { log.indent += 1 }
        endsWithBlock = false
    }

    mutating func userCondition(_ condition: Int) {
        lastUserCondition = config.conditions[condition]
        log.append(conditions.user(config.conditions[condition]) + " ")
    }

    mutating func endCondition(_ condition: Int, isOnly: Bool, _ result: ConditionResult) {
        let condition = config.conditions[condition]
        guard !isOnly else {
            if endsWithBlock { log.newLine() }
            return
        }
        var isTrue = result == .isTrue
        if condition.kind == .segment, endsWithBlock, case .cannotEvaluate = result {
            // The other SDKs write that a negated segment condition that failed is true, on a separate line.
            log.newLine()
            isTrue = condition.isNegated
        } else if endsWithBlock {
            log.append(" ")
        }
        log.append(isTrue ? "=> true" : "=> false, skipping the remaining AND conditions")
        endsWithBlock = true
    }

    mutating func endConditions(of rule: Int, _ result: ConditionResult) {
        let rule = config.rules[rule]
        if rule.conditions.isEmpty { log.newLine("- ") }
        if rule.conditions.count > 1 { log.newLine() }
        log.append(rule.value.map { "THEN '\(config.value($0))' => " } ?? "THEN % options => ")
        switch result {
        case .isTrue: log.append("MATCH, applying rule")
        case .isFalse: log.append("no match")
        case .cannotEvaluate(let obstacle):
            log.append("cannot evaluate, " + conditions.obstacle(obstacle, lastUserCondition, user: user))
            ignoreRule()
        }
        if !rule.conditions.isEmpty { log.indent -= 1 }
    }

    private mutating func ignoreRule() {
        log.newLine("The current targeting rule is ignored and the evaluation continues with the next rule.")
    }

    // MARK: - Segments

    mutating func skipSegment(_ condition: Int) {
        log.append(conditions.segment(config.conditions[condition]) + " ")
    }

    mutating func beginSegment(_ condition: Int) {
        let condition = config.conditions[condition]
        log.append(conditions.segment(condition))
        log.newLine("(")
        log.indent += 1
        log.newLine("Evaluating segment '\(config.text(config.segments[Int(condition.target)].name))':")
    }

    mutating func endSegmentCondition(_ result: ConditionResult) {
        log.append(result == .isTrue ? "=> true" : "=> false, skipping the remaining AND conditions")
    }

    mutating func endSegment(_ condition: Int, _ result: ConditionResult) {
        let condition = config.conditions[condition]
        log.newLine("Segment evaluation result: ")
        if case .cannotEvaluate(let obstacle) = result {
            log.append("cannot evaluate, " + conditions.obstacle(obstacle, lastUserCondition, user: user) + ".")
            log.newLine("Condition (\(conditions.segment(condition))) failed to evaluate.")
        } else {
            let isInSegment = result == .isTrue
            log.append("User \(isInSegment ? "IS" : "IS NOT") IN SEGMENT.")
            log.newLine(
                "Condition (\(conditions.segment(condition))) evaluates to \(isInSegment != condition.isNegated).")
        }
        log.indent -= 1
        log.newLine(")")
        endsWithBlock = true
    }

    // MARK: - Passages

    mutating func beginPassage() {
        log.beginPassage()
    }

    mutating func endPassage(_ subject: PassageSubject) {
        log.endPassage(subject)
        if let lastUserCondition, case .segment = subject { lastUserConditions[subject] = lastUserCondition }
    }

    mutating func repeatPassage(_ subject: PassageSubject) {
        log.repeatPassage(subject)
        lastUserCondition = lastUserConditions[subject] ?? lastUserCondition
    }

    // MARK: - Prerequisite flags

    mutating func beginPrerequisite(_ condition: Int) {
        let condition = config.conditions[condition]
        log.append(conditions.prerequisite(condition))
        log.newLine("(")
        log.indent += 1
        log.newLine("Evaluating prerequisite flag '\(config.text(condition.text))':")
    }

    mutating func endPrerequisite(_ condition: Int, value: CompiledValue, isMatch: Bool) {
        log.newLine("Prerequisite flag evaluation result: '\(config.value(value))'.")
        log.newLine("Condition (\(conditions.prerequisite(config.conditions[condition]))) evaluates to \(isMatch).")
        log.indent -= 1
        log.newLine(")")
        endsWithBlock = true
    }

    // MARK: - Percentage options

    mutating func beginRuleOptions() { log.indent += 1 }

    mutating func endRuleOptions(isServed: Bool) {
        if !isServed { ignoreRule() }
        log.indent -= 1
    }

    mutating func skipOptions(_ attribute: AttributeReference, _ obstacle: SkipReason) {
        let reason = obstacle == .userMissing ? "User Object" : "\(conditions.attribute(attribute)) attribute"
        log.newLine("Skipping % options because the \(reason) is missing.")
    }

    mutating func beginOptions(_ attribute: AttributeReference, bucket: Int) {
        let name = conditions.attribute(attribute)
        log.newLine("Evaluating % options based on the \(name) attribute:")
        log.newLine(
            "- Computing hash in the [0..99] range from \(name) => \(bucket) "
                + "(this value is sticky and consistent across all SDKs)")
    }

    mutating func selectOption(_ option: Int, number: Int, bucket: Int) {
        let option = config.options[option]
        log.newLine(
            "- Hash value \(bucket) selects % option \(number) (\(DecimalFormat.text(option.share))%), "
                + "'\(config.value(option.value))'.")
    }
}
