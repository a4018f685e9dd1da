import Foundation
import ConfigCatTestSupport
import Testing

/// Arguments and outputs that commands must not take for a success.
@Suite("Third adversity: command line")
struct ThirdCommandLineAdversityIntegrationTests {
    private func run(_ arguments: [String], output: String? = nil) async throws -> (code: Int32, errors: String) {
        let tool = Tools.built("configcatctl").path
        let command = ([tool] + arguments).map { "'\($0)'" }.joined(separator: " ")
        let process = try ChildProcess(
            tool: "sh", ["-c", command + (output.map { " > \($0)" } ?? "")],
            environment: ["SWIFT_BACKTRACE": "enable=no"])
        return (try await process.ended(), process.errors)
    }

    #if os(Linux)
        @Test("A conversion whose result cannot be written is a failure")
        func fullDisk() async throws {
            try await withFolder { folder in
                let path = folder.path + "/flags.json"
                try #"{"flags":{"enabled":true}}"#.write(toFile: path, atomically: true, encoding: .utf8)
                #expect(try await run(["convert", path]).code == 0)
                #expect(try await run(["convert", path], output: "/dev/full").code != 0)
            }
        }

        @Test("A simulation whose report cannot be written is a failure")
        func reportOnFullDisk() async throws {
            #expect(try await run(["fleet", "--simulate", "--seeds", "2"], output: "/dev/full").code != 0)
        }
    #endif

    @Test(
        "Times beyond a day are refused, as the message says",
        arguments: [["--change", "1e300"], ["--change", "100000"], ["--change", "inf"]])
    func times(_ arguments: [String]) async throws {
        let (code, errors) = try await run(["fleet", "--simulate"] + arguments)
        #expect(code == 64)
        #expect(errors.contains("--duration and --change have to be seconds, a day at most."))
    }

    @Test("A fault that would come after the end is refused, and not listed in a report as if it had happened")
    func faultAfterTheEnd() async throws {
        #expect(
            try await run(["fleet", "--processes", "1", "--duration", "1", "--fault", "cdn-down@5+5"]).code != 0)
    }
}
