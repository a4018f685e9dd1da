import Foundation
import ConfigCatTestSupport
import Testing

/// Runs the tool as a process, as a user does.
@Suite("configcatctl", .cleanup)
struct CommandLineIntegrationTests {
    struct Result {
        var output: String
        var errors: String
        var code: Int32
        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    private static let project = Tools.project
    private let sample = project.appending(path: "Examples/flags.json").path

    private func run(_ arguments: String..., input: String = "") async throws -> Result {
        try await run(arguments, input: input)
    }

    private func run(_ arguments: [String], input: String = "") async throws -> Result {
        try await withFile(input) { path in
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            defer { close(descriptor) }
            let process = try ChildProcess(Tools.built("configcatctl"), arguments, input: descriptor)
            let code = try await process.ended()
            return Result(output: process.output, errors: process.errors, code: code)
        }
    }

    private func withFile<T>(_ content: String, _ body: (String) async throws -> T) async throws -> T {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString + ".json")
        try Data(content.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try await body(file.path)
    }

    @Test(
        "the cache commands work on Redis, and no message shows a password",
        .enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.whySkipped)))
    func redisCache() async throws {
        let server = try await RedisServer(["--requirepass", "hunter2"])
        let url = "redis://:hunter2@127.0.0.1:\(server.port)"
        let sdkKey = "configcat-sdk-1/TEST_KEY-0123456789012/1234567890123456789012"
        #expect(try await run("cache", "import", sample, "--cache", url, "--sdk-key", sdkKey).code == 0)
        let shown = try await run("cache", "show", "--cache", url, "--sdk-key", sdkKey)
        #expect(shown.code == 0 && shown.output.contains("f83ba5d45bceb4bb704410f51b704fb6dfa19942"))
        #expect(try await run("cache", "clear", "--cache", url, "--sdk-key", sdkKey).code == 0)
        #expect(try await run("cache", "show", "--cache", url, "--sdk-key", sdkKey).errors.contains("no entry"))
        for (wrong, code) in [
            (url.replacing("hunter2", with: "hunter3"), 1), ("redis://:hunter2/@h", 64), ("redis://:hunter2@h:x", 64),
        ]
            as [(String, Int32)]
        {
            let result = try await run("cache", "show", "--cache", wrong, "--sdk-key", sdkKey)
            #expect(result.code == code && !result.errors.contains("hunter"))
        }
    }

    @Test("evaluate prints a value for one key, a table for several or no keys, and with --json a line for each key")
    func forms() async throws {
        #expect(
            try await run(
                "evaluate", "newCheckout", "--config", sample, "--user-id", "1", "--email", "jane@example.com"
            )
            .output == "true\n")
        let two = try await run(
            "evaluate", "maxUploadMegabytes", "discountRate", "--config", sample, "--user-id", "1", "--attribute",
            "Plan=Pro")
        #expect(two.lines.first == "SETTING             VALUE  VARIATION      BECAUSE OF")
        #expect(two.lines.dropFirst().first == "maxUploadMegabytes  500    upload-500     targeting rule 1")
        #expect(try await run("evaluate", "--config", sample).lines.count == 5)
        let json = try await run("evaluate", "newCheckout", "--json", "--config", sample, "--user-id", "visitor-7")
        #expect(
            json.output
                == #"{"key": "newCheckout", "value": false, "variationId": "checkout-later", "isDefaultValue": false, "matchedTargetingRule": null, "matchedPercentageOption": 1, "error": null}"#
                + "\n")
    }

    @Test("--explain prints the evaluation log")
    func explain() async throws {
        let result = try await run("evaluate", "maxUploadMegabytes", "--explain", "--config", sample, "--user-id", "1")
        #expect(result.lines.first == #"Evaluating 'maxUploadMegabytes' for User '{"Identifier":"1"}'"#)
        #expect(result.lines.last == "  Returning '25'.")
    }

    @Test("--batch writes one line for each input line, and continues after a malformed one")
    func batch() async throws {
        let input = [
            #"{"key": "maxUploadMegabytes", "default": 1, "user": {"Identifier": "1", "custom": {"Plan": "Pro"}}}"#,
            "no json",
            #"{"default": 1}"#, #"{"key": "newCheckout", "default": false, "user": {"Email": "x"}}"#,
            #"{"key": "newCheckout", "default": "text", "user": null}"#,
            #"{"key": "none", "default": true, "user": null}"#,
            #"{"key": "discountRate", "default": 1, "user": null}"#,
        ]
        let lines = try await run("evaluate", "--batch", "--config", sample, input: input.joined(separator: "\n")).lines
        #expect(lines.count == input.count)
        #expect(
            lines[0]
                == #"{"key": "maxUploadMegabytes", "value": 500, "variationId": "upload-500", "isDefaultValue": false, "matchedTargetingRule": 0, "matchedPercentageOption": null, "error": null}"#
        )
        #expect(lines[1].contains(#""error": "not JSON: line 1, column 1"#))
        #expect(lines[2].contains(#""error": "\"key\" is missing"#))
        #expect(lines[3].contains(#""error": "\"Identifier\" is missing""#))
        #expect(lines[4].contains(#""value": "text""#) && lines[4].contains("Bool"))
        #expect(lines[5].contains(#""value": true"#) && lines[5].contains(#""isDefaultValue": true"#))
        #expect(lines[6].contains(#""value": 0,"#) && lines[6].contains(#""error": null"#))
    }

    @Test("for an unknown key, evaluate suggests the nearest key, or prints the value of --default")
    func unknownKey() async throws {
        let result = try await run("evaluate", "newCheckot", "--config", sample)
        #expect(result.code == 1 && result.output.isEmpty)
        #expect(result.errors == "Error: \(sample) has no setting 'newCheckot'; did you mean 'newCheckout'?\n")
        let withDefault = try await run("evaluate", "newCheckot", "--config", sample, "--default", "off")
        #expect(withDefault.code == 0 && withDefault.output == "off\n")
    }

    @Test("an invalid config file is reported in one line that names the file and the error, with exit code 1")
    func files() async throws {
        func check(_ path: String, _ text: String) async throws {
            let result = try await run("evaluate", "--config", path)
            #expect(result.code == 1)
            #expect(result.errors.hasPrefix("Error: \(path): ") && result.errors.contains(text), "\(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1)
        }
        try await check("/nowhere/flags.json", "no such file")
        try await check("/", "is a directory")
        try await withFile("{\n \"f\": {,}}") { try await check($0, "not JSON: line 2, column 8") }
        try await withFile("[]") { try await check($0, "not a config") }
        try await withFile(#"{"name": "package"}"#) { try await check($0, "not a config") }
        try await withFile(#"{"f": []}"#) { try await check($0, "'f' is not an object") }
    }

    @Test("an invalid user or attribute is a usage error that names it, with exit code 64")
    func usage() async throws {
        for (arguments, text) in [
            (["--user", "{"], "--user: not JSON"), (["--user", "{}"], "\"Identifier\" is missing"),
            (["--attribute", "Plan"], "--attribute 'Plan'"),
            (["--user", #"{"Identifier":"1","custom":{"A":true}}"#], "\"A\""),
            (["--user", #"{"Identifier":"1","Plan":"Pro"}"#], "'Plan'"),
        ] {
            let process = try await run("evaluate", "newCheckout", "--config", sample, arguments[0], arguments[1])
            #expect(process.code == 64 && process.errors.contains(text), "\(process.errors)")
        }
    }

    @Test("validate prints a summary with exit code 0, or a line for each error with exit code 1")
    func validate() async throws {
        let good = try await run("validate", sample)
        #expect(good.code == 0 && good.output == "\(sample): valid (config JSON v6, 4 settings, 1 segment)\n")
        try await withFile(
            #"{"f": {"a": {"t": 0, "v": {"i": 1}}, "b": {"t": 0, "v": {"b": true}, "p": [{"p": 50, "v": {"b": true}}]}}}"#
        ) { path in
            let bad = try await run("validate", path)
            #expect(bad.code == 1)
            #expect(
                bad.lines == [
                    "\(path): setting 'a': a value is not of the setting's type, bool",
                    "\(path): setting 'b', percentage options: the shares add up to 50%, not 100%",
                ])
            #expect(try await run("validate", "--json", path).lines.count == 2)
        }
    }

    @Test("evaluate and watch read the config that serve serves, and watch reports a change of the file")
    func serveAndWatch() async throws {
        let key = "configcat-sdk-1/TEST_KEY-0123456789012/1234567890123456789012"
        let tool = Tools.built("configcatctl")
        func document(_ value: Int) -> Data { Data(#"{"flags": {"number": \#(value), "other": true}}"#.utf8) }
        try await withFile("{}") { path in
            try document(1).write(to: URL(filePath: path))
            let server = try ChildProcess(tool, ["serve", "--config", path, "--port", "0", "--ephemeral"])
            let banner = try #require(try await server.line(1))
            let url = try #require(
                banner.split(separator: " ").first { $0.hasPrefix("http://127.0.0.1:") }.map(String.init))
            #expect(try await run("evaluate", "number", "--sdk-key", key, "--base-url", url).output == "1\n")
            #expect(try #require(try await server.line(2)).hasSuffix(" 200 ConfigCat-Swift-Server/m-0.1.0"))

            let watcher = try ChildProcess(
                tool, ["watch", "number", "--sdk-key", key, "--base-url", url, "--poll-interval", "1"])
            let ready = try #require(try await watcher.line(1))
            #expect(ready.contains(#""event": "ready", "source": "cdn", "etag": "\""#))
            #expect(ready.contains(#""changed": [], "values": {"number": 1}}"#))
            try document(2).write(to: URL(filePath: path))
            let changed = try #require(try await watcher.line(2))
            #expect(changed.contains(#""event": "changed", "source": "cdn""#))
            #expect(changed.hasSuffix(#""changed": ["number"], "values": {"number": 2}}"#))
            for process in [watcher, server] {
                process.signal(SIGINT)
                #expect(try await process.ended() == 0)
            }
            #expect(!server.output.contains(key))
        }
    }

    /// The path of a CDN with failure modes, in a folder beside the project; nil if it or Python is missing.
    private static let fakeCDN: String? = {
        let path = project.deletingLastPathComponent().appending(path: "shared/tools/fake_cdn.py").path
        let hasPython = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/python3")
        }
        return hasPython && FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    @Test(
        "watch survives each mode of fake_cdn.py",
        .enabled(if: fakeCDN != nil, "needs ../shared/tools/fake_cdn.py and python3"))
    func fakeCDNModes() async throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "FakeCDNModes.py").path
        let process = try ChildProcess(
            tool: "python3", [script, Self.fakeCDN ?? "", Tools.built("configcatctl").path])
        let code = try await process.ended()
        #expect(code == 0, "\(process.output)\(process.errors)")
    }

    @Test("evaluate fails with exit code 1 if the CDN cannot be reached or the SDK key is malformed")
    func unreachable() async throws {
        let key = "configcat-sdk-1/TEST_KEY-0123456789012/1234567890123456789012"
        let down = try await run("evaluate", "--sdk-key", key, "--base-url", "http://127.0.0.1:1")
        #expect(down.code == 1 && down.output.isEmpty)
        #expect(down.errors == "Error: the config cannot be downloaded from http://127.0.0.1:1: Connection refused\n")
        let wrong = try await run("evaluate", "--sdk-key", "wrong")
        #expect(wrong.code == 1 && wrong.errors.contains("'*****' is malformed"))
        #expect(try await run("evaluate", "--sdk-key", key, "--config", sample).code == 64)
        #expect(try await run("serve", "--config", sample, "--port", "70000").code == 64)
        let other = try await TestCDN(.drop)
        let taken = try await run("serve", "--config", sample, "--port", "\(other.port)")
        #expect(taken.code == 1 && taken.errors.contains("the port is in use; choose another one with --port"))
        #expect(try await run("watch").code == 64)
    }

    @Test("an imported entry can be shown, evaluated offline, exported and cleared", arguments: ["file:", "sqlite:"])
    func cache(_ scheme: String) async throws {
        let key = "configcat-sdk-1/TEST_KEY-0123456789012/1234567890123456789012"
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        let target = ["--cache", "\(scheme)//\(path)", "--sdk-key", key]
        func cache(_ arguments: String...) async throws -> Result { try await run(["cache"] + arguments + target) }

        let absent = try await cache("show")
        #expect(
            absent.code == 1 && absent.errors.contains("no entry")
                && absent.errors.contains("f83ba5d45bceb4bb704410f51b704fb6dfa19942"))
        #expect(try await cache("import", sample).code == 0)
        let shown = try await cache("show")
        #expect(shown.lines.first == "ENTRY     f83ba5d45bceb4bb704410f51b704fb6dfa19942")
        #expect(shown.lines.contains("settings  4") && shown.output.contains("s ago)"))
        #expect(try await cache("show", "--json").output.contains(#""valid": true"#))
        let exported = try await cache("export")
        #expect(exported.output == (try String(contentsOfFile: sample, encoding: .utf8)) + "\n")
        let value = try await run(
            ["evaluate", "maxUploadMegabytes", "--offline", "--user-id", "1", "--attribute", "Plan=Pro"] + target)
        #expect(value.output == "500\n", "\(value.errors)")
        #expect(try await cache("clear").code == 0)
        #expect(try await cache("show").code == 1)
        #expect(try await run(["evaluate", "maxUploadMegabytes", "--offline"] + target).code == 1)
    }

    @Test(
        "the error for a malformed cache URL names the invalid part",
        arguments: [
            ("nonsense", "no scheme"), ("http://host", "scheme 'http' is unknown"), ("file:", "no path"),
            ("sqlite://host/x.db", "a host, 'host'"),
            ("file:///a%zz", "%-escape"), ("memory:x", "nothing after the colon"),
        ])
    func cacheURLs(_ url: String, text: String) async throws {
        let result = try await run("cache", "show", "--cache", url, "--sdk-key", "key")
        #expect(result.code == 64 && result.errors.contains(text), "\(result.errors)")
    }

    @Test("convert writes config JSON v6, and reports what it leaves out")
    func convert() async throws {
        try await withFile(#"{"f": {"a": {"t": 1, "v": "x", "r": [{"a": "Email", "t": 17, "c": "00", "v": "y"}]}}}"#) {
            path in
            let result = try await run("convert", path)
            #expect(result.code == 1)
            #expect(
                result.errors
                    == "\(path): setting 'a', targeting rule 1 left out: v6 has no comparator for unsalted SHA-1 hashes\n"
            )
            let value = try await withFile(result.output) { try await run("evaluate", "a", "--config", $0).output }
            #expect(value == "x\n")
        }
        #expect(try await run("convert", sample).errors == "Error: \(sample): the file is already config JSON v6\n")
    }
}
