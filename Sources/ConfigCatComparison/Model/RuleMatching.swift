/// Finds which rules of two lists belong together.
struct RuleMatching {
    /// Pairs of equal rules of which one has moved across others that stayed.
    private(set) var moved: [(old: ComparedRule, new: ComparedRule)] = []
    /// Pairs that have the same conditions, or are at the same place among rules that stayed.
    private(set) var changed: [(old: ComparedRule, new: ComparedRule)] = []
    private(set) var removed: [ComparedRule] = []
    private(set) var added: [ComparedRule] = []

    /// The greatest number of rules for which the shortest difference is computed. Its time grows with the square.
    private static let limit = 1000

    /// A rule that did not stay, with the number of staying rules before it.
    private struct Rest {
        var rule: ComparedRule
        var gap: Int
    }

    init(_ old: [ComparedRule], _ new: [ComparedRule]) {
        guard old != new else { return }
        var (oldRest, newRest) = Self.rest(old, new)
        pair(&oldRest, &newRest, by: { $0 }) { moved.append(($0, $1)) }
        pair(&oldRest, &newRest, by: ComparedRule.Conditions.init) { changed.append(($0, $1)) }
        pairByPlace(&oldRest, &newRest)
        removed = oldRest.map(\.rule)
        added = newRest.map(\.rule)
        changed.sort { $0.new.number < $1.new.number }
    }

    private static func rest(_ old: [ComparedRule], _ new: [ComparedRule]) -> (old: [Rest], new: [Rest]) {
        var (removed, inserted) = (Set(old.indices), Set(new.indices))
        if old.count <= limit, new.count <= limit {
            (removed, inserted) = ([], [])
            for change in new.difference(from: old) {
                switch change {
                case .remove(let offset, _, _): removed.insert(offset)
                case .insert(let offset, _, _): inserted.insert(offset)
                }
            }
        } else {
            // Rules at the same place stay.
            for index in 0..<min(old.count, new.count) where old[index] == new[index] {
                removed.remove(index)
                inserted.remove(index)
            }
        }
        func collect(_ rules: [ComparedRule], _ indices: Set<Int>) -> [Rest] {
            var gap = 0
            var rest: [Rest] = []
            for (index, rule) in rules.enumerated() {
                if indices.contains(index) { rest.append(Rest(rule: rule, gap: gap)) } else { gap += 1 }
            }
            return rest
        }
        return (collect(old, removed), collect(new, inserted))
    }

    private func pair<Key: Hashable>(
        _ old: inout [Rest], _ new: inout [Rest], by key: (ComparedRule) -> Key,
        _ found: (ComparedRule, ComparedRule) -> Void
    ) {
        var places: [Key: [Int]] = [:]
        for (index, rest) in new.enumerated().reversed() { places[key(rest.rule), default: []].append(index) }
        var pairedNew: Set<Int> = []
        old.removeAll { rest in
            guard let index = places[key(rest.rule)]?.popLast() else { return false }
            pairedNew.insert(index)
            found(rest.rule, new[index].rule)
            return true
        }
        new = new.enumerated().filter { !pairedNew.contains($0.offset) }.map(\.element)
    }

    private mutating func pairByPlace(_ old: inout [Rest], _ new: inout [Rest]) {
        var rules: [Int: [Int]] = [:]
        for (index, rest) in new.enumerated().reversed() { rules[rest.gap, default: []].append(index) }
        var pairedNew: Set<Int> = []
        var rest: [Rest] = []
        for before in old {
            if let index = rules[before.gap]?.popLast() {
                pairedNew.insert(index)
                changed.append((before.rule, new[index].rule))
            } else {
                rest.append(before)
            }
        }
        old = rest
        new = new.enumerated().filter { !pairedNew.contains($0.offset) }.map(\.element)
    }
}
