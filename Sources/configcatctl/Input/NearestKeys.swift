/// Suggestions for a mistyped setting key.
enum NearestKeys {
    /// Returns at most three keys within a few edits of a string, nearest first.
    static func suggestions(for text: String, among keys: [String]) -> [String] {
        let wanted = Array(text.lowercased())
        let limit = max(2, wanted.count / 3)
        let near = keys.compactMap { key -> (key: String, distance: Int)? in
            let candidate = Array(key.lowercased())
            guard abs(candidate.count - wanted.count) <= limit else { return nil }
            let distance = distance(wanted, candidate)
            return distance <= limit ? (key, distance) : nil
        }
        return near.sorted { ($0.distance, $0.key) < ($1.distance, $1.key) }.prefix(3).map(\.key)
    }

    /// Returns the least number of characters to insert, delete or replace (Levenshtein distance).
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var row = Array(0...right.count)
        for (i, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let replaced = diagonal + (character == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
