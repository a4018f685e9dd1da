/// Finds what is wrong with a config before an evaluation does.
package struct ConfigValidator {
    /// One thing that is wrong.
    package struct Finding: Sendable, Equatable {
        /// The setting that is concerned; nil for a segment.
        package var setting: String?
        /// Where in the setting or segment, such as `targeting rule 2, condition 1`; empty for the whole.
        package var place: String
        package var problem: String
    }

    private let config: Config
    private var findings: [Finding] = []

    private init(_ config: Config) {
        self.config = config
    }

    /// What is wrong with a config, in the order of the document.
    package static func findings(in config: Config) -> [Finding] {
        var validator = ConfigValidator(config)
        validator.checkDuplicates()
        for (index, segment) in config.segments.enumerated() { validator.check(segment, index) }
        for setting in config.settings { validator.check(setting) }
        validator.checkCycles()
        return validator.findings
    }

    private mutating func report(_ setting: String?, _ place: String, _ problem: String) {
        findings.append(Finding(setting: setting, place: place, problem: problem))
    }

    private mutating func checkDuplicates() {
        let counted = Set(config.compiled.order)
        for index in config.compiled.settings.indices where !counted.contains(index) {
            report(
                config.compiled.text(config.compiled.settings[index].key), "",
                "the key occurs more than once; the last one counts")
        }
    }

    private mutating func check(_ segment: Segment, _ index: Int) {
        let name = "segment \(index + 1) '\(segment.name)'"
        if let problem = segment.problem { report(nil, name, problem) }
        for (number, condition) in segment.conditions.enumerated() {
            if case .invalid(let problem) = condition.kind { report(nil, "\(name), condition \(number + 1)", problem) }
        }
    }

    private mutating func check(_ setting: Setting) {
        if let problem = setting.problem { report(setting.key, "", problem) }
        var earlier: [TargetingRule] = []
        for rule in setting.targetingRules {
            let place = "targeting rule \(rule.position + 1)"
            check(rule, of: setting, place)
            if let reason = Self.isUnreachable(rule, behind: earlier, in: setting) {
                report(setting.key, place, "unreachable: \(reason)")
            }
            earlier.append(rule)
        }
        check(setting.percentageOptions, of: setting, "")
        if !setting.percentageOptions.isEmpty, let last = earlier.first(where: { Self.isUnconditional($0) }) {
            report(
                setting.key, "percentage options",
                "unreachable: targeting rule \(last.position + 1) applies to everyone")
        }
    }

    private mutating func check(_ rule: TargetingRule, of setting: Setting, _ place: String) {
        if let problem = rule.problem { report(setting.key, place, problem) }
        for (number, condition) in rule.conditions.enumerated() {
            if case .invalid(let problem) = condition.kind {
                report(setting.key, "\(place), condition \(number + 1)", problem)
            }
        }
        check(rule.percentageOptions, of: setting, place)
    }

    private mutating func check(_ options: [PercentageOption], of setting: Setting, _ place: String) {
        guard !options.isEmpty else { return }
        let prefix = place.isEmpty ? "" : place + ", "
        for option in options {
            if let problem = option.problem {
                report(setting.key, "\(prefix)percentage option \(option.position + 1)", problem)
            }
        }
        let sum = options.reduce(0) { $0 + $1.percentage }
        if sum != 100 {
            report(
                setting.key, "\(prefix)percentage options", "the shares add up to \(DecimalText.text(sum))%, not 100%")
        }
    }

    // MARK: - Rules that nothing reaches

    /// Why no user gets as far as a rule.
    private static func isUnreachable(
        _ rule: TargetingRule, behind earlier: [TargetingRule], in setting: Setting
    ) -> String? {
        for other in earlier where other.problem == nil {
            // Options are passed by without a user, or without the attribute they need.
            let isAlwaysServed =
                other.servedValue != nil
                || setting.percentageAttribute == ConfigCatUser.idKey && needsUser(other)
            guard isAlwaysServed else { continue }
            if isUnconditional(other) { return "rule \(other.position + 1) applies to everyone" }
            if covers(other, rule) { return "rule \(other.position + 1) applies to all of these users" }
        }
        return nil
    }

    private static func isUnconditional(_ rule: TargetingRule) -> Bool {
        rule.conditions.isEmpty && rule.servedValue != nil
    }

    private static func needsUser(_ rule: TargetingRule) -> Bool {
        rule.conditions.contains { condition in
            if case .prerequisite = condition.kind { false } else { true }
        }
    }

    /// Whether everyone for whom `rule` holds has been served by `other`: each condition of `other` is one of
    /// `rule`'s, or a longer list.
    private static func covers(_ other: TargetingRule, _ rule: TargetingRule) -> Bool {
        let conditions = rule.conditions.map(\.kind)
        return other.conditions.allSatisfy { wide in conditions.contains { covers(wide.kind, $0) } }
    }

    private static func covers(_ wide: Condition.Kind, _ narrow: Condition.Kind) -> Bool {
        switch (wide, narrow) {
        case (.user(let attribute, let comparator, let value), .user(let other, let otherComparator, let narrowValue)):
            guard attribute.utf8.elementsEqual(other.utf8), comparator == otherComparator else { return false }
            guard case .list(let wide) = value, case .list(let narrow) = narrowValue else {
                return value == narrowValue
            }
            // One item that is no version makes the whole of a semver list false.
            if comparator.isSemver { return value == narrowValue }
            let isPositive = !comparator.text.contains("NOT")
            let (superset, subset) = isPositive ? (wide, narrow) : (narrow, wide)
            let known = Set(superset.map { Array($0.utf8) })
            return subset.allSatisfy { known.contains(Array($0.utf8)) }
        case (.segment(let segment, let isNegated), .segment(let other, let otherIsNegated)):
            return segment.index == other.index && isNegated == otherIsNegated
        case (
            .prerequisite(let key, let value, let isNegated),
            .prerequisite(let other, let otherValue, let otherIsNegated)
        ):
            return key.utf8.elementsEqual(other.utf8) && value == otherValue && isNegated == otherIsNegated
        default:
            return false
        }
    }

    // MARK: - Cycles

    /// Reports each circle of prerequisite flags once, by walking the settings depth first without recursion.
    private mutating func checkCycles() {
        let compiled = config.compiled
        enum State { case unseen, open, done }
        var states = Array(repeating: State.unseen, count: compiled.settings.count)
        func prerequisites(_ setting: Int) -> [Int] {
            compiled.rules[compiled.settings[setting].rules.range].flatMap { rule in
                compiled.conditions[rule.conditions.range].filter { $0.kind == .prerequisite }.map { Int($0.target) }
            }
        }
        for start in compiled.order where states[start] == .unseen {
            var path: [(setting: Int, rest: [Int])] = [(start, prerequisites(start))]
            states[start] = .open
            while let (setting, rest) = path.last {
                guard let next = rest.last else {
                    states[setting] = .done
                    path.removeLast()
                    continue
                }
                path[path.count - 1].rest.removeLast()
                switch states[next] {
                case .unseen:
                    states[next] = .open
                    path.append((next, prerequisites(next)))
                case .open:
                    let circle = path.map(\.setting).drop { $0 != next } + [next]
                    let keys = circle.map { "'\(compiled.text(compiled.settings[$0].key))'" }
                    report(
                        compiled.text(compiled.settings[next].key), "",
                        "circular dependency: \(keys.joined(separator: " -> "))")
                case .done:
                    break
                }
            }
        }
    }
}
