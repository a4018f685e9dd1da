/// The work of one evaluation, in steps of about a nanosecond.
///
/// An evaluation visits each condition at most once, but one condition can still be expensive: its list, the config's
/// salt and the user's attributes can all be long. Work is counted rather than timed, so that an evaluation that
/// exceeds the limit does so on every machine.
struct EvaluationWork {
    /// About 20 ms. Configs of real size need less than a hundredth of it.
    static let limit = 20_000_000

    /// One for each byte, and what setting up and finishing a hash takes.
    static func stepsOfHashing(_ byteCount: Int) -> Int { 256 &+ byteCount }

    private(set) var steps = 0

    var isExceeded: Bool { steps > Self.limit }

    /// Wraps rather than traps: an evaluation ends soon after the limit is exceeded.
    @inline(__always)
    mutating func add(_ count: Int) { steps &+= count }
}
