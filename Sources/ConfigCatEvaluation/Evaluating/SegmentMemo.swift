/// The results of the segments that one evaluation has visited, which cannot change within it.
struct SegmentMemo {
    struct Known {
        var result: ConditionResult
        /// The warnings of its conditions, which each setting gives that refers to the segment.
        var warnings: [EvaluationWarning] = []
        /// The setting that gave them last.
        var setting: Int32 = -1
    }

    /// One bit for each of the first segments that held, or did not, without warnings: remembering them allocates
    /// nothing.
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

    /// 0 if the segment is not one of the first 64.
    @inline(__always)
    private static func bit(_ segment: Int32) -> UInt64 {
        (0..<64).contains(segment) ? 1 << UInt64(segment) : 0
    }
}
