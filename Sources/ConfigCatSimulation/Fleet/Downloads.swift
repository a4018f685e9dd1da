/// The times of the requests for each config, and the precision of the stores' dates. They decide whether replacing a
/// newer config by an older one is a violation: downloads are ordered by when they were requested, not by their contents.
struct Downloads {
    private var asked: [Int: (first: Int64, last: Int64)] = [:]
    /// The longest response time of a store, in milliseconds. Dates may be too early by that much.
    private var longestAnswer: Int64 = 0

    /// Notes a request for a config, and the time at which it was sent.
    mutating func add(_ version: Int, asked time: Int64) {
        let before = asked[version] ?? (time, time)
        asked[version] = (min(before.first, time), max(before.last, time))
    }

    /// Notes the response time of a store.
    mutating func addAnswer(after milliseconds: Int64) { longestAnswer = max(longestAnswer, milliseconds) }

    /// Returns whether every request for one config was sent before any request for another, as far as stores can tell.
    func isOlder(_ version: Int, than other: Int) -> Bool {
        guard version < other, let last = asked[version]?.last, let first = asked[other]?.first else { return false }
        return last < first - longestAnswer - 2
    }
}
