/// The work of one evaluation, in steps of about a nanosecond.
///
/// An evaluation visits each condition at most once, but one condition can still be expensive, because its list, the
/// config's salt and the user's attributes can be long. Work is counted rather than timed, so that an evaluation
/// exceeds the limit either on every machine or on none.
struct EvaluationWork {
    /// The greatest number of steps, about 20 ms. Typical configs need less than a hundredth of it.
    static let limit = 20_000_000

    /// The steps of a user condition, without those of its comparison.
    static let stepsOfCondition = 8

    /// Returns the steps of computing a hash: one per byte, and a constant for its setup and its end.
    static func stepsOfHashing(_ byteCount: Int) -> Int { 256 &+ byteCount }

    private(set) var steps = 0

    var isExceeded: Bool { steps > Self.limit }

    /// Returns whether the limit is exceeded after `count` more steps.
    @inline(__always)
    func isExceeded(after count: Int) -> Bool { steps &+ count > Self.limit }

    /// Adds steps. Overflow is ignored: an evaluation ends soon after the limit is exceeded, long before that.
    @inline(__always)
    mutating func add(_ count: Int) { steps &+= count }
}
