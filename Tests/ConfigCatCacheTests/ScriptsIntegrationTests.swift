import ConfigCatTestSupport
import Foundation
import Testing

/// What `make api-check` and `make check-snippets` notice.
@Suite(
    "Scripts",
    .enabled(if: Tools.has("python3") && Tools.has("make"), "needs python3 and make: make deps installs them"))
struct ScriptsIntegrationTests {
    /// The modules that have a baseline.
    private static var modules: [String] {
        get throws { try files(Tools.project.appending(path: "api")).map { String($0.dropLast(".txt".count)) } }
    }

    /// The beginning of a symbol graph in which a type T conforms to a protocol P and has a method.
    private static let graph = """
        {"symbols": [
        {"identifier": {"precise": "t"}, "accessLevel": "open", "pathComponents": ["T"]},
        {"identifier": {"precise": "p"}, "accessLevel": "public", "pathComponents": ["P"]},
        {"identifier": {"precise": "d"}, "accessLevel": "public", "pathComponents": ["P", "f()"]},
        {"identifier": {"precise": "r"}, "accessLevel": "public", "pathComponents": ["P", "f()"]},
        {"identifier": {"precise": "m"}, "accessLevel": "public", "pathComponents": ["T", "m(x:)"],
         "declarationFragments": [{"spelling": "func m(x: Int = 1)"}],
         "swiftExtension": {"constraints": [{"kind": "sameType", "lhs": "U", "rhs": "Int"}]}}
        ], "relationships": [
        {"kind": "requirementOf", "source": "r", "target": "p"},
        {"kind": "conformsTo", "source": "t", "target": "p",
         "swiftConstraints": [{"kind": "conformance", "lhs": "U", "rhs": "Equatable"}]}
        ]}
        """

    /// Calls `body` with a copy of the Makefile and its scripts, in which nothing is installed.
    private func withScripts(_ body: (URL) async throws -> Void) async throws {
        try await withFolder { folder in
            let files = FileManager.default
            try files.copyItem(at: Tools.project.appending(path: "Makefile"), to: folder.appending(path: "Makefile"))
            try files.copyItem(at: Tools.project.appending(path: "Scripts"), to: folder.appending(path: "Scripts"))
            try Data("#!/bin/sh\n".utf8).write(to: folder.appending(path: "Scripts/deps.sh"))
            for name in ["graphs", "Sources/ConfigCat", "Snippets"] {
                try files.createDirectory(at: folder.appending(path: name), withIntermediateDirectories: true)
            }
            try write("@_exported public import struct M.S\n", to: "Sources/ConfigCat/Exports.swift", folder)
            try await body(folder)
        }
    }

    private func write(_ text: String, to path: String, _ folder: URL) throws {
        try Data(text.utf8).write(to: folder.appending(path: path))
    }

    private func api(_ command: String, _ graph: String, _ folder: URL) async throws {
        for module in try Self.modules { try write(graph, to: "graphs/\(module).symbols.json", folder) }
        try await Tools.run("python3", "Scripts/api.py", command, "graphs", in: folder)
    }

    @Test(
        "a change of the API is noticed even if no declaration shows it",
        arguments: [
            ("func m(x: Int = 1)", "func m(x: Int = 2)"), ("Int = 1)", "Int = 1) throws"),
            (#""kind": "requirementOf""#, #""kind": "memberOf""#), (#""rhs": "Equatable""#, #""rhs": "Hashable""#),
            (#""lhs": "U", "rhs": "Int""#, #""lhs": "U", "rhs": "String""#), (#""open""#, #""public""#),
            (#""conformsTo""#, #""memberOf""#),
            (
                #""pathComponents": ["P"]"#,
                #""pathComponents": ["P"], "availability": [{"domain": "macOS", "introduced": {"major": 99}}]"#
            ),
        ])
    func api(_ old: String, becomes new: String) async throws {
        try await withScripts { folder in
            try await api("write", Self.graph, folder)
            try await api("check", Self.graph, folder)
            let changed = Self.graph.replacingOccurrences(of: old, with: new)
            #expect(changed != Self.graph)
            await #expect(throws: Tools.Failed.self) { try await api("check", changed, folder) }
        }
    }

    @Test("a symbol that is no longer re-exported is noticed")
    func reExports() async throws {
        try await withScripts { folder in
            try await api("write", Self.graph, folder)
            try write("public import struct M.S\n", to: "Sources/ConfigCat/Exports.swift", folder)
            await #expect(throws: Tools.Failed.self) { try await api("check", Self.graph, folder) }
        }
    }

    @Test("a compiler that fails makes make api-check fail, even if there are symbol graphs of an earlier state")
    func staleGraphs() async throws {
        try await withScripts { folder in
            try await api("write", Self.graph, folder)
            try FileManager.default.createDirectory(
                at: folder.appending(path: ".build/triple"), withIntermediateDirectories: true)
            try FileManager.default.moveItem(
                at: folder.appending(path: "graphs"), to: folder.appending(path: ".build/triple/symbolgraph"))
            await #expect(throws: Tools.Failed.self) {
                try await Tools.run("make", "api-check", "SWIFT=false", in: folder)
            }
        }
    }

    @Test(
        "Swift code of a guide that is not compiled is noticed, in any form of a block",
        arguments: [
            "```swift\nlet a = 2\n```", "```Swift\nlet a = 2\n```", "``` swift\nlet a = 2\n```",
            "~~~swift\nlet a = 2\n~~~", "````swift\nlet a = 2\n````", "```swift\nlet numb\n```", "```swift\nlet a",
        ])
    func snippets(_ block: String) async throws {
        try await withScripts { folder in
            try write("let number = 1\n", to: "Snippets/Some.swift", folder)
            try write("```swift\nlet number = 1\n```\n", to: "README.md", folder)
            try await Tools.run("make", "check-snippets", in: folder)
            try write("```swift\nlet number = 1\n```\n\n\(block)\n", to: "README.md", folder)
            await #expect(throws: Tools.Failed.self) { try await Tools.run("make", "check-snippets", in: folder) }
        }
    }
}
