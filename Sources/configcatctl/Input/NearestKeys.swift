import ConfigCatEvaluation

/// Suggestions for a mistyped setting key.
enum NearestKeys {
    /// Returns at most three keys within a few edits of a string, nearest first.
    static func suggestions(for text: String, among keys: [String]) -> [String] {
        let wanted = Array(text.lowercased())
        let limit = max(2, wanted.count / 3)
        let near = keys.compactMap { key -> (key: String, distance: Int)? in
            let candidate = Array(key.lowercased())
            guard abs(candidate.count - wanted.count) <= limit else { return nil }
            let distance = EditDistance.between(wanted, candidate)
            return distance <= limit ? (key, distance) : nil
        }
        return near.sorted { ($0.distance, $0.key) < ($1.distance, $1.key) }.prefix(3).map(\.key)
    }
}
