import Dispatch
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Runs simulations: one seed with its whole log, or many seeds on all cores.
package struct SeedRun {
    private let first: UInt64
    private let count: UInt64?
    private let write: @Sendable (String) -> Void
    private let writeProgress: @Sendable (String) -> Void

    /// Creates a run.
    ///
    /// - Parameters:
    ///   - first: The first seed.
    ///   - count: The number of seeds; nil to print the log of the first one.
    ///   - write: Writes a line of the result.
    ///   - writeProgress: Writes a line about the progress.
    package init(
        first: UInt64, count: UInt64?, write: @escaping @Sendable (String) -> Void,
        writeProgress: @escaping @Sendable (String) -> Void
    ) {
        self.first = first
        self.count = count
        self.write = write
        self.writeProgress = writeProgress
    }

    /// Runs the seeds.
    ///
    /// - Returns: `true` if no invariant was violated.
    package func run() -> Bool {
        if let count { check(count) } else { replay() }
    }

    // MARK: - Many seeds

    private func check(_ count: UInt64) -> Bool {
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
                    write("seed \(seed): \(violation)")
                }
                if (index + 1) % 50_000 == 0 { writeProgress("\(index + 1) seeds") }
            }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let found = violations.load(ordering: .relaxed)
        write(
            "\(count) seeds, \(found) with a violation; \(steps.load(ordering: .relaxed)) steps; "
                + "\(Int(Double(count) / seconds)) seeds a second on \(cores) cores")
        return found == 0
    }

    // MARK: - One seed

    private func replay() -> Bool {
        let drawn = Scenario(seed: first)
        let outcome = Simulation(drawn).run()
        guard let violation = outcome.violation else {
            for line in Simulation(drawn).run(isRecorded: true).log { write(line) }
            write("\n\(drawn)\n\nNo violation.")
            return true
        }
        writeProgress("seed \(first): \(violation); looking for a smaller scenario")
        let scenario = drawn.shrunk { Simulation($0).run().violation != nil }
        let shrunk = Simulation(scenario).run(isRecorded: true)
        for line in shrunk.log { write(line) }
        write(
            "\n\(scenario)\n\nseed \(first): \(violation)\nin the smallest scenario: \(shrunk.violation ?? "")")
        return false
    }
}
