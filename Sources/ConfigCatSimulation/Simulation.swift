/// A run of the production client and its cache rules in a simulated world, under faults that a seed decides.
///
/// The models are FoundationDB's simulation and TigerBeetle's VOPR: everything that a process takes from outside, clocks,
/// random numbers, the order of its tasks, its stores and the CDN, comes from one random number generator, so that a run can
/// be repeated exactly.
package struct Simulation: Sendable {
    package struct Outcome: Sendable {
        /// What did not hold; nil if everything did.
        package var violation: String?
        /// What happened, one line an event; empty unless asked for.
        package var log: [String]
        /// How many jobs and events have run.
        package var steps: Int
    }

    package var scenario: Scenario

    package init(seed: UInt64) { scenario = Scenario(seed: seed) }

    package init(_ scenario: Scenario) { self.scenario = scenario }

    package func run(isRecorded: Bool = false) -> Outcome {
        let fleet = Fleet(scenario, isRecorded: isRecorded)
        fleet.run()
        let outcome = Outcome(
            violation: fleet.world.violation, log: fleet.world.log ?? [], steps: fleet.world.steps)
        fleet.end()
        return outcome
    }
}
