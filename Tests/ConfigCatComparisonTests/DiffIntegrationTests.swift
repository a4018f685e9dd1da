import ConfigCatTestSupport
import Foundation
import Testing

/// Runs `configcatctl diff` as a process.
@Suite("configcatctl diff")
struct DiffIntegrationTests {
    private let sample = Tools.project.appending(path: "Examples/flags.json")

    private func diff(_ arguments: String...) async throws -> (output: String, errors: String, code: Int32) {
        let process = try ChildProcess(Tools.built("configcatctl"), ["diff"] + arguments)
        let code = try await process.ended()
        return (process.output, process.errors, code)
    }

    private func write(_ text: String, _ name: String, _ folder: URL) throws -> String {
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    @Test("the exit code is 2 if the configs differ, and with users only if one of them gets another value")
    func codes() async throws {
        try await withFolder { folder in
            let changed = try String(contentsOf: sample, encoding: .utf8).replacing("\"i\": 500}", with: "\"i\": 700}")
            let new = try write(changed, "new.json", folder)
            let none = try await diff(sample.path, sample.path)
            #expect(none.code == 0 && none.output == "No difference.\n")
            let some = try await diff(sample.path, new)
            #expect(some.code == 2)
            #expect(
                some.output == """
                    setting 'maxUploadMegabytes' changed
                      targeting rule 1 serves: '500' (upload-500) → '700' (upload-500)

                    """)
            let free = try write("{\"Identifier\": \"1\"}\n\nnull\n", "free.jsonl", folder)
            let unaffected = try await diff(sample.path, new, "--users", free)
            #expect(unaffected.code == 0 && unaffected.output.hasSuffix("\nNone of 2 users gets another value.\n"))
            let pro = try write(
                "{\"Identifier\": \"1\"}\n{\"Identifier\": \"p|ro\", \"custom\": {\"Plan\": \"Pro\"}}", "pro.jsonl",
                folder)
            let affected = try await diff(sample.path, new, "--users", pro)
            #expect(affected.code == 2)
            #expect(affected.output.contains("maxUploadMegabytes: '500' → '700' for 1 of 2 users: p|ro\n"))
            let json = try await diff(sample.path, new, "--users", pro, "--json")
            #expect(json.code == 2 && json.output.split(separator: "\n").count == 2)
            for line in json.output.split(separator: "\n") {
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
            }
            let same = try await diff(sample.path, new, "--users", pro, "--format", "json")
            #expect(same.output == json.output)
            let markdown = try await diff(sample.path, new, "--users", pro, "--format", "markdown")
            #expect(markdown.code == 2 && markdown.output.contains("for 1: `p|ro`"))
        }
    }

    @Test("files that cannot be read are errors, and wrong arguments have the exit code 64")
    func errors() async throws {
        let absent = try await diff(sample.path, "/nowhere.json")
        #expect(absent.code == 1 && absent.errors == "Error: /nowhere.json: no such file\n")
        try await withFolder { folder in
            let broken = try write("{\n,", "broken.json", folder)
            let malformed = try await diff(broken, sample.path)
            #expect(malformed.code == 1 && malformed.errors.contains("not JSON: line 2"))
            let users = try write("{\"Identifier\": \"1\"}\n{}\n", "users.jsonl", folder)
            let user = try await diff(sample.path, sample.path, "--users", users)
            #expect(user.code == 1 && user.errors == "Error: \(users): line 2: \"Identifier\" is missing\n")
            let noUsers = try await diff(sample.path, sample.path, "--users", folder.path)
            #expect(noUsers.code == 1 && noUsers.errors.contains("cannot be read"))
        }
        #expect(try await diff(sample.path).code == 64)
        #expect(try await diff(sample.path, sample.path, "--format", "xml").code == 64)
    }
}
