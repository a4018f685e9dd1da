/// The results of the segments that one evaluation has visited. They cannot change during the evaluation.
struct SegmentMemo {
    struct Known {
        var result: ConditionResult
        /// The warnings of the segment's conditions. Each setting that refers to the segment repeats them.
        var warnings: [EvaluationWarning] = []
        /// The setting that emitted the warnings last.
        var setting: Int32 = -1
    }

    /// One bit for each of the first 64 segments whose result is true, or false, without warnings. Storing these
    /// results allocates nothing.
    private var holding: UInt64 = 0
    private var failing: UInt64 = 0
    private var others: [Int32: Known]?

    @inline(__always)
    subscript(segment: Int32) -> Known? {
        let bit = Self.bit(segment)
        if holding & bit != 0 { return Known(result: .isTrue) }
        if failing & bit != 0 { return Known(result: .isFalse) }
        return others?[segment]
    }

    @inline(__always)
    mutating func remember(_ segment: Int32, _ known: Known) {
        let bit = Self.bit(segment)
        switch known.result {
        case .isTrue where bit != 0 && known.warnings.isEmpty: holding |= bit
        case .isFalse where bit != 0 && known.warnings.isEmpty: failing |= bit
        default:
            if others == nil { others = [:] }
            others?[segment] = known
        }
    }

    /// Returns the bit of a segment, or 0 if it is not one of the first 64.
    @inline(__always)
    private static func bit(_ segment: Int32) -> UInt64 {
        (0..<64).contains(segment) ? 1 << UInt64(segment) : 0
    }
}
