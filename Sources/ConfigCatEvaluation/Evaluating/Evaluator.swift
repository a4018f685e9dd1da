/// What an evaluation serves.
struct Outcome {
    var value: CompiledValue
    var variationID: Slice?
    /// Index in `CompiledConfig.rules`, or -1.
    var rule: Int32 = -1
    /// Index in `CompiledConfig.options`, or -1.
    var option: Int32 = -1
}

/// Why an evaluation cannot serve a value: the config is at fault.
struct InvalidConfigModel: Error {
    var message: String
}

/// How a condition came out.
enum ConditionResult: Equatable {
    case isTrue
    case isFalse
    /// The rule that holds it is ignored.
    case cannotEvaluate(Obstacle)
}

/// Why a condition cannot be evaluated.
enum Obstacle: Equatable {
    case userMissing
    case attributeMissing
    case attributeInvalid
}

/// Evaluates settings of one compiled config for one user.
///
/// The trace is a type parameter, so that an evaluation nobody watches is compiled without one.
struct Evaluator<Trace: EvaluationTrace> {
    /// Limits on prerequisite flags: how deep, and how many per evaluation, because a few rules can ask for
    /// exponentially many.
    static var maximumDepth: Int { 128 }
    static var maximumPrerequisites: Int { 10_000 }

    var trace: Trace
    /// The keys being evaluated, outermost first. Empty as long as no prerequisite flag is met.
    private var path: [Int32] = []
    private var prerequisites = 0

    init(trace: Trace) {
        self.trace = trace
    }

    mutating func evaluate(
        _ index: Int, of config: CompiledConfig, for user: ConfigCatUser?
    ) throws(InvalidConfigModel) -> Outcome {
        trace.begin(index)
        let outcome = try evaluateSetting(index, of: config, for: user)
        trace.end(outcome)
        return outcome
    }

    private mutating func evaluateSetting(
        _ index: Int, of config: CompiledConfig, for user: ConfigCatUser?
    ) throws(InvalidConfigModel) -> Outcome {
        let setting = config.settings[index]
        if setting.problem >= 0 { throw failure(setting.problem, at: index, of: config) }
        var frame = Frame(setting: index)
        if !setting.rules.isEmpty {
            trace.beginRules()
            for rule in setting.rules.range {
                if let outcome = try evaluateRule(rule, in: &frame, of: config, for: user) { return outcome }
            }
        }
        if !setting.options.isEmpty,
            let outcome = try evaluateOptions(setting.options, of: setting, in: &frame, of: config, for: user)
        {
            return outcome
        }
        if setting.value.kind == .invalid { throw failure(setting.value.problem, at: index, of: config) }
        return Outcome(value: setting.value, variationID: setting.variationID)
    }

    /// What one setting's evaluation remembers.
    private struct Frame {
        let setting: Int
        var isMissingUserReported = false
        var isMissingPercentageAttributeReported = false

        init(setting: Int) { self.setting = setting }
    }

    // MARK: - Rules

    private mutating func evaluateRule(
        _ index: Int, in frame: inout Frame, of config: CompiledConfig, for user: ConfigCatUser?
    ) throws(InvalidConfigModel) -> Outcome? {
        let rule = config.rules[index]
        if rule.problem >= 0 { throw failure(rule.problem, at: frame.setting, rule: index, of: config) }
        var result = ConditionResult.isTrue
        for condition in rule.conditions.range {
            trace.beginCondition(isFirst: condition == rule.conditions.range.lowerBound)
            result = try evaluateCondition(condition, of: index, in: &frame, of: config, for: user)
            trace.endCondition(condition, isOnly: rule.conditions.count == 1, result)
            if result != .isTrue { break }
        }
        trace.endConditions(of: index, result)
        guard result == .isTrue else { return nil }
        if let value = rule.value {
            return Outcome(value: value, variationID: rule.variationID, rule: Int32(index))
        }
        let setting = config.settings[frame.setting]
        trace.beginRuleOptions()
        let outcome = try evaluateOptions(rule.options, of: setting, in: &frame, of: config, for: user)
        trace.endRuleOptions(isServed: outcome != nil)
        guard var outcome else { return nil }
        outcome.rule = Int32(index)
        return outcome
    }

    private mutating func evaluateCondition(
        _ index: Int, of rule: Int, in frame: inout Frame, of config: CompiledConfig,
        for user: ConfigCatUser?
    ) throws(InvalidConfigModel) -> ConditionResult {
        let condition = config.conditions[index]
        switch condition.kind {
        case .user, .never:
            return evaluateUserCondition(index, condition, in: &frame, of: config, for: user)
        case .segment:
            return try evaluateSegment(index, condition, of: rule, in: &frame, of: config, for: user)
        case .prerequisite:
            return try evaluatePrerequisite(index, condition, of: rule, in: &frame, of: config, for: user)
        case .invalid:
            throw failure(condition.problem, at: frame.setting, rule: rule, condition: index, of: config)
        }
    }

    // MARK: - Segments

    private mutating func evaluateSegment(
        _ index: Int, _ condition: CompiledCondition, of rule: Int, in frame: inout Frame,
        of config: CompiledConfig, for user: ConfigCatUser?
    ) throws(InvalidConfigModel) -> ConditionResult {
        guard user != nil else {
            trace.skipSegment(index)
            return missingUser(in: &frame)
        }
        let segment = config.segments[Int(condition.target)]
        trace.beginSegment(index)
        var result = ConditionResult.isTrue
        for part in segment.conditions.range {
            let condition = config.conditions[part]
            if condition.kind == .invalid {
                throw failure(condition.problem, at: frame.setting, rule: rule, condition: index, of: config)
            }
            trace.beginCondition(isFirst: part == segment.conditions.range.lowerBound)
            result = evaluateUserCondition(part, condition, in: &frame, of: config, for: user)
            trace.endSegmentCondition(result)
            if result != .isTrue { break }
        }
        trace.endSegment(index, isEmpty: segment.conditions.isEmpty, result)
        switch result {
        case .isTrue: return condition.isNegated ? .isFalse : .isTrue
        case .isFalse: return condition.isNegated ? .isTrue : .isFalse
        case .cannotEvaluate: return result
        }
    }

    // MARK: - Prerequisite flags

    private mutating func evaluatePrerequisite(
        _ index: Int, _ condition: CompiledCondition, of rule: Int, in frame: inout Frame,
        of config: CompiledConfig, for user: ConfigCatUser?
    ) throws(InvalidConfigModel) -> ConditionResult {
        path.append(Int32(frame.setting))
        defer { path.removeLast() }
        if path.contains(condition.target) {
            let keys = (path + [condition.target]).map { "'\(config.text(config.settings[Int($0)].key))'" }
            throw InvalidConfigModel(message: "circular dependency between flags: \(keys.joined(separator: " -> "))")
        }
        prerequisites += 1
        guard path.count <= Self.maximumDepth, prerequisites <= Self.maximumPrerequisites else {
            throw InvalidConfigModel(
                message: path.count > Self.maximumDepth
                    ? "prerequisite flags are nested deeper than \(Self.maximumDepth) levels"
                    : "more than \(Self.maximumPrerequisites) prerequisite flags would have to be evaluated")
        }
        trace.beginPrerequisite(index)
        let value = try evaluateSetting(Int(condition.target), of: config, for: user).value
        let isMatch = areEqual(value, condition.value, in: config) != condition.isNegated
        trace.endPrerequisite(index, value: value, isMatch: isMatch)
        return isMatch ? .isTrue : .isFalse
    }

    private func areEqual(_ left: CompiledValue, _ right: CompiledValue, in config: CompiledConfig) -> Bool {
        guard left.kind == right.kind else { return false }
        switch left.kind {
        case .bool, .int: return left.bits == right.bits
        case .double: return left.double == right.double
        case .string:
            return Bytes.withBytes(left.text, of: config.pool) { Bytes.areEqual($0, right.text, of: config.pool) }
        case .invalid: return false
        }
    }

    // MARK: - Percentage options

    private mutating func evaluateOptions(
        _ options: Slice, of setting: CompiledSetting, in frame: inout Frame, of config: CompiledConfig,
        for user: ConfigCatUser?
    ) throws(InvalidConfigModel) -> Outcome? {
        guard user != nil else {
            trace.skipOptions(setting.percentageAttribute, .userMissing)
            _ = missingUser(in: &frame)
            return nil
        }
        guard let bucket = bucket(of: setting, in: config, for: user) else {
            trace.skipOptions(setting.percentageAttribute, .attributeMissing)
            if !frame.isMissingPercentageAttributeReported {
                frame.isMissingPercentageAttributeReported = true
                trace.warn(.percentageAttributeMissing(setting: Int32(frame.setting)))
            }
            return nil
        }
        trace.beginOptions(setting.percentageAttribute, bucket: bucket)
        var sum = 0.0
        for index in options.range {
            let option = config.options[index]
            if option.problem >= 0 { throw failure(option.problem, at: frame.setting, option: index, of: config) }
            sum += option.share
            guard Double(bucket) < sum else { continue }
            if option.value.kind == .invalid {
                throw failure(option.value.problem, at: frame.setting, option: index, of: config)
            }
            trace.selectOption(index, number: index - options.range.lowerBound + 1, bucket: bucket)
            return Outcome(value: option.value, variationID: option.variationID, option: Int32(index))
        }
        throw InvalidConfigModel(
            message: "the percentage options of '\(config.text(setting.key))' add up to \(DecimalText.text(sum))%, "
                + "which leaves out the user's bucket \(bucket)")
    }

    /// The bucket that the setting's percentage attribute puts the user in; nil if the user lacks the attribute. Unlike
    /// in conditions, an empty text is not missing here.
    private func bucket(
        of setting: CompiledSetting, in config: CompiledConfig, for user: ConfigCatUser?
    ) -> Int? {
        let attribute = setting.percentageAttribute
        func bucket(_ text: UnsafeBufferPointer<UInt8>) -> Int {
            Bytes.withBytes(setting.key, of: config.pool) { key in
                Digest.bucket(key: UnsafeRawBufferPointer(key), attribute: UnsafeRawBufferPointer(text))
            }
        }
        switch attribute.kind {
        case .identifier: return user?.identifier.withBytes(bucket)
        case .email: return user?.email?.withBytes(bucket)
        case .country: return user?.country?.withBytes(bucket)
        case .custom:
            guard let index = user?.custom.index(of: attribute.name, in: config.pool) else { return nil }
            return user?.custom.entries[index].value.text.withBytes(bucket)
        }
    }

    // MARK: - Obstacles

    private mutating func missingUser(in frame: inout Frame) -> ConditionResult {
        if !frame.isMissingUserReported {
            frame.isMissingUserReported = true
            trace.warn(.userMissing(setting: Int32(frame.setting)))
        }
        return .cannotEvaluate(.userMissing)
    }

    private func failure(
        _ problem: Int32, at setting: Int, rule: Int? = nil, condition: Int? = nil, option: Int? = nil,
        of config: CompiledConfig
    ) -> InvalidConfigModel {
        var place = "setting '\(config.text(config.settings[setting].key))'"
        if let rule { place += ", targeting rule \(config.rules[rule].position + 1)" }
        if let rule, let condition {
            place += ", condition \(condition - Int(config.rules[rule].conditions.start) + 1)"
        }
        if let option { place += ", percentage option \(config.options[option].position + 1)" }
        return InvalidConfigModel(message: "\(place): \(config.problem(problem) ?? "malformed")")
    }

    // MARK: - User conditions

    @inline(__always)
    private mutating func evaluateUserCondition(
        _ index: Int, _ condition: CompiledCondition, in frame: inout Frame, of config: CompiledConfig,
        for user: ConfigCatUser?
    ) -> ConditionResult {
        trace.userCondition(index)
        guard user != nil else { return missingUser(in: &frame) }
        let result: UserConditionMatcher.Match
        let matcher = UserConditionMatcher(tables: config.comparison, condition: condition)
        switch condition.attribute.kind {
        case .identifier: result = matcher.match(user?.identifier)
        case .email: result = matcher.match(user?.email)
        case .country: result = matcher.match(user?.country)
        case .custom:
            if let place = user?.custom.index(of: condition.attribute.name, in: config.pool) {
                result = matcher.match(user?.custom.entries[place].value)
            } else {
                result = .missing
            }
        }
        switch result {
        case .match: return .isTrue
        case .noMatch: return .isFalse
        case .convertedMatch, .convertedNoMatch:
            trace.warn(.attributeConverted(setting: Int32(frame.setting), condition: Int32(index)))
            return result == .convertedMatch ? .isTrue : .isFalse
        case .missing:
            trace.warn(.attributeMissing(setting: Int32(frame.setting), condition: Int32(index)))
            return .cannotEvaluate(.attributeMissing)
        case .invalid:
            trace.warn(.attributeInvalid(setting: Int32(frame.setting), condition: Int32(index)))
            return .cannotEvaluate(.attributeInvalid)
        }
    }
}
