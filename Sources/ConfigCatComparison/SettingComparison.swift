import ConfigCatEvaluation

/// A config with what comparisons need to know about it.
struct ComparedConfig {
    let config: Config
    let salt: Bytes?
    let segmentNames: [SegmentName]

    init(_ config: Config) {
        self.config = config
        segmentNames = SegmentName.names(of: config.segments)
        let document = try? JSONDocument(Array(config.document.utf8))
        salt = document.flatMap { document in
            document.member("p", of: document.root).flatMap { document.member("s", of: $0) }
                .flatMap { document.kind(of: $0) == .string ? Array(document.text(of: $0).utf8) : nil }
        }
    }

    func condition(_ condition: Condition) -> ComparedCondition {
        ComparedCondition(condition, salt: salt, segments: segmentNames)
    }

    func rules(of setting: Setting) -> [ComparedRule] {
        setting.targetingRules.map { ComparedRule($0, salt: salt, segments: segmentNames) }
    }

    /// Whether a condition has hashes with the salt.
    var usesSalt: Bool {
        func uses(_ conditions: [Condition]) -> Bool { conditions.contains { condition($0).usesSalt } }
        return config.segments.contains { uses($0.conditions) }
            || config.settings.contains { $0.targetingRules.contains { uses($0.conditions) } }
    }
}

/// The differences of a setting in two configs.
struct SettingComparison {
    private(set) var details: [DifferenceDetail] = []

    /// The greatest number of rules that are shown of a setting that was added or removed.
    private static let shownRules = 20

    /// Describes a setting that only one of the configs has.
    init(only setting: Setting, in config: ComparedConfig) {
        details.append(Self.type(setting))
        details.append(DifferenceDetail([.words("fallback value: "), .code(Self.fallback(setting).text)]))
        let rules = config.rules(of: setting)
        for rule in rules.prefix(Self.shownRules) {
            details.append(DifferenceDetail([.words("targeting rule \(rule.number): "), .code(rule.text)]))
        }
        if rules.count > Self.shownRules {
            details.append(DifferenceDetail("\(rules.count - Self.shownRules) more targeting rules"))
        }
        let options = setting.percentageOptions.map(ComparedOption.init)
        if !options.isEmpty {
            details.append(DifferenceDetail([.words("percentage options: "), .code(ComparedOption.text(options))]))
        }
        if let problem = setting.problem { details.append(DifferenceDetail([.words("malformed: "), .code(problem)])) }
    }

    /// Compares a setting of both configs.
    init(_ old: Setting, _ oldConfig: ComparedConfig, _ new: Setting, _ newConfig: ComparedConfig) {
        if old.type != new.type {
            details.append(DifferenceDetail("type: \(Self.name(old.type)) → \(Self.name(new.type))"))
        }
        let problems = (old.problem, new.problem)
        if problems.0 != problems.1 {
            details.append(
                DifferenceDetail("malformed", from: problems.0 ?? "no", to: problems.1 ?? "no"))
        }
        let values = (Self.fallback(old), Self.fallback(new))
        if values.0 != values.1 {
            details.append(DifferenceDetail("fallback value", from: values.0.text, to: values.1.text))
        }
        compareRules(oldConfig.rules(of: old), newConfig.rules(of: new))
        let options = (
            old.percentageOptions.map(ComparedOption.init), new.percentageOptions.map(ComparedOption.init)
        )
        if options.0 != options.1 {
            details.append(
                DifferenceDetail(
                    "percentage options", from: ComparedOption.text(options.0), to: ComparedOption.text(options.1)))
        }
        let attributes = (old.percentageAttribute, new.percentageAttribute)
        if !attributes.0.utf8.elementsEqual(attributes.1.utf8), Self.hasOptions(old), Self.hasOptions(new) {
            var detail = DifferenceDetail(
                "percentage attribute", from: "User.\(attributes.0)", to: "User.\(attributes.1)")
            detail.add(.words("; users are distributed anew"))
            details.append(detail)
        }
    }

    private mutating func compareRules(_ old: [ComparedRule], _ new: [ComparedRule]) {
        let matching = RuleMatching(old, new)
        for rule in matching.removed {
            details.append(DifferenceDetail([.words("targeting rule \(rule.number) removed: "), .code(rule.text)]))
        }
        for rule in matching.added {
            details.append(DifferenceDetail([.words("targeting rule \(rule.number) added: "), .code(rule.text)]))
        }
        for (old, new) in matching.moved {
            details.append(
                DifferenceDetail([
                    .words("targeting rule \(old.number) is now rule \(new.number): "), .code(new.text),
                ]))
        }
        for (old, new) in matching.changed { compare(old, new) }
    }

    private mutating func compare(_ old: ComparedRule, _ new: ComparedRule) {
        let numbers = old.number == new.number ? "\(old.number)" : "\(old.number), now \(new.number)"
        let rule = "targeting rule \(numbers)"
        if old.hasSameConditions(as: new), old.served != new.served {
            details.append(DifferenceDetail("\(rule) serves", from: old.served.text, to: new.served.text))
            return
        }
        let changes = ListChanges(old.conditions, new.conditions)
        if !changes.areAll || old.served != new.served || changes.details.isEmpty {
            details.append(DifferenceDetail(rule, from: old.text, to: new.text))
        }
        details += changes.details.map { $0.prefixed("\(rule), ") }
    }

    // MARK: - Words

    static func name(_ type: SettingType?) -> String {
        switch type {
        case .bool: "Bool"
        case .string: "String"
        case .int: "Int"
        case .double: "Double"
        case nil: "unknown"
        }
    }

    private static func type(_ setting: Setting) -> DifferenceDetail {
        DifferenceDetail("type: \(name(setting.type))")
    }

    private static func fallback(_ setting: Setting) -> ComparedValue {
        ComparedValue(setting.value, setting.variationId)
    }

    private static func hasOptions(_ setting: Setting) -> Bool {
        !setting.percentageOptions.isEmpty || setting.targetingRules.contains { !$0.percentageOptions.isEmpty }
    }
}

/// The changed lists of two lists of conditions.
struct ListChanges {
    private(set) var details: [DifferenceDetail] = []
    /// Whether the changed lists are the only differences.
    private(set) var areAll = true

    init(_ old: [ComparedCondition], _ new: [ComparedCondition]) {
        areAll = old.count == new.count
        for (index, (before, after)) in zip(old, new).enumerated() where before != after {
            if let change = before.listChange(to: after) {
                details.append(change.prefixed("condition \(index + 1), "))
            } else {
                areAll = false
            }
        }
    }
}
