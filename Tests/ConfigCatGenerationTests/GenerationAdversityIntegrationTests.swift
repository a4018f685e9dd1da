import ConfigCatTestSupport
import Foundation
import Testing

@testable import ConfigCatGeneration

/// Files, names and texts that a generator does not expect.
@Suite("Adversity: generated flags", .cleanup)
struct GenerationAdversityIntegrationTests {
    private func run(_ arguments: [String], tool: String = "configcatctl") async throws -> (
        output: String, errors: String, code: Int32
    ) {
        let process = try ChildProcess(Tools.built(tool), arguments)
        let code = try await process.ended()
        return (process.output, process.errors, code)
    }

    private func write(_ text: String, _ name: String, _ folder: URL) throws -> String {
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    private func generation(_ config: String, manifest: String? = nil) -> FlagGeneration {
        var generation = FlagGeneration(config: SourceText(name: "flags.json", bytes: Array(config.utf8)))
        generation.manifest = manifest.map { SourceText(name: "m.json", bytes: Array($0.utf8)) }
        return generation
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test("a link stays a link: what is generated is written into the file that it leads to")
    func links() async throws {
        try await withFolder { folder in
            let config = try write(#"{"flags": {"a": true}}"#, "flags.json", folder)
            let files = FileManager.default
            try files.createDirectory(at: folder.appending(path: "real"), withIntermediateDirectories: false)
            let link = folder.appending(path: "Flags.swift").path
            try files.createSymbolicLink(atPath: link, withDestinationPath: "real/Flags.swift")
            for type in ["Bool", "Int"] {
                _ = try write(#"{"flags": {"a": \#(type == "Bool" ? "true" : "1")}}"#, "flags.json", folder)
                let result = try await run(["generate", "--config", config, "--output", link])
                #expect(result.code == 0, "\(result.errors)")
                #expect(try files.destinationOfSymbolicLink(atPath: link) == "real/Flags.swift")
                #expect(try text(folder.appending(path: "real/Flags.swift").path).contains("Value == \(type)"))
            }

            let mine = try write("mine", "Mine.swift", folder)
            let other = folder.appending(path: "Other.swift").path
            try files.createSymbolicLink(atPath: other, withDestinationPath: mine)
            #expect(try await run(["generate", "--config", config, "--output", other]).code == 1)
            #expect(try text(mine) == "mine")

            let loop = folder.appending(path: "Loop.swift").path
            try files.createSymbolicLink(atPath: loop, withDestinationPath: "Loop.swift")
            let result = try await run(["generate", "--config", config, "--output", loop])
            #expect(result.code == 1 && result.errors.contains("too many links"), "\(result)")
        }
    }

    @Test("code and manifest are not written into one file, however its path is written")
    func oneFile() async throws {
        try await withFolder { folder in
            let config = try write(#"{"flags": {"a": true}}"#, "flags.json", folder)
            try FileManager.default.createSymbolicLink(
                atPath: folder.appending(path: "here").path, withDestinationPath: ".")
            let output = folder.path + "/Flags.swift"
            for manifest in ["/./Flags.swift", "//Flags.swift", "/here/Flags.swift"] {
                let result = try await run(
                    ["generate", "--config", config, "--output", output, "--export-manifest", folder.path + manifest])
                #expect(result.code == 1 && result.errors.contains("files of their own"), "\(manifest): \(result)")
                #expect(!FileManager.default.fileExists(atPath: output))
            }
        }
    }

    @Test("if the manifest cannot be written, the code is not, so that no deprecation is lost")
    func manifestFails() async throws {
        try await withFolder { folder in
            let config = try write(#"{"flags": {"a": true, "b": true}}"#, "flags.json", folder)
            let output = folder.path + "/Flags.swift"
            #expect(try await run(["generate", "--config", config, "--output", output]).code == 0)
            let before = try text(output)
            _ = try write(#"{"flags": {"a": true}}"#, "flags.json", folder)
            let result = try await run(
                ["generate", "--config", config, "--output", output, "--export-manifest", "/nowhere/m.json"])
            #expect(result.code == 1)
            #expect(try text(output) == before)
        }
    }

    @Test("a generated file is recognized whatever the name of the config is")
    func names() async throws {
        try await withFolder { folder in
            for name in ["\u{301}flags.json", "; do not edit..json", "\r\n.json", "\u{2028}", "e\u{301}"] {
                let config = try write(#"{"flags": {"a": true}}"#, name, folder)
                let output = folder.path + "/Flags.swift"
                for options in [[], [], ["--check"]] {
                    let result = try await run(["generate", "--config", config, "--output", output] + options)
                    #expect(result.code == 0, "\(name.debugDescription): \(result.errors)")
                }
                try FileManager.default.removeItem(atPath: output)
            }
        }
    }

    @Test("several runs at once leave one whole file")
    func parallelRuns() async throws {
        try await withFolder { folder in
            let settings = (0..<500).map { "\"key\($0)\": \($0)" }.joined(separator: ", ")
            let config = try write("{\"flags\": {\(settings)}}", "flags.json", folder)
            let output = folder.path + "/Flags.swift"
            try await withThrowingTaskGroup(of: Int32.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        try await run(["--config", config, "--output", output], tool: "configcat-generate").code
                    }
                }
                for try await code in group { #expect(code == 0) }
            }
            #expect(try await run(["generate", "--config", config, "--output", output, "--check"]).code == 0)
            #expect(try files(folder).sorted() == ["Flags.swift", "flags.json"])
        }
    }

    @Test("no text of a config, a manifest or an existing file controls the terminal")
    func terminal() async throws {
        try await withFolder { folder in
            let hostile = "a\\u001b[2J\\r\\nb\\u009b\\u202e"
            let config = try write(#"{"flags": {"ok": true, "\#(hostile)": true}}"#, "flags.json", folder)
            let manifest = try write(
                #"{"flags": {"x\#(hostile)": {"flagType": "boolean", "defaultValue": true}}}"#, "m.json", folder)
            let output = try write(
                "// Generated by configcat-generate from x; do not edit.\n\u{1B}[2J\r\nlet x = 1\n", "Flags.swift",
                folder)
            let code = try write("let flag = FeatureFlag(\"ok\u{1B}[2J\", defaultValue: 1)", "Code.swift", folder)
            let users = try write(#"{"Identifier": "1", "\#(hostile)": 1}"#, "users.jsonl", folder)
            for arguments in [
                ["generate", "--config", config, "--output", output, "--manifest", manifest, "--check"],
                ["usages", code, "--config", config],
                ["diff", config, config, "--users", users],
            ] {
                let result = try await run(arguments)
                #expect(result.code > 0)
                let printed = (result.output + result.errors).unicodeScalars
                #expect(
                    !printed.contains {
                        $0 != "\n" && ["\u{1B}", "\r", "\u{9B}", "\u{202E}"].contains($0)
                    }, "\(arguments[0]): \(result)")
            }
            let table = try await run(["usages", code, "--config", config]).output
            // Two headers, two settings, an empty line, a mention.
            #expect(table.unicodeScalars.count { $0 == "\n" } == 6, "\(table)")
        }
    }

    @Test("keys that look the same are shown by the numbers of their characters")
    func equalLooking() {
        let error = #expect(throws: GenerationError.self) {
            _ = try generation("{\"flags\": {\"caf\u{E9}\": true, \"cafe\u{301}\": 1}}").run()
        }
        let message = error?.description ?? ""
        #expect(message.contains(#""cafe\u{0301}" and "caf\u{00E9}""#), "\(message)")
    }

    @Test("of thousands of faults in a manifest or in names, the first hundred are reported")
    func manyFaults() throws {
        let count = 20_000
        func document(_ value: String, _ key: (Int) -> String = { "key\($0)" }) -> String {
            let members = (0..<count).map { number in "\"\(key(number))\": \(value)" }
            return "{\"flags\": {\(members.joined(separator: ",\n"))}}"
        }
        let boolean = document(#"{"flagType": "boolean", "defaultValue": true}"#)
        let settings = document("1")
        let same = document("1") { number in
            let dashes = String(repeating: "-", count: number % 300)
            return "a\(dashes)\(number / 300)"
        }
        for generation in [
            generation(settings, manifest: document("0")), generation(settings, manifest: boolean),
            generation(same),
        ] {
            let error = #expect(throws: GenerationError.self) { _ = try generation.run() }
            #expect(error?.diagnostics.count == 100)
        }
        let unknown = try generation(#"{"flags": {}}"#, manifest: boolean).run()
        #expect(unknown.warnings.count == 100)
    }
}
