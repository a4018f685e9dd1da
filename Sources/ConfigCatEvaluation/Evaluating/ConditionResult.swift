/// The result of a condition.
enum ConditionResult: Equatable {
    case isTrue
    case isFalse
    /// The condition cannot be evaluated, so its targeting rule is ignored.
    case cannotEvaluate(SkipReason)
}

/// The reason why a condition cannot be evaluated.
enum SkipReason: Equatable {
    case userMissing
    case attributeMissing
    case attributeInvalid
}
