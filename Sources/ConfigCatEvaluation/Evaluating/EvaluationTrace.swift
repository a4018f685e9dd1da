/// An observer of an evaluation. The evaluator calls a method for each step, in order.
protocol EvaluationTrace {
    /// Whether the methods for rules and conditions do anything. If not, the evaluator may skip rules that do not match.
    static var observesRules: Bool { get }
    mutating func begin(_ setting: Int)
    mutating func beginRules()
    mutating func beginCondition(isFirst: Bool)
    mutating func userCondition(_ condition: Int)
    mutating func endCondition(_ condition: Int, isOnly: Bool, _ result: ConditionResult)
    mutating func endConditions(of rule: Int, _ result: ConditionResult)
    mutating func skipSegment(_ condition: Int)
    mutating func beginSegment(_ condition: Int)
    mutating func endSegmentCondition(_ result: ConditionResult)
    mutating func endSegment(_ condition: Int, _ result: ConditionResult)
    mutating func beginPrerequisite(_ condition: Int)
    mutating func endPrerequisite(_ condition: Int, value: CompiledValue, isMatch: Bool)
    /// Begins a segment or a prerequisite flag, which is evaluated once, up to `endPassage`. Where its result is needed
    /// again, `repeatPassage` is called instead.
    mutating func beginPassage()
    mutating func endPassage(_ subject: PassageSubject)
    mutating func repeatPassage(_ subject: PassageSubject)
    mutating func beginRuleOptions()
    mutating func endRuleOptions(isServed: Bool)
    mutating func skipOptions(_ attribute: AttributeReference, _ obstacle: SkipReason)
    mutating func beginOptions(_ attribute: AttributeReference, bucket: Int)
    mutating func selectOption(_ option: Int, number: Int, bucket: Int)
    mutating func end(_ outcome: Outcome)
    mutating func warn(_ warning: EvaluationWarning)
}

/// A segment or a setting that is evaluated only once, however often conditions refer to it.
enum PassageSubject: Hashable {
    case segment(Int32)
    case setting(Int32)
}

/// By default, rules are observed, and every method except `warn` does nothing.
extension EvaluationTrace {
    @inline(__always) static var observesRules: Bool { true }
    @inline(__always) mutating func begin(_ setting: Int) {}
    @inline(__always) mutating func beginRules() {}
    @inline(__always) mutating func beginCondition(isFirst: Bool) {}
    @inline(__always) mutating func userCondition(_ condition: Int) {}
    @inline(__always) mutating func endCondition(_ condition: Int, isOnly: Bool, _ result: ConditionResult) {}
    @inline(__always) mutating func endConditions(of rule: Int, _ result: ConditionResult) {}
    @inline(__always) mutating func skipSegment(_ condition: Int) {}
    @inline(__always) mutating func beginSegment(_ condition: Int) {}
    @inline(__always) mutating func endSegmentCondition(_ result: ConditionResult) {}
    @inline(__always) mutating func endSegment(_ condition: Int, _ result: ConditionResult) {}
    @inline(__always) mutating func beginPrerequisite(_ condition: Int) {}
    @inline(__always) mutating func endPrerequisite(_ condition: Int, value: CompiledValue, isMatch: Bool) {}
    @inline(__always) mutating func beginPassage() {}
    @inline(__always) mutating func endPassage(_ subject: PassageSubject) {}
    @inline(__always) mutating func repeatPassage(_ subject: PassageSubject) {}
    @inline(__always) mutating func beginRuleOptions() {}
    @inline(__always) mutating func endRuleOptions(isServed: Bool) {}
    @inline(__always) mutating func skipOptions(_ attribute: AttributeReference, _ obstacle: SkipReason) {}
    @inline(__always) mutating func beginOptions(_ attribute: AttributeReference, bucket: Int) {}
    @inline(__always) mutating func selectOption(_ option: Int, number: Int, bucket: Int) {}
    @inline(__always) mutating func end(_ outcome: Outcome) {}
}

/// Collects the warnings only. Without warnings, it allocates nothing.
struct WarningTrace: EvaluationTrace {
    @inline(__always) static var observesRules: Bool { false }

    private(set) var warnings = WarningList()

    mutating func warn(_ warning: EvaluationWarning) {
        warnings.add(warning)
    }
}
