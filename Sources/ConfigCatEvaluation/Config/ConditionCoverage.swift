/// The different conditions of one setting, and which of them cover each other. A condition covers another if it is met
/// by every user who meets the other, because both are the same or because of their lists.
///
/// Lists are indexed by an item that few of them have, so that not every pair of lists has to be compared.
struct ConditionCoverage {
    /// A value that is equal for two conditions if they are the same.
    private enum Identity: Hashable {
        case text(Int, UserComparator, [UInt8])
        case number(Int, UserComparator, Double)
        case versions(Int, UserComparator, [[UInt8]])
        case list(ListKind, Set<[UInt8]>)
        case segment(Int, isNegated: Bool)
        case prerequisite([UInt8], PrerequisiteValue, isNegated: Bool)
    }

    /// An attribute and a comparator. Only lists that have both in common are compared.
    private struct ListKind: Hashable {
        var attribute: Int
        var comparator: UserComparator
        /// Whether more users meet the condition if the list is longer.
        var isPositive: Bool { !comparator.text.contains("NOT") }
    }

    private enum PrerequisiteValue: Hashable {
        case bool(Bool), text([UInt8]), int(Int), double(Double)

        init(_ value: SettingValue) {
            switch value {
            case .bool(let value): self = .bool(value)
            case .string(let value): self = .text(Array(value.utf8))
            case .int(let value): self = .int(value)
            case .double(let value): self = .double(value)
            }
        }
    }

    private struct ListItem: Hashable {
        var kind: ListKind
        /// The item; nil stands for the empty list.
        var item: [UInt8]?
    }

    /// A number for each attribute, because names can be long.
    private var attributes: [[UInt8]: Int] = [:]
    private var identifiers: [Identity: Int] = [:]
    private var lists: [Int: (kind: ListKind, items: Set<[UInt8]>)] = [:]
    /// The number of different lists that have an item.
    private var frequencies: [ListItem: Int] = [:]
    /// Positive lists by each of their items, and negative lists by the item that the fewest lists have.
    private var wideLists: [ListItem: [Int]] = [:]

    /// Returns a number that is the same for equal conditions; nil for a condition that covers none, not even itself.
    mutating func identifier(of condition: Condition.Kind) -> Int? {
        guard let identity = identity(of: condition) else { return nil }
        if let known = identifiers[identity] { return known }
        let identifier = identifiers.count
        identifiers[identity] = identifier
        if case .list(let kind, let items) = identity {
            lists[identifier] = (kind, items)
            for item in items { frequencies[ListItem(kind: kind, item: item), default: 0] += 1 }
        }
        return identifier
    }

    private mutating func identity(of condition: Condition.Kind) -> Identity? {
        switch condition {
        case .user(let attribute, let comparator, let value):
            let name = Array(attribute.utf8)
            let attribute = attributes[name] ?? attributes.count
            attributes[name] = attribute
            switch value {
            case .text(let text): return .text(attribute, comparator, Array(text.utf8))
            case .number(let number): return number.isNaN ? nil : .number(attribute, comparator, number)
            case .list(let items):
                let items = items.map { Array($0.utf8) }
                // One item that is not a version makes the whole condition false, so longer lists do not cover more.
                if comparator.isSemver { return .versions(attribute, comparator, items) }
                return .list(ListKind(attribute: attribute, comparator: comparator), Set(items))
            }
        case .segment(let segment, let isNegated):
            return .segment(segment.index, isNegated: isNegated)
        case .prerequisite(let key, let value, let isNegated):
            if case .double(let number) = value, number.isNaN { return nil }
            return .prerequisite(Array(key.utf8), PrerequisiteValue(value), isNegated: isNegated)
        case .invalid:
            return nil
        }
    }

    /// Adds a condition to those that `covering` finds. Call it after `identifier(of:)` has seen all conditions.
    mutating func addWide(_ identifier: Int) {
        guard let (kind, items) = lists[identifier] else { return }
        if kind.isPositive {
            for item in [nil] + items.map(Optional.some) {
                wideLists[ListItem(kind: kind, item: item), default: []].append(identifier)
            }
        } else {
            wideLists[rarest(items, kind) { frequencies[$0] ?? 0 }, default: []].append(identifier)
        }
    }

    /// Returns the condition itself, and the conditions added with `addWide` that cover it.
    func covering(_ identifier: Int) -> [Int] {
        guard let (kind, items) = lists[identifier] else { return [identifier] }
        var found: [Int] = [identifier]
        if kind.isPositive {
            let candidates = wideLists[rarest(items, kind) { wideLists[$0]?.count ?? 0 }] ?? []
            found += candidates.filter { $0 != identifier && items.isSubset(of: lists[$0]?.items ?? []) }
        } else {
            for item in [nil] + items.map(Optional.some) {
                let candidates = wideLists[ListItem(kind: kind, item: item)] ?? []
                found += candidates.filter { $0 != identifier && lists[$0]?.items.isSubset(of: items) == true }
            }
        }
        return found
    }

    private func rarest(_ items: Set<[UInt8]>, _ kind: ListKind, _ count: (ListItem) -> Int) -> ListItem {
        items.lazy.map { ListItem(kind: kind, item: $0) }.min { count($0) < count($1) }
            ?? ListItem(kind: kind, item: nil)
    }
}
