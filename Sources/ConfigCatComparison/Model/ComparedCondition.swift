import ConfigCatEvaluation

/// A condition, for comparisons: equal ones are met by the same users.
struct ComparedCondition: Hashable {
    private enum Identity: Hashable {
        case text(Bytes, UserComparator, Bytes, salt: Bytes?)
        case number(Bytes, UserComparator, UInt64)
        case list(Bytes, UserComparator, Set<Bytes>, salt: Bytes?)
        case segment(SegmentName, isNegated: Bool)
        case prerequisite(Bytes, ComparedValue, isNegated: Bool)
        case invalid(String)
    }

    private let identity: Identity
    let text: String
    /// The comparison values of a list, in the order of the document.
    private let items: [String]

    /// - Parameters:
    ///   - condition: The condition.
    ///   - salt: The config's salt. Hashes with different salts are never equal.
    ///   - segments: The names of the config's segments by their index.
    init(_ condition: Condition, salt: Bytes?, segments: [SegmentName]) {
        text = condition.text
        var items: [String] = []
        switch condition.kind {
        case .user(let attribute, let comparator, let value):
            let name = Array(attribute.utf8)
            let salt = comparator.isSaltedHash ? salt : nil
            switch value {
            case .text(let text): identity = .text(name, comparator, Array(text.utf8), salt: salt)
            case .number(let number): identity = .number(name, comparator, (number == 0 ? 0 : number).bitPattern)
            case .list(let list):
                items = list
                identity = .list(name, comparator, Set(list.map { Array($0.utf8) }), salt: salt)
            }
        case .segment(let segment, let isNegated):
            let name = segments.indices.contains(segment.index) ? segments[segment.index] : SegmentName(segment.name)
            identity = .segment(name, isNegated: isNegated)
        case .prerequisite(let key, let value, let isNegated):
            identity = .prerequisite(Array(key.utf8), ComparedValue(value, nil), isNegated: isNegated)
        case .invalid(let problem):
            identity = .invalid(problem)
        }
        self.items = items
    }

    static func == (left: Self, right: Self) -> Bool { left.identity == right.identity }
    func hash(into hasher: inout Hasher) { hasher.combine(identity) }

    /// Whether the result does not depend on what is evaluated before: its evaluation never fails.
    var isIndependent: Bool {
        switch identity {
        case .text, .number, .list: true
        case .segment, .prerequisite, .invalid: false
        }
    }

    var usesSalt: Bool {
        switch identity {
        case .text(_, let comparator, _, _), .list(_, let comparator, _, _): comparator.isSaltedHash
        default: false
        }
    }

    /// The name of the segment that the condition refers to.
    var segment: SegmentName? {
        if case .segment(let name, _) = identity { name } else { nil }
    }

    var prerequisite: Bytes? {
        if case .prerequisite(let key, _, _) = identity { key } else { nil }
    }

    /// Returns how a list has become another list of the same attribute and comparator; nil if they are not such.
    func listChange(to other: ComparedCondition) -> DifferenceDetail? {
        guard case .list(let attribute, let comparator, let old, let oldSalt) = identity,
            case .list(attribute, comparator, let new, let newSalt) = other.identity
        else { return nil }
        let name = String(decoding: attribute, as: UTF8.self)
        var detail = DifferenceDetail([.code("User.\(name) \(comparator.text)"), .words(": ")])
        if comparator.isHashed {
            guard oldSalt == newSalt else {
                detail.add(.words("\(counted(old.count)) became \(counted(new.count)), hashed with another salt"))
                return detail
            }
            let (added, removed) = (new.subtracting(old).count, old.subtracting(new).count)
            let parts = [
                added > 0 ? "added \(counted(added))" : nil, removed > 0 ? "removed \(counted(removed))" : nil,
            ]
            detail.add(.words(parts.compactMap { $0 }.joined(separator: ", ")))
            return detail
        }
        var isFirst = true
        for (verb, items) in [
            ("added ", other.items.filter { !old.contains(Array($0.utf8)) }),
            ("removed ", self.items.filter { !new.contains(Array($0.utf8)) }),
        ] where !items.isEmpty {
            detail.add(.words((isFirst ? "" : "; ") + verb))
            isFirst = false
            let shown = items.prefix(Self.shownItems).map { "'\($0)'" }.joined(separator: ", ")
            detail.add(.code(shown))
            let more = items.count - Self.shownItems
            if more > 0 { detail.add(.words(" and \(more) more")) }
        }
        return detail
    }

    /// The greatest number of values of each kind that a list change shows.
    private static let shownItems = 20

    private func counted(_ count: Int) -> String { "\(count) hashed value\(count == 1 ? "" : "s")" }
}

/// The name of a segment, with its place among segments of the same name.
struct SegmentName: Hashable {
    let bytes: Bytes
    let ordinal: Int

    init(_ name: String, ordinal: Int = 0) {
        bytes = Array(name.utf8)
        self.ordinal = ordinal
    }

    /// Returns the names of segments by their index, which may differ from config to config.
    static func names(of segments: [Segment]) -> [SegmentName] {
        var counts: [Bytes: Int] = [:]
        return segments.map { segment in
            let bytes = Array(segment.name.utf8)
            let ordinal = counts[bytes, default: 0]
            counts[bytes] = ordinal + 1
            return SegmentName(segment.name, ordinal: ordinal)
        }
    }
}

extension UserComparator {
    /// Whether comparison values are hashes with the config's salt.
    fileprivate var isSaltedHash: Bool { isHashed && self != .isOneOfSHA1 && self != .isNotOneOfSHA1 }
}
