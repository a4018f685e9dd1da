import Foundation
import ConfigCatTestSupport
import Testing

/// Invalid arguments, and output that cannot be written: commands have to fail.
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
        @Test("convert fails if its result cannot be written")
        func fullDisk() async throws {
            try await withFolder { folder in
                let path = folder.path + "/flags.json"
                try #"{"flags":{"enabled":true}}"#.write(toFile: path, atomically: true, encoding: .utf8)
                #expect(try await run(["convert", path]).code == 0)
                #expect(try await run(["convert", path], output: "/dev/full").code != 0)
            }
        }

        @Test("fleet --simulate fails if its report cannot be written")
        func reportOnFullDisk() async throws {
            #expect(try await run(["fleet", "--simulate", "--seeds", "2"], output: "/dev/full").code != 0)
        }
    #endif

    @Test(
        "times of more than a day are rejected, and the message states the limit",
        arguments: [["--change", "1e300"], ["--change", "100000"], ["--change", "inf"]])
    func times(_ arguments: [String]) async throws {
        let (code, errors) = try await run(["fleet", "--simulate"] + arguments)
        #expect(code == 64)
        #expect(errors.contains("--duration and --change have to be from 0 to 86400 seconds."))
    }

    @Test("a fault that would begin after the end of the run is rejected")
    func faultAfterTheEnd() async throws {
        #expect(
            try await run(["fleet", "--processes", "1", "--duration", "1", "--fault", "cdn-down@5+5"]).code != 0)
    }
}
