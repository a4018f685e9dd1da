/// A setting of a config; a feature flag if its type is `bool`.
public struct Setting: Sendable {
    let config: CompiledConfig
    let index: Int

    private var compiled: CompiledSetting { config.settings[index] }

    /// The setting's key.
    public var key: String { config.text(compiled.key) }
    /// The type of its values; nil if the document gives none that exists.
    public var type: SettingType? { compiled.type }
    /// The value that is served where no rule or option applies; nil if it is missing or of another type.
    public var value: SettingValue? { config.settingValue(compiled.value) }
    /// The variation ID of `value`.
    public var variationId: String? { compiled.variationID.map(config.text) }
    /// The targeting rules, in the order they are evaluated.
    public var targetingRules: [TargetingRule] {
        compiled.rules.range.map { TargetingRule(config: config, index: $0) }
    }
    /// The options that are chosen from if no rule applies.
    public var percentageOptions: [PercentageOption] {
        compiled.options.range.map { PercentageOption(config: config, index: $0) }
    }
    /// The attribute that percentage options are chosen by.
    public var percentageAttribute: String {
        compiled.percentageAttribute.name.isEmpty ? "Identifier" : config.text(compiled.percentageAttribute.name)
    }
    /// What is wrong with the setting as a whole.
    package var problem: String? { config.problem(max(compiled.problem, compiled.value.problem)) }
}

/// Conditions, all of which have to hold, and what is served then.
public struct TargetingRule: Sendable {
    let config: CompiledConfig
    let index: Int

    private var compiled: CompiledRule { config.rules[index] }

    /// The rule's place among the setting's rules in the document, from 0.
    public var position: Int { Int(compiled.position) }
    /// The conditions, all of which have to hold.
    public var conditions: [Condition] {
        compiled.conditions.range.map { Condition(config: config, index: $0) }
    }
    /// The value that is served; nil if percentage options are.
    public var servedValue: ServedValue? {
        guard let value = compiled.value.flatMap(config.settingValue) else { return nil }
        return ServedValue(value: value, variationId: compiled.variationID.map(config.text))
    }
    /// The options that are chosen from, unless a value is served.
    public var percentageOptions: [PercentageOption] {
        compiled.options.range.map { PercentageOption(config: config, index: $0) }
    }
    /// What is wrong with the rule.
    package var problem: String? { config.problem(compiled.problem) }
}

/// A value and its variation ID.
public struct ServedValue: Sendable, Equatable {
    /// The value.
    public let value: SettingValue
    /// The id of the value for analytics.
    public let variationId: String?

    /// Makes a served value.
    public init(value: SettingValue, variationId: String?) {
        self.value = value
        self.variationId = variationId
    }
}

/// A share of users and the value they are served.
public struct PercentageOption: Sendable {
    let config: CompiledConfig
    let index: Int

    private var compiled: CompiledOption { config.options[index] }

    /// The option's place among its siblings in the document, from 0.
    public var position: Int { Int(compiled.position) }
    /// The share of users, in percent.
    public var percentage: Double { compiled.share }
    /// The value; nil if it is missing or of another type than the setting.
    public var value: SettingValue? { config.settingValue(compiled.value) }
    /// The variation ID of `value`.
    public var variationId: String? { compiled.variationID.map(config.text) }
    /// What is wrong with the option.
    package var problem: String? { config.problem(max(compiled.problem, compiled.value.problem)) }
}

/// A named list of user conditions, all of which have to hold.
public struct Segment: Sendable {
    let config: CompiledConfig
    let index: Int

    private var compiled: CompiledSegment { config.segments[index] }

    /// The segment's name.
    public var name: String { config.text(compiled.name) }
    /// The conditions, all of which are on the user.
    public var conditions: [Condition] {
        compiled.conditions.range.map { Condition(config: config, index: $0) }
    }
    /// What is wrong with the segment.
    package var problem: String? { config.problem(compiled.problem) }
}
