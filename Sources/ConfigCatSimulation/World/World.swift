import ConfigCatCache

/// A simulated world: virtual time, and the jobs of all tasks in it. Everything runs on the thread that calls
/// ``run(until:)``, in an order that the seed determines.
///
/// It is `Sendable` without a lock because nothing in it runs on another thread.
final class World: @unchecked Sendable {
    /// The virtual time since the beginning, in milliseconds.
    private(set) var now: Int64 = 0
    var random: SplitMix
    /// One line for each event; nil if the run is not recorded.
    private(set) var log: [String]?
    /// The first violation of an invariant, which ends the run; nil if there is none.
    private(set) var violation: String?
    var downloads = Downloads()
    /// The number of jobs and events that have run.
    private(set) var steps = 0

    private var events = EventQueue<() -> Void>()
    private var jobs: [(job: UnownedJob, executor: SimulatedExecutor)] = []
    /// The functions that end each wait, so that no task is left when the world ends.
    private var waits: [Int: () -> Void] = [:]
    private var nextWait = 0
    private(set) var isEnding = false

    /// The greatest number of steps of a run, many times that of the largest scenarios.
    private static let stepLimit = 20_000_000

    init(seed: UInt64, isRecorded: Bool) {
        random = SplitMix(state: seed)
        log = isRecorded ? [] : nil
    }

    // MARK: - Events

    /// Schedules a function. Functions that are due at the same time run in a random order.
    func after(_ milliseconds: Int64, _ body: @escaping () -> Void) {
        events.add(body, at: (now + max(0, milliseconds)) << 8 | Int64(random.next() & 0xFF))
    }

    func record(_ text: @autoclosure () -> String) {
        log?.append("\(now) \(text())")
    }

    /// Reports a violation. Only the first one is kept.
    func fail(_ text: String) {
        guard violation == nil, !isEnding else { return }
        violation = text
        record("VIOLATION: \(text)")
    }

    // MARK: - Tasks

    func enqueue(_ job: UnownedJob, on executor: SimulatedExecutor) { jobs.append((job, executor)) }

    /// Runs jobs and events until a time, or until there is a violation.
    func run(until end: Int64) {
        while violation == nil, step(until: end) {
            if steps > Self.stepLimit { fail("the run exceeds the limit of \(Self.stepLimit) steps") }
        }
        if violation == nil { now = end }
    }

    /// Ends all waits, so that no task is left.
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

    /// Waits for a value that something in this world provides.
    ///
    /// - Parameter start: Is given the promise, and has it finished sooner or later.
    /// - Returns: The value.
    /// - Throws: The error that the promise is finished with; `CancellationError` when the world ends.
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
