/// The targeting rules of one setting that never apply, because an earlier rule serves every user who meets their
/// conditions.
struct UnreachableRules {
    /// For each rule of the setting, the reason why it is unreachable; nil if it is not.
    let reasons: [String?]

    init(_ setting: Setting) {
        let rules = setting.targetingRules
        var coverage = ConditionCoverage()
        let conditions = rules.map { rule in rule.conditions.map { coverage.identifier(of: $0.kind) } }
        var search = Search(conditions)
        // Percentage options are skipped if there is no user, or if the user lacks their attribute.
        let areOptionsServed = setting.percentageAttribute == ConfigCatUser.idKey
        reasons = rules.indices.map { index in
            let found = search.first(covering: conditions[index], coverage)
            let rule = rules[index]
            let isServed = rule.servedValue != nil || areOptionsServed && Self.needsUser(rule)
            if rule.problem == nil, isServed { search.add(index, &coverage) }
            guard let found else { return nil }
            let position = rules[found].position + 1
            return rules[found].conditions.isEmpty
                ? "rule \(position) applies to everyone" : "rule \(position) applies to all of these users"
        }
    }

    private static func needsUser(_ rule: TargetingRule) -> Bool {
        rule.conditions.contains { condition in
            if case .prerequisite = condition.kind { false } else { true }
        }
    }

    /// Finds earlier rules that cover a rule: each of their conditions covers one of the rule's conditions.
    private struct Search {
        private let conditions: [Set<Int>?]
        private let frequencies: [Int: Int]
        /// Rules by the one of their conditions that the fewest rules have.
        private var rules: [Int: [Int]] = [:]
        private var added: Set<Int> = []
        private var unconditional: Int?

        init(_ conditions: [[Int?]]) {
            // A rule with a condition that covers nothing covers no other rule.
            self.conditions = conditions.map { $0.contains(nil) ? nil : Set($0.compactMap(\.self)) }
            var frequencies: [Int: Int] = [:]
            for condition in conditions.joined() { if let condition { frequencies[condition, default: 0] += 1 } }
            self.frequencies = frequencies
        }

        mutating func add(_ index: Int, _ coverage: inout ConditionCoverage) {
            guard let conditions = conditions[index] else { return }
            guard let rarest = conditions.min(by: { (frequencies[$0] ?? 0, $0) < (frequencies[$1] ?? 0, $1) }) else {
                unconditional = unconditional ?? index
                return
            }
            for condition in conditions where added.insert(condition).inserted { coverage.addWide(condition) }
            rules[rarest, default: []].append(index)
        }

        func first(covering narrow: [Int?], _ coverage: ConditionCoverage) -> Int? {
            let covering = Set(narrow.compactMap(\.self).flatMap(coverage.covering))
            var first = unconditional ?? .max
            for condition in covering {
                let found = rules[condition]?.first { index in
                    index >= first || conditions[index]?.isSubset(of: covering) == true
                }
                if let found { first = min(first, found) }
            }
            return first == .max ? nil : first
        }
    }
}
