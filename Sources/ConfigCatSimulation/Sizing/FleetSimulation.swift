import ConfigCat
import ConfigCatCache

/// A fleet in virtual time: the clients' state machines and the stores' rules, with latencies instead of I/O.
package struct FleetSimulation {
    /// The size of the fleet, and its events.
    package struct Settings: Sendable {
        var processes: Int
        var interval: Int
        var duration: Int64
        var changes: [Int64]
        var entrySize: Int
        var seed: UInt64

        /// Creates the settings of a simulation.
        ///
        /// - Parameters:
        ///   - processes: The number of processes.
        ///   - interval: The polling interval, in seconds.
        ///   - duration: The duration of the run, in milliseconds.
        ///   - changes: The times at which the config changes, in milliseconds from the start, in ascending order.
        ///   - entrySize: The size of an entry, in bytes.
        ///   - seed: The seed of the random numbers.
        package init(
            processes: Int, interval: Int, duration: Int64, changes: [Int64] = [], entrySize: Int = 144_000,
            seed: UInt64 = 1
        ) {
            (self.processes, self.interval, self.duration) = (processes, interval, duration)
            (self.changes, self.entrySize, self.seed) = (changes, entrySize, seed)
        }
    }

    /// The measurements of a run. Those whose names end with `AtStart` are for its first two seconds.
    package struct Outcome: Sendable {
        package fileprivate(set) var downloads = 0
        package fileprivate(set) var confirmations = 0
        package fileprivate(set) var downloadsAtStart = 0
        package fileprivate(set) var commands = 0
        package fileprivate(set) var commandsAtStart = 0
        package fileprivate(set) var bytes = 0
        package fileprivate(set) var bytesAtStart = 0
        package fileprivate(set) var regressions = 0
        /// For each change, the milliseconds until each process had it.
        package fileprivate(set) var delays: [[Double]] = []
    }

    struct Entry: PollableEntry {
        var version: Int
        var eTag: String
        var time: EntryTime

        init(version: Int, time: EntryTime) {
            (self.version, self.time) = (version, time)
            eTag = String(version)
        }

        var header: CacheEntryHeader { CacheEntryHeader(fetchTime: time.fetchTime, eTag: eTag) }

        func isSameConfig(as other: Entry) -> Bool { version == other.version }
    }

    private typealias Machine = PollingStateMachine<Entry>

    private enum TimerKind: Int, CaseIterable { case poll, initWait, cache, lease }

    private enum Event {
        case start
        case timer(TimerKind, generation: UInt32)
        case cacheRead(held: Entry?, acceptsOlder: Bool)
        case readWhole(StoreReading)
        case fetched(id: UInt64, held: Entry?, asked: EntryTime)
        case written(Machine.Write)
        case leased(id: UInt64)
        case released
        case cacheChanged
    }

    private struct Process {
        var machine: Machine
        var generations = [UInt32](repeating: 0, count: TimerKind.allCases.count)
        var seen: CacheEntryHeader?
        var version = -1
    }

    private static let cacheLatency: Int64 = 1
    private static let fetchLatency: Int64 = 50
    /// The time of day at the beginning, in Unix milliseconds, because the stores' rules expect realistic times.
    private static let epoch: Int64 = 1_700_000_000_000
    /// The traffic of reading a header, acquiring a lease or refreshing a timestamp, in bytes.
    private static let commandSize = 250
    /// The part of the run that counts as the start, in milliseconds.
    private static let startPhase: Int64 = 2000

    private let settings: Settings
    private var processes: [Process]
    private var queue = EventQueue<(process: Int, event: Event)>()
    private var now = Self.epoch
    private var stored: Entry?
    private var lease: LeaseRecord?
    private var outcome = Outcome()

    package init(_ settings: Settings) {
        self.settings = settings
        var random = SplitMix(state: settings.seed)
        processes = (0..<settings.processes).map { _ in
            Process(
                machine: Machine(
                    Machine.Settings(
                        mode: .auto(interval: .seconds(settings.interval), maxInitWait: .seconds(5)), hasCache: true,
                        isOffline: false,
                        hasLeases: true), random: SplitMix(state: random.next())))
        }
        outcome.delays = settings.changes.map { _ in [] }
    }

    /// Runs the simulation to its end, and returns the measurements. Must be called only once.
    package mutating func run() -> Outcome {
        for process in processes.indices { queue.add((process, .start), at: now) }
        var isStarting = true
        while let (time, next) = queue.next(), time <= Self.epoch + settings.duration {
            if isStarting, time > Self.epoch + Self.startPhase {
                isStarting = false
                outcome.downloadsAtStart = outcome.downloads
                outcome.commandsAtStart = outcome.commands
                outcome.bytesAtStart = outcome.bytes
            }
            now = time
            handle(next.event, next.process)
        }
        return outcome
    }

    /// The version of the config that the CDN serves now.
    private var version: Int { settings.changes.count { $0 <= now - Self.epoch } }

    // MARK: - Events

    private mutating func handle(_ event: Event, _ index: Int) {
        switch event {
        case .start: perform(processes[index].machine.start(now: now), index)
        case .timer(let kind, let generation):
            guard processes[index].generations[kind.rawValue] == generation else { return }
            let actions =
                switch kind {
                case .poll: processes[index].machine.pollTimerFired(now: now)
                case .initWait: processes[index].machine.initTimerFired(now: now)
                case .cache: processes[index].machine.cacheTimerFired(now: now)
                case .lease: processes[index].machine.leaseTimerFired(now: now)
                }
            perform(actions, index)
        case .cacheRead(let held, let acceptsOlder):
            let store = StoreReading(storeTime: now, instant: now)
            guard let stored else { return read(.absent, store, index) }
            switch HeaderCheck(
                stored.header, time: stored.time, store: store, held: held, last: processes[index].seen,
                acceptsOlder: acceptsOlder)
            {
            case .done(let content): read(content, store, index)
            case .readWhole:
                outcome.commands += 1
                outcome.bytes += settings.entrySize
                queue.add((index, .readWhole(store)), at: now + Self.cacheLatency)
            }
        case .readWhole(let store):
            processes[index].seen = stored?.header
            read(stored.map { .entry($0) } ?? .absent, store, index)
        case .fetched(let id, let held, let asked):
            if let held, held.version == version {
                outcome.confirmations += 1
                perform(processes[index].machine.fetchEnded(.notModified(asked), id: id, now: now), index)
            } else {
                outcome.downloads += 1
                let entry = Entry(version: version, time: asked)
                perform(processes[index].machine.fetchEnded(.entry(entry), id: id, now: now), index)
            }
        case .written(let write): self.write(write, index)
        case .leased(let id):
            let answer = LeaseRecord.acquire(
                &lease, token: "\(index)", duration: .milliseconds(processes[index].machine.settings.leaseDuration),
                now: now)
            let result: Machine.Lease =
                switch answer {
                case .granted: .granted
                case .held(let left): .held(milliseconds: left.milliseconds)
                }
            perform(processes[index].machine.leaseResolved(result, id: id, now: now), index)
        case .released: if lease?.token == "\(index)" { lease = nil }
        case .cacheChanged: perform(processes[index].machine.cacheChanged(now: now), index)
        }
    }

    private mutating func read(_ content: Machine.CacheRead.Content, _ store: StoreReading, _ index: Int) {
        perform(processes[index].machine.cacheRead(Machine.CacheRead(content, store: store), now: now), index)
    }

    private mutating func write(_ write: Machine.Write, _ index: Int) {
        if write.isConfirmed {
            let result = WritePrecedence.timestampRefresh(
                of: stored?.header, by: write.entry.header, futureTime: write.futureTime, now: now)
            if result == .written { stored?.time = write.entry.time }
            if result != .needsFullWrite { return }
        }
        outcome.commands += 1
        outcome.bytes += settings.entrySize
        guard
            WritePrecedence.shouldReplace(
                stored: stored?.time.fetchTime, fetchTime: write.entry.time.fetchTime, futureTime: write.futureTime,
                now: now)
        else { return queue.add((index, .cacheChanged), at: now) }
        stored = write.entry
        for process in processes.indices { queue.add((process, .cacheChanged), at: now + Self.cacheLatency) }
    }

    // MARK: - Actions

    private mutating func perform(_ actions: [Machine.Action], _ index: Int) {
        for action in actions {
            switch action {
            case .readCache(let held, let acceptsOlder):
                command(.cacheRead(held: held, acceptsOlder: acceptsOlder), index)
            case .acquireLease(let id): command(.leased(id: id), index)
            // Clients release the lease after the write.
            case .releaseLease: command(.released, index, after: 2 * Self.cacheLatency)
            case .writeCache(let write): command(.written(write), index)
            case .fetch(let held, let id, let store):
                let asked = EntryTime(fetchTime: now, instant: now, storeTime: store?.storeTime(at: now))
                queue.add((index, .fetched(id: id, held: held, asked: asked)), at: now + Self.fetchLatency)
            case .publish(let entry, _, let isNew): if isNew { publish(entry, index) }
            case .startPollTimer(let delay): start(.poll, delay, index)
            case .stopPollTimer: stop(.poll, index)
            case .startInitTimer(let delay): start(.initWait, delay, index)
            case .stopInitTimer: stop(.initWait, index)
            case .startCacheTimer(let delay): start(.cache, delay, index)
            case .stopCacheTimer: stop(.cache, index)
            case .startLeaseTimer(let delay): start(.lease, delay, index)
            case .stopLeaseTimer: stop(.lease, index)
            case .cancelFetch, .becomeReady, .resume, .log: break
            }
        }
    }

    private mutating func command(_ event: Event, _ index: Int, after delay: Int64 = Self.cacheLatency) {
        outcome.commands += 1
        outcome.bytes += Self.commandSize
        queue.add((index, event), at: now + delay)
    }

    private mutating func publish(_ entry: Entry, _ index: Int) {
        if entry.version < processes[index].version { outcome.regressions += 1 }
        processes[index].version = entry.version
        guard entry.version > 0 else { return }
        let change = settings.changes[entry.version - 1]
        outcome.delays[entry.version - 1].append(Double(now - Self.epoch - change))
    }

    private mutating func start(_ kind: TimerKind, _ delay: Int64, _ index: Int) {
        processes[index].generations[kind.rawValue] &+= 1
        let generation = processes[index].generations[kind.rawValue]
        queue.add((index, .timer(kind, generation: generation)), at: now + delay)
    }

    private mutating func stop(_ kind: TimerKind, _ index: Int) {
        processes[index].generations[kind.rawValue] &+= 1
    }
}
