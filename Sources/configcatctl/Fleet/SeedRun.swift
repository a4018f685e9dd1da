import ArgumentParser
import ConfigCatSimulation
import Dispatch
import Synchronization

/// Simulations of seeds: one with its log, or many at once.
struct SeedRun {
    var first: UInt64
    var count: UInt64?

    func run() throws {
        guard let count else { return try replay(first) }
        let next = Atomic<UInt64>(first)
        let end = first + count
        let found = Mutex<[UInt64: String]>([:])
        let steps = Atomic<Int>(0)
        let start = ContinuousClock.now
        DispatchQueue.concurrentPerform(iterations: 2) { _ in
            while true {
                let seed = next.add(1, ordering: .relaxed).oldValue
                guard seed < end else { return }
                let outcome = Simulation(seed: seed).run()
                steps.add(outcome.steps, ordering: .relaxed)
                if let violation = outcome.violation {
                    found.withLock { $0[seed] = violation }
                    Console.write("seed \(seed): \(violation)")
                }
            }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        Console.write(
            "\(count) seeds, \(found.withLock { $0.count }) violations, \(Int(Double(count) / seconds)) seeds a second, \(steps.load(ordering: .relaxed) / Int(count)) steps each"
        )
        if found.withLock({ !$0.isEmpty }) { throw ExitCode.failure }
    }

    private func replay(_ seed: UInt64) throws {
        let outcome = Simulation(seed: seed).run(isRecorded: true)
        for line in outcome.log { Console.write(line) }
        if let violation = outcome.violation {
            Console.write("seed \(seed): \(violation)")
            throw ExitCode.failure
        }
    }
}
