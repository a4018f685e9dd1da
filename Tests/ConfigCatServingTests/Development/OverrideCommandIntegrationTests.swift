import ConfigCatEvaluation
import ConfigCatTestSupport
import Foundation
import Testing

@testable import ConfigCatServing

/// Runs the command as a process, against a server in this one.
@Suite("configcatctl override", .cleanup)
struct OverrideCommandIntegrationTests {
    private struct Result {
        var output: String
        var errors: String
        var code: Int32
    }

    private func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Result {
        let process = try ChildProcess(Tools.built("configcatctl"), ["override"] + arguments, environment: environment)
        let code = try await process.ended()
        return Result(output: process.output, errors: process.errors, code: code)
    }

    private func server(_ configure: (inout FlagServerOptions) throws -> Void = { _ in }) async throws -> TestServer {
        try await TestServer(json: DevelopmentRoutesIntegrationTests.json, configure)
    }

    @Test("overrides are set, listed and cleared")
    func life() async throws {
        let server = try await server()
        let to = ["--server", server.url]
        let set = try await run(["set", "main", "true"] + to)
        #expect(set.code == 0 && set.output == "main is true for everybody\n", "\(set.errors)")
        #expect(try server.config.document?.config["main"]?.value == .bool(true))
        #expect(try await run(["set", "a/b ?&é", "x y", "--user", "a+b/c"] + to).code == 0)
        #expect(try await run(["set"] + to + ["--", "int", "-5"]).code == 0)
        #expect(try await run(["set", "double", "5"] + to).code == 0)
        let list = try await run(["list"] + to)
        #expect(list.output.split(separator: "\n").count == 5)
        #expect(list.output.contains("a+b/c") && list.output.contains("-5"))
        let json = try await run(["list", "double", "--json"] + to)
        #expect(json.output.contains("\"value\":5.0"))
        #expect(try await run(["clear", "a/b ?&é", "--user", "a+b/c"] + to).code == 0)
        let again = try await run(["clear", "a/b ?&é", "--user", "a+b/c"] + to)
        #expect(again.code == 1 && again.errors.contains("there is no override of 'a/b ?&é' for the user 'a+b/c'"))
        #expect(try await run(["clear", "--all"] + to).code == 0)
        #expect(try server.config.overrides.isEmpty)
    }

    @Test("mistakes are explained")
    func mistakes() async throws {
        let server = try await server()
        let to = ["--server", server.url]
        let cases: [([String], String)] = [
            (["set", "mainn", "true"], "the config has no setting 'mainn'; did you mean 'main'"),
            (["set", "main", "yes"], "'yes' is not a valid Bool, which is the type of 'main'"),
            (["set", "int", "1.5"], "'1.5' is not a valid Int"),
            (["set", "double", "nan"], "'nan' is not a valid Double"),
            (["set", "bad", "1"], "the setting 'bad' is malformed"),
            (["set", "int", "2147483648"], "settings of type Int are from"),
            (["set", "main", "true", "--user", ""], "the user's identifier is empty"),
            (["set", "main", "true", "--config", "other"], "there is no config 'other'"),
        ]
        for (arguments, message) in cases {
            let result = try await run(arguments + to)
            #expect(result.code == 1 && result.errors.contains(message), "\(result.errors)")
        }
        #expect(try await run(["clear"] + to).code == 64)
        let nobody = try await run(["list", "--server", "http://127.0.0.1:1"])
        #expect(nobody.code == 1 && nobody.errors.contains("no server answers at http://127.0.0.1:1"))
        let nonsense = try await run(["list", "--server", "::"])
        #expect(nonsense.code == 1 && nonsense.errors.contains("no server answers at"))
    }

    @Test("the token comes from the environment or an option, and several configs need a choice")
    func tokens() async throws {
        let token = "a-token-of-the-tests"
        let server = try await server { $0.token = token }
        let refused = try await run(["list", "--server", server.url])
        #expect(refused.code == 1 && refused.errors.contains("the server needs its token: set CONFIGCAT_TOKEN"))
        #expect(try await run(["list", "--server", server.url], environment: ["CONFIGCAT_TOKEN": token]).code == 0)
        #expect(try await run(["list", "--server", server.url, "--token", token]).code == 0)

        let several = try await self.server { options in
            options.configs.append(
                contentsOf: try options.configs.map { config in
                    guard case .file(let path) = config.origin else { return config }
                    return try ConfigDeclaration(file: "second=\(path)")
                })
        }
        let unclear = try await run(["list", "--server", several.url])
        #expect(
            unclear.code == 1
                && unclear.errors.contains("the server has 2 configs; choose one with --config: flags, second"))
        #expect(try await run(["set", "int", "3", "--server", several.url, "--config", "second"]).code == 0)
        #expect(several.server.configs["second"]?.overrides.count == 1)
        #expect(several.server.configs["flags"]?.overrides.isEmpty ?? false)
    }
}
