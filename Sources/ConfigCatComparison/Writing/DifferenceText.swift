import ConfigCatEvaluation

/// Writes differences as plain text.
package struct DifferenceText {
    private var lines: [String] = []

    /// The text, without a line break at its end.
    package var text: String { lines.isEmpty ? "No difference." : lines.joined(separator: "\n") }

    /// Writes the differences of two configs, and for sample users those of their values.
    ///
    /// - Parameters:
    ///   - difference: The differences of the configs.
    ///   - users: The differences for users, and the names of all users; nil if there are no sample users.
    package init(_ difference: ConfigDifference, users: (differences: UserDifferences, names: [String])?) {
        for change in difference.changes {
            lines.append("\(Self.title(change.subject)) \(change.kind.rawValue)")
            lines += change.details.map { "  " + $0.text }
        }
        guard let users else { return }
        if !lines.isEmpty { lines.append("") }
        guard !users.differences.groups.isEmpty else {
            lines.append("None of \(Self.counted(users.names.count)) gets another value.")
            return
        }
        for group in users.differences.groups {
            let names = GroupNames(group, users.names)
            lines.append(
                "\(OneLine.text(group.key)): \(OneLine.text(group.before.text)) → \(OneLine.text(group.after.text)) for "
                    + "\(group.users.count) of \(Self.counted(users.names.count)): "
                    + names.shown.map(OneLine.text).joined(separator: ", ") + names.rest)
            lines.append("  before: " + Self.reason(group.before))
            lines.append("  after: " + Self.reason(group.after))
        }
    }

    private static func title(_ subject: ConfigDifference.Subject) -> String {
        switch subject {
        case .config: "config"
        case .segment(let name): "segment '\(OneLine.text(name))'"
        case .setting(let key): "setting '\(OneLine.text(key))'"
        }
    }

    private static func reason(_ outcome: UserDifferences.Outcome) -> String {
        OneLine.text(outcome.rule.map { "\(outcome.reason): \($0)" } ?? outcome.reason)
    }

    private static func counted(_ count: Int) -> String { "\(count) user\(count == 1 ? "" : "s")" }
}

/// The first names of the users of a group.
struct GroupNames {
    let shown: [String]
    /// How many are not shown, in words.
    let rest: String

    private static let limit = 10

    init(_ group: UserDifferences.Group, _ names: [String]) {
        shown = group.users.prefix(Self.limit).map { names.indices.contains($0) ? names[$0] : "\($0)" }
        let more = group.users.count - shown.count
        rest = more > 0 ? " and \(more) more" : ""
    }
}
