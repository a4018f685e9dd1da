import ConfigCatEvaluation

/// Writes differences as Markdown, for comments on pull requests.
package struct DifferenceMarkdown {
    private var lines: [String] = []

    /// The Markdown, without a line break at its end.
    package var text: String { lines.joined(separator: "\n") }

    /// Writes the differences of two configs, and for sample users those of their values.
    ///
    /// - Parameters:
    ///   - difference: The differences of the configs.
    ///   - users: The differences for users, and the names of all users; nil if there are no sample users.
    package init(_ difference: ConfigDifference, users: (differences: UserDifferences, names: [String])?) {
        lines = ["### Changes of the config", ""]
        if difference.changes.isEmpty { lines.append("No difference.") }
        for change in difference.changes {
            lines.append("- \(Self.title(change.subject)) **\(change.kind.rawValue)**")
            lines += change.details.map { "  - " + Self.text($0) }
        }
        guard let users else { return }
        let count = users.names.count
        lines += ["", "### Changes for \(count) sample user\(count == 1 ? "" : "s")", ""]
        if users.differences.groups.isEmpty { lines.append("No user gets another value.") }
        for group in users.differences.groups {
            let names = GroupNames(group, users.names)
            lines.append(
                "- \(Self.code(group.key)): \(Self.code(group.before.text)) → \(Self.code(group.after.text)) for "
                    + "\(group.users.count): " + names.shown.map(Self.code).joined(separator: ", ") + names.rest)
            lines.append("  - before: " + Self.reason(group.before))
            lines.append("  - after: " + Self.reason(group.after))
        }
    }

    private static func title(_ subject: ConfigDifference.Subject) -> String {
        switch subject {
        case .config: "The config"
        case .segment(let name): "The segment \(code(name))"
        case .setting(let key): "The setting \(code(key))"
        }
    }

    private static func text(_ detail: DifferenceDetail) -> String {
        detail.fragments.map { fragment in
            switch fragment {
            case .words(let text): text
            case .code(let text): code(text)
            }
        }.joined()
    }

    private static func reason(_ outcome: UserDifferences.Outcome) -> String {
        let reason = outcome.value == nil ? code(outcome.reason) : outcome.reason
        return outcome.rule.map { "\(reason): \(code($0))" } ?? reason
    }

    /// Returns a text as a code span, in which Markdown has no other special characters than the backtick: the fence is
    /// longer than any run of backticks in the text (CommonMark 0.31, section 6.1).
    static func code(_ text: String) -> String {
        let text = OneLine.text(text)
        var longest = 0
        var run = 0
        for byte in text.utf8 {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        guard !text.isEmpty else { return "(empty)" }
        let fence = String(repeating: "`", count: longest + 1)
        // Scalars, not characters: Markdown sees a backtick also where a combining mark follows it.
        let ends: [Unicode.Scalar?] = [text.unicodeScalars.first, text.unicodeScalars.last]
        let isPadded = ends.contains("`") || ends.contains(" ")
        let padding = isPadded ? " " : ""
        return fence + padding + text + padding + fence
    }
}
