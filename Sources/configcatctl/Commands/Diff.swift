import ArgumentParser
import ConfigCat
import ConfigCatCommandLine
import ConfigCatComparison
import ConfigCatEvaluation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct Diff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares the meaning of two configs.",
        discussion: """
            With --users, also evaluates all settings of both configs for sample users, and prints who gets another value \
            of what, and why. The exit code is 2 if a user gets another value or, without --users, if the configs differ \
            in meaning; otherwise it is 0.
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, markdown }

    @Argument(help: "The old config JSON (v6 or v5), or a file of plain values.")
    var old: String

    @Argument(help: "The new one.")
    var new: String

    @Option(
        help: ArgumentHelp(
            "Sample users, a line of JSON for each: {\"Identifier\", \"Email\"?, \"Country\"?, \"custom\"?}.",
            valueName: "file"))
    var users: String?

    @Option(help: "The form of the output.")
    var format = Format.text

    @Flag(help: "The same as --format json: a line for each change, and for each user and setting.")
    var json = false

    func run() async throws {
        let (before, after) = (try ConfigFile.read(old), try ConfigFile.read(new))
        let users = try users.map(SampleUsers.init)
        let difference = ConfigDifference(from: before, to: after)
        let differences = users.map { UserDifferences(from: before, to: after, for: $0.users) }
        let named = users.flatMap { users in differences.map { ($0, users.names) } }
        switch json ? .json : format {
        case .text: Console.write(DifferenceText(difference, users: named).text)
        case .markdown: Console.write(DifferenceMarkdown(difference, users: named).text)
        case .json: Self.printLines(difference, named)
        }
        guard differences?.groups.isEmpty ?? difference.changes.isEmpty else { throw ExitCode(2) }
    }

    private static func printLines(
        _ difference: ConfigDifference, _ users: (differences: UserDifferences, names: [String])?
    ) {
        for change in difference.changes {
            var line = JSONLine()
            line.add("change", change.kind.rawValue)
            switch change.subject {
            case .config: line.add("config", true)
            case .segment(let name): line.add("segment", name)
            case .setting(let key): line.add("setting", key)
            }
            let details = change.details.map { JSONEscapes.quoted($0.text) }
            line.add("details", json: "[\(details.joined(separator: ", "))]")
            Console.write(line.text)
        }
        guard let users else { return }
        for group in users.differences.groups {
            for user in group.users {
                var line = JSONLine()
                line.add("change", "value")
                line.add("setting", group.key)
                line.add("userNumber", user + 1)
                line.add("user", users.names[user])
                line.add("before", json: json(group.before))
                line.add("after", json: json(group.after))
                Console.write(line.text)
            }
        }
    }

    private static func json(_ outcome: UserDifferences.Outcome) -> String {
        var object = JSONLine()
        object.add("value", json: outcome.value?.json ?? "null")
        object.add("reason", outcome.reason)
        object.add("rule", outcome.rule)
        return object.text
    }
}

/// The users of a file with a line of JSON for each.
private struct SampleUsers {
    private(set) var users: [ConfigCatUser?] = []
    /// The identifiers, for messages.
    private(set) var names: [String] = []

    /// Reads the file. Empty lines are ignored, and `null` is an evaluation without a user.
    ///
    /// - Throws: `CommandError` if the file cannot be read, or a line is not a user; it names the line.
    init(_ path: String) throws {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw CommandError("\(path): cannot be read")
        }
        for (index, line) in data.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            guard let text = String(validating: line, as: UTF8.self) else {
                throw CommandError("\(path): line \(index + 1): not UTF-8")
            }
            guard text.contains(where: { !$0.isWhitespace }) else { continue }
            do {
                let user = try UserJSON.user(json: text)
                users.append(user)
                names.append(user?.identifier ?? "no user")
            } catch {
                throw CommandError("\(path): line \(index + 1): \(error)")
            }
        }
    }
}
