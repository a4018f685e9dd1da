import ArgumentParser
import ConfigCatSimulation
import Dispatch
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Simulations of seeds: one with all that happens, or many at once.
struct SeedRun {
    var first: UInt64
    /// How many seeds; nil to show what happens with one.
    var count: UInt64?

    func run() throws {
        if let count { try check(count) } else { try replay() }
    }

    // MARK: - Many seeds

    private func check(_ count: UInt64) throws {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let running = RunningSeeds(cores: cores)
        let next = Atomic<UInt64>(0)
        let steps = Atomic<Int>(0)
        let violations = Atomic<Int>(0)
        let start = ContinuousClock.now
        DispatchQueue.concurrentPerform(iterations: cores) { core in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                let seed = first &+ index
                running.set(seed, on: core)
                let outcome = Simulation(seed: seed).run()
                steps.add(outcome.steps, ordering: .relaxed)
                if let violation = outcome.violation {
                    violations.add(1, ordering: .relaxed)
                    Console.write("seed \(seed): \(violation)")
                }
                if (index + 1) % 50_000 == 0 { Console.warn("\(index + 1) seeds") }
            }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let found = violations.load(ordering: .relaxed)
        Console.write(
            "\(count) seeds, \(found) with a violation; \(steps.load(ordering: .relaxed)) steps; "
                + "\(Int(Double(count) / seconds)) seeds a second on \(cores) cores")
        if found > 0 { throw ExitCode.failure }
    }

    // MARK: - One seed

    private func replay() throws {
        let drawn = Scenario(seed: first)
        let outcome = Simulation(drawn).run()
        guard let violation = outcome.violation else {
            for line in Simulation(drawn).run(isRecorded: true).log { Console.write(line) }
            Console.write("\n\(drawn)\n\nNo violation.")
            return
        }
        Console.warn("seed \(first): \(violation); looking for a smaller scenario")
        let scenario = drawn.shrunk { Simulation($0).run().violation != nil }
        let shrunk = Simulation(scenario).run(isRecorded: true)
        for line in shrunk.log { Console.write(line) }
        Console.write(
            "\n\(scenario)\n\nseed \(first): \(violation)\nin the smallest scenario: \(shrunk.violation ?? "")")
        throw ExitCode.failure
    }
}
