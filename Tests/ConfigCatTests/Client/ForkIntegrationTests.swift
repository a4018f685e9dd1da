import ConfigCatTestSupport
import Testing

@testable import ConfigCat

#if os(Linux)
    @Suite("Forked processes", .cleanup)
    struct ForkIntegrationTests {
        /// Runs the program that forks, and returns its output.
        private func run(_ arguments: [String]) async throws -> [String] {
            let program = try ChildProcess(Tools.built("ConfigCatForkedClient"), arguments)
            await eventually("the program ends", within: 300) { !program.isRunning }
            return program.lines + program.errors.split(separator: "\n").map(String.init)
        }

        @Test("A child evaluates the config from before the fork, does not wait, and logs once what to do")
        func childOfClient() async throws {
            let cdn = try await TestCDN(TestConfig.answer(5))
            let lines = try await run(["once", cdn.url])
            let printed = lines.filter { !$0.contains(" configcat") }
            #expect(
                printed == [
                    "parent ready hasUpToDateFlagData", "number 5", "number 5", "missing -1", "snapshot 5",
                    "ready hasCachedFlagDataOnly",
                    "refresh the process was forked after the client was created, and has none of its background tasks; "
                        + "create clients in a process that has forked before it used Swift concurrency, or run a new program",
                    "offline true", "number 5", "child ended", "parent refresh true",
                ])
            let logged = lines.filter { $0.contains(" configcat") }
            #expect(logged.filter { $0.contains("[1201]") }.count == 1)
            #expect(logged.contains { $0.contains("[1001]") })
        }

        @Test("A child can evaluate even if another thread held a lock at the fork")
        func busyParent() async throws {
            #expect(try await run(["busy", "100"]) == ["100 forks, 0 failures"])
        }
    }
#endif
