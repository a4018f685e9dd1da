import ConfigCatSimulation
import TestSupport
import Testing

@Suite("Simulation")
struct SimulationTests {
    @Test("2,000 seeds keep all guarantees")
    func seeds() async throws {
        // In a process of its own: other suites need the threads of Swift's tasks.
        let run = try ChildProcess(Tools.built("configcatctl"), ["fleet", "--simulate", "--seeds", "2000"])
        let code = try await run.ended()
        #expect(code == 0, "\(run.output)\(run.errors)")
        #expect(run.output.contains("2000 seeds, 0 with a violation"))
    }

    @Test("a seed decides everything: runs of one are the same to the letter, and recording them changes nothing")
    func repeatable() {
        for seed in [UInt64(3), 14, 77, 120, 500] {
            let (first, second) = (
                Simulation(seed: seed).run(isRecorded: true), Simulation(seed: seed).run(isRecorded: true)
            )
            #expect(first.log == second.log && !first.log.isEmpty)
            #expect(Simulation(seed: seed).run().steps == first.steps)
        }
    }

    @Test("what fails is made smaller, until nothing can be left out")
    func shrinking() {
        // Stands for a violation: it takes one process that crashes.
        func fails(_ scenario: Scenario) -> Bool {
            Simulation(scenario).run(isRecorded: true).log.contains { $0.hasSuffix(": crashes") }
        }
        let seed = (UInt64(1)...).first { seed in
            let scenario = Scenario(seed: seed)
            return scenario.description.split(separator: "\n").count > 8 && fails(scenario)
        }
        guard let seed else { return }
        let smallest = Scenario(seed: seed).shrunk(tries: 3, while: fails).description.split(separator: "\n")
        #expect(smallest.count == 4, "\(smallest)")
        #expect(smallest.last?.hasSuffix("process 0 crashes") == true)
    }

    @Test("the simulation tries everything that it can draw")
    func coverage() {
        var words: Set<String> = []
        for seed in UInt64(1)...3000 {
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
