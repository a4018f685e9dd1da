/// Runs the tasks of one process. Jobs wait while the process is stopped, and some are delayed, as on a busy machine.
final class SimulatedExecutor: TaskExecutor, @unchecked Sendable {
    private let world: World
    /// The longest delay of a job, in milliseconds.
    private let lag: UInt64
    private var waiting: [UnownedJob] = []

    var isStopped = false {
        didSet {
            guard !isStopped else { return }
            for job in waiting { world.enqueue(job, on: self) }
            waiting = []
        }
    }

    init(_ world: World, lag: Int64 = 0) {
        self.world = world
        self.lag = UInt64(max(0, lag))
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard lag > 0, !world.isEnding, world.random.next() % 8 == 0 else { return add(job) }
        world.after(Int64(world.random.next() % (lag + 1))) { self.add(job) }
    }

    private func add(_ job: UnownedJob) {
        if isStopped { waiting.append(job) } else { world.enqueue(job, on: self) }
    }
}
