/// A machine: its clocks.
final class SimulatedHost {
    /// Milliseconds by which the time of day differs from the world's.
    var wallOffset: Int64
    /// How fast its monotonic clock runs: 1 is exact.
    let rate: Double
    /// Where its monotonic clock began.
    let base: Int64
    private let world: World

    init(_ world: World, wallOffset: Int64, rate: Double, base: Int64) {
        self.world = world
        self.wallOffset = wallOffset
        self.rate = rate
        self.base = base
    }

    var wall: Int64 { Fleet.epoch + world.now + wallOffset }
    var monotonic: Int64 { base + Int64((Double(world.now) * rate).rounded(.down)) }
}
