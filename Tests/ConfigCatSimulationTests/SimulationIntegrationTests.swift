import ConfigCatSimulation
import Foundation
import ConfigCatTestSupport
import Testing

@Suite("Simulation")
struct SimulationIntegrationTests {
    @Test("2,000 seeds violate no invariant")
    func seeds() async throws {
        // A separate process of low priority leaves the threads of Swift's tasks to other suites.
        let run = try ChildProcess(
            tool: "nice", [Tools.built("configcatctl").path, "fleet", "--simulate", "--seeds", "2000"])
        let code = try await run.ended()
        #expect(code == 0, "\(run.output)\(run.errors)")
        #expect(run.output.contains("2000 seeds, 0 with a violation"))
    }

    @Test("two runs of a seed have the same log, and an unrecorded run has the same number of steps")
    func repeatable() {
        for seed in [UInt64(3), 14, 77, 120, 500] {
            let (first, second) = (
                Simulation(seed: seed).run(isRecorded: true), Simulation(seed: seed).run(isRecorded: true)
            )
            #expect(first.log == second.log && !first.log.isEmpty)
            #expect(Simulation(seed: seed).run().steps == first.steps)
        }
    }

    @Test("a failing scenario is shrunk to the process and the two events that make it fail")
    func shrinking() {
        // This stands for a violation that needs one process that crashes after a change.
        func fails(_ scenario: Scenario) -> Bool {
            guard let crash = scenario.description.range(of: "crashes") else { return false }
            return scenario.description[..<crash.lowerBound].contains("the config changes")
        }
        var shrunk = 0
        for scenario in (UInt64(1)...2000).lazy.map({ Scenario(seed: $0) }) where fails(scenario) {
            let lines = scenario.shrunk(tries: 2, while: fails).description.split(separator: "\n")
            #expect(lines.filter { $0.hasPrefix("Process") }.count == 1)
            #expect(lines.filter { $0.contains(" ms: ") }.count == 2)
            shrunk += 1
        }
        #expect(shrunk > 20)
    }

    @Test("1,000 seeds draw every store, polling mode and kind of call, and most kinds of faults")
    func coverage() {
        var words: Set<String> = []
        for seed in UInt64(1)...1000 {
            for line in Scenario(seed: seed).description.split(separator: "\n") {
                words.formUnion(line.split { !$0.isLetter }.map(String.init))
            }
        }
        for word in [
            "server", "local", "layered", "plain", "headers", "none", "auto", "lazy", "manual", "offline", "slow",
            "hang",
            "error", "lostReply", "readOnly", "cancellation", "down", "garbage", "refused", "flushed", "crashes",
            "closes", "shuts", "stopped", "cancelled", "refresh", "ready", "value", "another",
        ] {
            #expect(words.contains(word), "\(word) never happens")
        }
    }
}
