import ConfigCatCache

/// A simulated world: virtual time, and the jobs of all tasks in it. Everything runs on the thread that calls
/// ``run(until:)``, in an order that the seed decides.
///
/// It is no actor and has no lock, so that nothing in it can run elsewhere; that is why it may call itself `Sendable`.
final class World: @unchecked Sendable {
    /// The virtual time since the beginning, in milliseconds.
    private(set) var now: Int64 = 0
    var random: SplitMix
    /// What happened, one line an event; nil where nobody will read it.
    private(set) var log: [String]?
    /// What is wrong; nothing goes on after that.
    private(set) var violation: String?
    var downloads = Downloads()
    /// How many jobs and events have run.
    private(set) var steps = 0

    private var events = EventQueue<() -> Void>()
    private var jobs: [(job: UnownedJob, executor: SimulatedExecutor)] = []
    /// How to end what somebody waits for, so that nothing is left behind when the world ends.
    private var waits: [Int: () -> Void] = [:]
    private var nextWait = 0
    private(set) var isEnding = false

    /// How many steps a run takes at most: many times what the largest ones take.
    private static let stepLimit = 20_000_000

    init(seed: UInt64, isRecorded: Bool) {
        random = SplitMix(state: seed)
        log = isRecorded ? [] : nil
    }

    // MARK: - Events

    /// Does something after so many milliseconds. What is due at the same time happens in a random order.
    func after(_ milliseconds: Int64, _ body: @escaping () -> Void) {
        events.add(body, at: (now + max(0, milliseconds)) << 8 | Int64(random.next() & 0xFF))
    }

    func record(_ text: @autoclosure () -> String) {
        log?.append("\(now) \(text())")
    }

    /// Notes that something is wrong. The first finding counts.
    func fail(_ text: String) {
        guard violation == nil, !isEnding else { return }
        violation = text
        record("VIOLATION: \(text)")
    }

    // MARK: - Tasks

    func enqueue(_ job: UnownedJob, on executor: SimulatedExecutor) { jobs.append((job, executor)) }

    /// Runs jobs and events until a time.
    func run(until end: Int64) {
        while violation == nil, step(until: end) {
            if steps > Self.stepLimit { fail("the fleet does not come to rest") }
        }
        if violation == nil { now = end }
    }

    /// Ends all that anybody still waits for, so that no task is left.
    func end() {
        isEnding = true
        for _ in 0..<1_000_000 {
            for end in waits.values { end() }
            guard step(until: .max) else { return }
        }
    }

    private func step(until end: Int64) -> Bool {
        if !jobs.isEmpty {
            runJob()
            return true
        }
        guard let next = events.nextTime, next >> 8 <= end, let (time, body) = events.next() else { return false }
        steps += 1
        now = time >> 8
        body()
        return true
    }

    private func runJob() {
        steps += 1
        let index = jobs.count == 1 ? 0 : Int(random.next() % UInt64(jobs.count))
        jobs.swapAt(index, jobs.count - 1)
        let (job, executor) = jobs.removeLast()
        job.runSynchronously(on: executor.asUnownedTaskExecutor())
    }

    /// Waits for something in this world.
    ///
    /// - Parameter start: Brings it about: is given the promise to finish.
    func wait<Value: Sendable>(_ start: (Promise<Value>) -> Void) async throws -> Value {
        let promise = Promise<Value>()
        nextWait += 1
        let id = nextWait
        waits[id] = { promise.finish(.failure(CancellationError())) }
        defer { waits[id] = nil }
        return try await promise.value {
            if isEnding { promise.finish(.failure(CancellationError())) } else { start(promise) }
        }
    }
}
