/// A run of the production client and its cache rules in a simulated world, under faults that a seed determines.
///
/// Its models are FoundationDB's simulation and TigerBeetle's VOPR. One random number generator determines everything
/// that a process takes from outside: clocks, random numbers, the order of its tasks, its stores and the CDN. A run can
/// therefore be repeated exactly.
///
///     let outcome = Simulation(seed: 4711).run(isRecorded: true)
package struct Simulation: Sendable {
    /// The result of a run.
    package struct Outcome: Sendable {
        /// The first violation of an invariant; nil if there was none.
        package var violation: String?
        /// One line for each event; empty if the run was not recorded.
        package var log: [String]
        /// The number of jobs and events that have run.
        package var steps: Int
    }

    package var scenario: Scenario

    /// Creates a simulation of the scenario that a seed determines.
    package init(seed: UInt64) { scenario = Scenario(seed: seed) }

    /// Creates a simulation of a scenario.
    package init(_ scenario: Scenario) { self.scenario = scenario }

    /// Runs the simulation, and returns its outcome, which has a log if the run is recorded.
    package func run(isRecorded: Bool = false) -> Outcome {
        let fleet = Fleet(scenario, isRecorded: isRecorded)
        fleet.run()
        let outcome = Outcome(
            violation: fleet.world.violation, log: fleet.world.log ?? [], steps: fleet.world.steps)
        fleet.end()
        return outcome
    }
}
