/// Finds the faults of a config, including those that an evaluation would meet only for some users.
package struct ConfigValidator {
    /// A fault of a config.
    package struct Finding: Sendable, Equatable {
        /// The key of the setting that has the fault; nil for a segment.
        package var setting: String?
        /// The place in the setting or segment, such as `targeting rule 2, condition 1`; empty for all of it.
        package var place: String
        package var problem: String
    }

    private let config: Config
    private var findings: [Finding] = []

    private init(_ config: Config) {
        self.config = config
    }

    /// Returns the faults of a config, in the order of the document.
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
        let rules = setting.targetingRules
        for (rule, reason) in zip(rules, UnreachableRules(setting).reasons) {
            let place = "targeting rule \(rule.position + 1)"
            check(rule, of: setting, place)
            if let reason { report(setting.key, place, "unreachable: \(reason)") }
        }
        check(setting.percentageOptions, of: setting, "")
        if !setting.percentageOptions.isEmpty,
            let last = rules.first(where: { $0.conditions.isEmpty && $0.servedValue != nil })
        {
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
                setting.key, "\(prefix)percentage options", "the shares add up to \(DecimalFormat.text(sum))%, not 100%"
            )
        }
    }

    // MARK: - Cycles

    /// The number of keys that a finding names. A longer cycle is too deep to be evaluated anyway.
    private static let shownKeys = 128

    /// Reports each cycle of prerequisite flags once. Searches the settings depth first, without recursion.
    private mutating func checkCycles() {
        let compiled = config.compiled
        enum State {
            case unseen
            /// The setting is on the path, at this place.
            case open(Int)
            case done
        }
        var states = Array(repeating: State.unseen, count: compiled.settings.count)
        func prerequisites(_ setting: Int) -> [Int] {
            compiled.rules[compiled.settings[setting].rules.range].flatMap { rule in
                compiled.conditions[rule.conditions.range].filter { $0.kind == .prerequisite }.map { Int($0.target) }
            }
        }
        var path: [(setting: Int, rest: [Int])] = []
        func enter(_ setting: Int) {
            states[setting] = .open(path.count)
            path.append((setting, prerequisites(setting)))
        }
        for start in compiled.order {
            guard case .unseen = states[start] else { continue }
            enter(start)
            while let last = path.indices.last {
                guard let next = path[last].rest.popLast() else {
                    states[path[last].setting] = .done
                    path.removeLast()
                    continue
                }
                switch states[next] {
                case .unseen: enter(next)
                case .open(let place): reportCircle(path[place...].lazy.map(\.setting))
                case .done: break
                }
            }
        }
    }

    private mutating func reportCircle(_ circle: some Collection<Int>) {
        func key(_ setting: Int) -> String { config.compiled.text(config.compiled.settings[setting].key) }
        guard let first = circle.first.map(key) else { return }
        var keys = circle.prefix(Self.shownKeys).map { "'\(key($0))'" }
        if circle.count > keys.count { keys.append("... <\(circle.count - keys.count) more>") }
        report(first, "", "circular dependency: \(keys.joined(separator: " -> ")) -> '\(first)'")
    }
}
