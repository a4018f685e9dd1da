/// A range of elements in one of the arrays of a compiled config.
struct ArrayRange: Hashable {
    var start: UInt32
    var count: UInt32

    static let empty = ArrayRange(start: 0, count: 0)

    init(start: UInt32, count: UInt32) {
        self.start = start
        self.count = count
    }

    /// Creates the range from `start` up to, but not including, `end`.
    init(from start: Int, to end: Int) {
        self.init(start: UInt32(truncatingIfNeeded: start), count: UInt32(truncatingIfNeeded: end - start))
    }

    init(_ range: Range<Int>) {
        self.init(from: range.lowerBound, to: range.upperBound)
    }

    var isEmpty: Bool { count == 0 }
    var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}
