import ConfigCatEvaluation
import ConfigCatTestSupport
import Foundation
import Testing

@testable import ConfigCatComparison

/// Configs and sample users that a comparison does not expect.
@Suite("Adversity: configcatctl diff", .cleanup)
struct DiffAdversityIntegrationTests {
    private func diff(_ arguments: String...) async throws -> (output: String, errors: String, code: Int32) {
        let process = try ChildProcess(Tools.built("configcatctl"), ["diff"] + arguments)
        let code = try await process.ended()
        return (process.output, process.errors, code)
    }

    @Test(
        "a code span of Markdown is closed, whatever joins its first or last backtick",
        arguments: [
            "`\u{301}<img src=x>", "@all`\u{301}", "``\u{20DD}x", "x`\u{FE0F}`", "\u{301}`", "`", "``", " ", "a` ",
            "\u{1FEF}x",
        ])
    func codeSpans(text: String) {
        let code = Array(DifferenceMarkdown.code(text).unicodeScalars)
        let fence = code.prefix { $0 == "`" }.count
        #expect(code.reversed().prefix { $0 == "`" }.count == fence)
        let content = code.dropFirst(fence).dropLast(fence)
        #expect(content.first != "`" && content.last != "`")
        for run in content.split(whereSeparator: { $0 != "`" }) { #expect(run.count != fence) }
    }

    @Test("a line of users that is not UTF-8 or is no user is an error that names the line")
    func badLines() async throws {
        try await withFolder { folder in
            let config = folder.appending(path: "flags.json")
            try Data(#"{"flags": {"a": true}}"#.utf8).write(to: config)
            let users = folder.appending(path: "users.jsonl")
            let invalid: [UInt8] = Array("{\"Identifier\": \"a".utf8) + [0xFF] + Array("\"}".utf8)
            let texts: [String] = [
                "[1]", "{", "\0", "{\"Identifier\": 1}",
                "{\"Identifier\": \"1\"} {}", "{\"Identifier\": \"1\", \"custom\": {\"x\": [[1]]}}",
                String(repeating: "[", count: 200_000),
            ]
            for bad in [invalid] + texts.map({ Array($0.utf8) }) {
                var file = Data("{\"Identifier\": \"1\"}\r\n\n".utf8)
                file.append(contentsOf: bad)
                try file.write(to: users)
                let result = try await diff(config.path, config.path, "--users", users.path)
                #expect(
                    result.code == 1 && result.errors.contains("\(users.path): line 3: "),
                    "\(bad.prefix(20)): \(result.errors)")
                #expect(result.output.isEmpty)
            }
        }
    }

    @Test("texts that differ only in their Unicode form are differences")
    func unicode() throws {
        func config(_ text: String) throws -> Config {
            let hash = String(repeating: "0", count: 64)
            return try Config(
                json: """
                    {"p": {"s": "\(text)"}, "f": {"\(text)": {"t": 1, "a": "\(text)", "v": {"s": "\(text)"},
                    "r": [{"c": [{"u": {"a": "Email", "c": 16, "l": ["\(hash)"]}}], "s": {"v": {"s": "\(text)"}}}]}}}
                    """)
        }
        let (old, new) = (try config("caf\u{E9}"), try config("cafe\u{301}"))
        let difference = ConfigDifference(from: old, to: new)
        #expect(difference.changes.map(\.kind) == [.changed, .added, .removed])
        #expect(difference.changes.first?.details.first?.text.hasPrefix("the salt") == true)
        let users = UserDifferences(from: old, to: new, for: [nil])
        #expect(users.groups.count == 2)
        #expect(ConfigDifference(from: old, to: old).changes.isEmpty)
    }
}
