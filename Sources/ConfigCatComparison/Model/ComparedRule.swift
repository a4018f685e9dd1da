import ConfigCatEvaluation

/// A targeting rule, for comparisons.
struct ComparedRule: Hashable {
    let conditions: [ComparedCondition]
    let served: ComparedServing
    /// The rule's place in the document, from 1.
    let number: Int
    private let problem: String?
    /// The conditions as a set, if their order makes no difference.
    private let unordered: Set<ComparedCondition>?

    init(_ rule: TargetingRule, salt: Bytes?, segments: [SegmentName]) {
        conditions = rule.conditions.map { ComparedCondition($0, salt: salt, segments: segments) }
        served =
            rule.servedValue.map { .value(ComparedValue($0.value, $0.variationId)) }
            ?? .options(rule.percentageOptions.map(ComparedOption.init))
        number = rule.position + 1
        problem = rule.problem
        unordered = conditions.allSatisfy(\.isIndependent) ? Set(conditions) : nil
    }

    static func == (left: Self, right: Self) -> Bool {
        left.hasSameConditions(as: right) && left.served == right.served && left.problem == right.problem
    }

    func hash(into hasher: inout Hasher) {
        hashConditions(into: &hasher)
        hasher.combine(served)
    }

    func hasSameConditions(as other: Self) -> Bool {
        if let unordered, let others = other.unordered { return unordered == others }
        return conditions == other.conditions
    }

    private func hashConditions(into hasher: inout Hasher) {
        if let unordered { hasher.combine(unordered) } else { hasher.combine(conditions) }
    }

    /// The conditions alone, as a key of dictionaries.
    struct Conditions: Hashable {
        let rule: ComparedRule

        static func == (left: Self, right: Self) -> Bool { left.rule.hasSameConditions(as: right.rule) }
        func hash(into hasher: inout Hasher) { rule.hashConditions(into: &hasher) }
    }

    /// The rule in the words of the evaluation log.
    var text: String {
        let then = "THEN \(served.text)"
        let text = conditions.isEmpty ? then : "IF \(conditions.map(\.text).joined(separator: " AND ")) \(then)"
        return problem.map { "\(text) <malformed: \($0)>" } ?? text
    }
}

/// What a rule serves.
enum ComparedServing: Hashable {
    case value(ComparedValue)
    case options([ComparedOption])

    var text: String {
        switch self {
        case .value(let value): value.text
        case .options(let options): ComparedOption.text(options)
        }
    }
}

/// A percentage option, for comparisons. Their order matters: it decides which users get which option.
struct ComparedOption: Hashable {
    let share: Double
    let value: ComparedValue

    init(_ option: PercentageOption) {
        share = option.percentage
        value = ComparedValue(option.value, option.variationId)
    }

    static func text(_ options: [ComparedOption]) -> String {
        guard !options.isEmpty else { return "none" }
        return options.map { "\(DecimalFormat.text($0.share))% \($0.value.text)" }.joined(separator: ", ")
    }
}
