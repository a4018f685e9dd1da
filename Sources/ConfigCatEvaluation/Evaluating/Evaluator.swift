/// Evaluates settings of one compiled config for one user.
///
/// The trace is a type parameter, so that an evaluation without a log is compiled without the calls for it.
struct Evaluator<Trace: EvaluationTrace> {
    /// The greatest depth to which prerequisite flags may be nested.
    static var maximumDepth: Int { 128 }

    var trace: Trace
    var memory = UserMemory()
    private var prerequisites = PrerequisiteMemo()
    private var segments = SegmentMemo()
    /// The warnings of the segment being evaluated; nil outside of segments.
    private var segmentWarnings: [EvaluationWarning]?

    init(trace: Trace) {
        self.trace = trace
    }

    mutating func evaluate(
        _ index: Int, of config: CompiledConfig, for user: ConfigCatUser?
    ) throws(InvalidConfigModel) -> Outcome {
        trace.begin(index)
        var frame = Frame(setting: index)
        let outcome = try evaluateSetting(in: &frame, of: config, for: user)
        trace.end(outcome)
        return outcome
    }

    private mutating func evaluateSetting(
        in frame: inout Frame, of config: CompiledConfig, for user: ConfigCatUser?
    ) throws(InvalidConfigModel) -> Outcome {
        let index = frame.setting
        let setting = config.settings.address(of: index)
        if setting.pointee.problem >= 0 { throw failure(setting.pointee.problem, at: index, of: config) }
        if !setting.pointee.rules.isEmpty {
            trace.beginRules()
            var rule = setting.pointee.rules.range.lowerBound
            while rule < setting.pointee.rules.range.upperBound {
                let run = config.rules.address(of: rule).pointee.run
                if !Trace.observesRules, run >= 0, let known = search(run, of: config, for: user) {
                    if let match = known.match,
                        let outcome = try serve(match, in: &frame, of: config, for: user)
                    {
                        return outcome
                    }
                    rule = known.end
                    continue
                }
                if let outcome = try evaluateRule(rule, in: &frame, of: config, for: user) { return outcome }
                rule += 1
            }
        }
        if !setting.pointee.options.isEmpty,
            let outcome = try evaluateOptions(setting.pointee.options, of: setting, in: &frame, of: config, for: user)
        {
            return outcome
        }
        let value = setting.pointee.value
        if value.kind == .invalid { throw failure(value.problem, at: index, of: config) }
        return Outcome(value: value, variationID: setting.pointee.variationID)
    }

    /// The state of one setting's evaluation.
    struct Frame {
        let setting: Int
        var isMissingUserReported = false

        init(setting: Int) { self.setting = setting }
    }

    // MARK: - Rules

    @inline(__always)
    private mutating func evaluateRule(
        _ index: Int, in frame: inout Frame, of config: CompiledConfig, for user: ConfigCatUser?
    ) throws(InvalidConfigModel) -> Outcome? {
        let rule = config.rules.address(of: index)
        if rule.pointee.problem >= 0 {
            throw failure(rule.pointee.problem, at: frame.setting, rule: index, of: config)
        }
        let conditions = rule.pointee.conditions.range
        var result = ConditionResult.isTrue
        for condition in conditions {
            trace.beginCondition(isFirst: condition == conditions.lowerBound)
            result = try evaluateCondition(condition, of: index, in: &frame, of: config, for: user)
            if memory.work.isExceeded {
                throw exceeded(at: frame.setting, rule: index, condition: condition, of: config)
            }
            trace.endCondition(condition, isOnly: conditions.count == 1, result)
            if result != .isTrue { break }
        }
        trace.endConditions(of: index, result)
        return result == .isTrue ? try serve(index, in: &frame, of: config, for: user) : nil
    }

    /// Returns what a rule serves; nil if it serves percentage options, and the user has no bucket.
    @inline(__always)
    private mutating func serve(
        _ index: Int, in frame: inout Frame, of config: CompiledConfig, for user: ConfigCatUser?
    ) throws(InvalidConfigModel) -> Outcome? {
        let rule = config.rules.address(of: index)
        if let value = rule.pointee.value {
            return Outcome(value: value, variationID: rule.pointee.variationID, rule: Int32(index))
        }
        let setting = config.settings.address(of: frame.setting)
        trace.beginRuleOptions()
        let outcome = try evaluateOptions(rule.pointee.options, of: setting, in: &frame, of: config, for: user)
        trace.endRuleOptions(isServed: outcome != nil)
        guard var outcome else { return nil }
        outcome.rule = Int32(index)
        return outcome
    }

    private mutating func evaluateCondition(
        _ index: Int, of rule: Int, in frame: inout Frame, of config: CompiledConfig,
        for user: ConfigCatUser?
    ) throws(InvalidConfigModel) -> ConditionResult {
        let condition = config.conditions.address(of: index)
        switch condition.pointee.kind {
        case .user, .alwaysFalse:
            return evaluateUserCondition(index, condition, in: &frame, of: config, for: user)
        case .segment:
            return try evaluateSegment(index, condition, of: rule, in: &frame, of: config, for: user)
        case .prerequisite:
            return try evaluatePrerequisite(index, condition, of: rule, in: &frame, of: config, for: user)
        case .invalid:
            throw failure(condition.pointee.problem, at: frame.setting, rule: rule, condition: index, of: config)
        }
    }

    // MARK: - Segments

    private mutating func evaluateSegment(
        _ index: Int, _ condition: UnsafePointer<CompiledCondition>, of rule: Int, in frame: inout Frame,
        of config: CompiledConfig, for user: ConfigCatUser?
    ) throws(InvalidConfigModel) -> ConditionResult {
        guard user != nil else {
            trace.skipSegment(index)
            return missingUser(in: &frame)
        }
        trace.beginSegment(index)
        let result: ConditionResult
        if let known = segments[condition.pointee.target] {
            trace.repeatPassage(.segment(condition.pointee.target))
            repeatWarnings(of: condition.pointee.target, known, in: frame)
            result = known.result
        } else {
            trace.beginPassage()
            result = try evaluateConditions(
                ofSegment: Int(condition.pointee.target), at: index, of: rule, in: &frame, of: config, for: user)
            trace.endPassage(.segment(condition.pointee.target))
            segments.remember(
                condition.pointee.target,
                SegmentMemo.Known(result: result, warnings: segmentWarnings ?? [], setting: Int32(frame.setting)))
            segmentWarnings = nil
        }
        trace.endSegment(index, result)
        switch result {
        case .isTrue: return condition.pointee.isNegated ? .isFalse : .isTrue
        case .isFalse: return condition.pointee.isNegated ? .isTrue : .isFalse
        case .cannotEvaluate: return result
        }
    }

    private mutating func evaluateConditions(
        ofSegment target: Int, at index: Int, of rule: Int, in frame: inout Frame, of config: CompiledConfig,
        for user: ConfigCatUser?
    ) throws(InvalidConfigModel) -> ConditionResult {
        segmentWarnings = []
        let conditions = config.segments[target].conditions.range
        var result = ConditionResult.isTrue
        for part in conditions {
            let condition = config.conditions.address(of: part)
            if condition.pointee.kind == .invalid {
                throw failure(condition.pointee.problem, at: frame.setting, rule: rule, condition: index, of: config)
            }
            trace.beginCondition(isFirst: part == conditions.lowerBound)
            result = evaluateUserCondition(part, condition, in: &frame, of: config, for: user)
            trace.endSegmentCondition(result)
            if result != .isTrue || memory.work.isExceeded { break }
        }
        return result
    }

    // MARK: - Prerequisite flags

    private mutating func evaluatePrerequisite(
        _ index: Int, _ condition: UnsafePointer<CompiledCondition>, of rule: Int, in frame: inout Frame,
        of config: CompiledConfig, for user: ConfigCatUser?
    ) throws(InvalidConfigModel) -> ConditionResult {
        trace.beginPrerequisite(index)
        let value = try value(ofPrerequisite: condition.pointee.target, in: frame, of: config, for: user)
        let isMatch = areEqual(value, condition.pointee.value, in: config) != condition.pointee.isNegated
        trace.endPrerequisite(index, value: value, isMatch: isMatch)
        return isMatch ? .isTrue : .isFalse
    }

    private mutating func value(
        ofPrerequisite target: Int32, in frame: Frame, of config: CompiledConfig, for user: ConfigCatUser?
    ) throws(InvalidConfigModel) -> CompiledValue {
        if prerequisites.isEmpty { _ = prerequisites.open(Int32(frame.setting)) }
        switch prerequisites.state(of: target) {
        case .known(let known):
            trace.repeatPassage(.setting(target))
            if known.isMissingUserReported { trace.warn(EvaluationWarning(kind: .userMissing, setting: target)) }
            return config.value(of: target, rule: known.rule, option: known.option)
        case .open:
            let keys = (prerequisites.path + [target]).map { "'\(config.text(config.settings[Int($0)].key))'" }
            throw InvalidConfigModel(message: "circular dependency between flags: \(keys.joined(separator: " -> "))")
        case .unknown:
            guard prerequisites.depth <= Self.maximumDepth else {
                throw InvalidConfigModel(
                    message: "prerequisite flags are nested deeper than \(Self.maximumDepth) levels")
            }
            let visit = prerequisites.open(target)
            var frame = Frame(setting: Int(target))
            trace.beginPassage()
            let outcome = try evaluateSetting(in: &frame, of: config, for: user)
            trace.endPassage(.setting(target))
            prerequisites.close(
                visit,
                PrerequisiteMemo.Known(
                    rule: outcome.rule, option: outcome.option, isMissingUserReported: frame.isMissingUserReported))
            return outcome.value
        }
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

    // MARK: - Warnings

    mutating func warn(_ kind: EvaluationWarning.Kind, _ condition: Int = -1, in frame: Frame) {
        let warning = EvaluationWarning(kind: kind, setting: Int32(frame.setting), condition: Int32(condition))
        trace.warn(warning)
        segmentWarnings?.append(warning)
    }

    private mutating func repeatWarnings(of segment: Int32, _ known: SegmentMemo.Known, in frame: Frame) {
        guard !known.warnings.isEmpty, known.setting != Int32(frame.setting) else { return }
        for var warning in known.warnings {
            warning.setting = Int32(frame.setting)
            trace.warn(warning)
        }
        var known = known
        known.setting = Int32(frame.setting)
        segments.remember(segment, known)
    }

    mutating func missingUser(in frame: inout Frame) -> ConditionResult {
        if !frame.isMissingUserReported {
            frame.isMissingUserReported = true
            warn(.userMissing, in: frame)
        }
        return .cannotEvaluate(.userMissing)
    }
}
