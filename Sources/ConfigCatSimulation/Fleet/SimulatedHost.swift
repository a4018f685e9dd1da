/// A machine with its two clocks.
final class SimulatedHost {
    /// The milliseconds by which its time of day is ahead of the world's.
    var wallOffset: Int64
    /// The speed of its monotonic clock; 1 is exact.
    let rate: Double
    /// The time of its monotonic clock at the beginning, in milliseconds.
    let base: Int64
    private let world: World

    init(_ world: World, wallOffset: Int64, rate: Double, base: Int64) {
        self.world = world
        self.wallOffset = wallOffset
        self.rate = rate
        self.base = base
    }

    /// The time of day, in Unix milliseconds.
    var wall: Int64 { Fleet.epoch + world.now + wallOffset }
    /// The time of the monotonic clock, in milliseconds.
    var monotonic: Int64 { base + Int64((Double(world.now) * rate).rounded(.down)) }
}
