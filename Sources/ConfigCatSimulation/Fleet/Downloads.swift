/// When configs were asked for, and how exactly stores can tell. It decides whether an older config in the place of a newer
/// one is a violation: downloads are ordered by when they were asked for, not by what was in them.
struct Downloads {
    private var asked: [Int: (first: Int64, last: Int64)] = [:]
    /// The longest that a store has taken to answer. Dates may be too early by that.
    private var longestAnswer: Int64 = 0

    mutating func add(_ version: Int, asked time: Int64) {
        let before = asked[version] ?? (time, time)
        asked[version] = (min(before.first, time), max(before.last, time))
    }

    mutating func addAnswer(after milliseconds: Int64) { longestAnswer = max(longestAnswer, milliseconds) }

    /// Returns whether every download of one config was asked for before every download of another, as far as stores can tell.
    func isOlder(_ version: Int, than other: Int) -> Bool {
        guard version < other, let last = asked[version]?.last, let first = asked[other]?.first else { return false }
        return last < first - longestAnswer - 2
    }
}
