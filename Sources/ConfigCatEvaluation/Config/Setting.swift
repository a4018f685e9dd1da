/// A setting of a config; a feature flag if its type is `bool`.
///
///     for setting in config.settings {
///         print(setting.key, setting.targetingRules.count)
///     }
public struct Setting: Sendable {
    let config: CompiledConfig
    let index: Int

    private var compiled: CompiledSetting { config.settings[index] }

    /// The setting's key.
    public var key: String { config.text(compiled.key) }
    /// The type of the setting's values; nil if the document names none, or an unknown one.
    public var type: SettingType? { compiled.type }
    /// The value that is served if no targeting rule and no percentage option applies; nil if it is missing or of
    /// another type.
    public var value: SettingValue? { config.settingValue(compiled.value) }
    /// The variation ID of `value`.
    public var variationId: String? { compiled.variationID.map(config.text) }
    /// The targeting rules, in the order in which they are evaluated.
    public var targetingRules: [TargetingRule] {
        compiled.rules.range.map { TargetingRule(config: config, index: $0) }
    }
    /// The percentage options, one of which is served if no targeting rule applies.
    public var percentageOptions: [PercentageOption] {
        compiled.options.range.map { PercentageOption(config: config, index: $0) }
    }
    /// The name of the user attribute by which percentage options are chosen.
    public var percentageAttribute: String {
        compiled.percentageAttribute.name.isEmpty ? "Identifier" : config.text(compiled.percentageAttribute.name)
    }
    /// What is wrong with the setting as a whole.
    package var problem: String? { config.problem(max(compiled.problem, compiled.value.problem)) }
}

/// Conditions, and the value or the percentage options that apply if all conditions are met.
public struct TargetingRule: Sendable {
    let config: CompiledConfig
    let index: Int

    private var compiled: CompiledRule { config.rules[index] }

    /// The rule's place among the setting's rules in the document, from 0.
    public var position: Int { Int(compiled.position) }
    /// The conditions, all of which have to be met.
    public var conditions: [Condition] {
        compiled.conditions.range.map { Condition(config: config, index: $0) }
    }
    /// The value that the rule serves; nil if it serves percentage options.
    public var servedValue: ServedValue? {
        guard let value = compiled.value.flatMap(config.settingValue) else { return nil }
        return ServedValue(value: value, variationId: compiled.variationID.map(config.text))
    }
    /// The percentage options, one of which is served; empty if the rule serves a value.
    public var percentageOptions: [PercentageOption] {
        compiled.options.range.map { PercentageOption(config: config, index: $0) }
    }
    /// What is wrong with the rule.
    package var problem: String? { config.problem(compiled.problem) }
}

/// A value that a targeting rule serves, with its variation ID.
public struct ServedValue: Sendable, Equatable {
    /// The value.
    public let value: SettingValue
    /// The identifier of the value for analytics.
    public let variationId: String?

    /// Creates a served value.
    public init(value: SettingValue, variationId: String?) {
        self.value = value
        self.variationId = variationId
    }
}

/// A share of all users, and the value that they get.
public struct PercentageOption: Sendable {
    let config: CompiledConfig
    let index: Int

    private var compiled: CompiledOption { config.options[index] }

    /// The option's place among the options of its rule or setting in the document, from 0.
    public var position: Int { Int(compiled.position) }
    /// The share of all users, in percent.
    public var percentage: Double { compiled.share }
    /// The value; nil if it is missing or of a type other than the setting's.
    public var value: SettingValue? { config.settingValue(compiled.value) }
    /// The variation ID of `value`.
    public var variationId: String? { compiled.variationID.map(config.text) }
    /// What is wrong with the option.
    package var problem: String? { config.problem(max(compiled.problem, compiled.value.problem)) }
}

/// A named group of users, defined by conditions that all have to be met.
public struct Segment: Sendable {
    let config: CompiledConfig
    /// The segment's place in the config, from 0.
    package let index: Int

    private var compiled: CompiledSegment { config.segments[index] }

    /// The segment's name.
    public var name: String { config.text(compiled.name) }
    /// The conditions, all of which compare attributes of the user.
    public var conditions: [Condition] {
        compiled.conditions.range.map { Condition(config: config, index: $0) }
    }
    /// What is wrong with the segment.
    package var problem: String? { config.problem(compiled.problem) }
}
