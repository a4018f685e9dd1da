import ConfigCatSimulation
import ConfigCatCache
import Testing

@testable import ConfigCat

/// Random histories of one client, with a correct store that other processes also write to.
@Suite("Adversity: polling state machine at random")
struct MachineModelStressTests {
    typealias Entry = MachineAdversityTests.Entry
    typealias Machine = PollingStateMachine<Entry>

    /// A machine with its pending reads, downloads, leases and timers.
    struct World {
        var machine: Machine
        var random: SplitMix
        var now: Int64 = 1_000_000
        var stored: Entry?
        var version = 1
        var asked: Set<UInt64> = []
        var answered: Set<UInt64> = []
        var nextWaiter: UInt64 = 1
        /// The content of the store when each read began.
        var reads: [Entry?] = []
        var fetches: [(id: UInt64, entry: Entry)] = []
        var leases: [UInt64] = []
        var timers: Set<String> = []
        var newest: Int64 = .min
        var faults: [String] = []
        var isClosed = false

        init(seed: UInt64) {
            random = SplitMix(state: seed)
            let mode: PollingMode.Kind =
                switch random.next() % 3 {
                case 0: .auto(interval: .seconds(60), maxInitWait: .seconds(5))
                case 1: .lazy(timeToLive: .seconds(60))
                default: .manual
                }
            machine = Machine(
                Machine.Settings(
                    mode: mode, hasCache: true, isOffline: false, jitter: 0, hasLeases: random.next() % 2 == 0),
                random: SplitMix(state: seed &+ 1))
        }

        mutating func perform(_ actions: [Machine.Action]) {
            if actions.count > 12 { faults.append("\(actions.count) actions for one event") }
            for action in actions {
                if isClosed {
                    switch action {
                    case .writeCache, .releaseLease, .resume, .stopPollTimer, .stopInitTimer, .stopCacheTimer,
                        .stopLeaseTimer, .cancelFetch:
                        break
                    default: faults.append("an action after close")
                    }
                }
                switch action {
                case .readCache: reads.append(stored)
                case .fetch(_, let id, _): fetches.append((id, Entry("v\(version)", now)))
                case .acquireLease(let id): leases.append(id)
                case .writeCache(let write):
                    if stored.map({ $0.time.instant <= write.entry.time.instant }) ?? true { stored = write.entry }
                case .publish(let entry, let source, let isNew):
                    if entry.time.instant < newest {
                        faults.append("\(isNew ? "an older config" : "an older date") comes from the \(source)")
                    }
                    newest = max(newest, entry.time.instant)
                case .resume(let waiters, _):
                    for waiter in waiters {
                        if !answered.insert(waiter).inserted { faults.append("waiter \(waiter) answered twice") }
                    }
                case .startPollTimer: timers.insert("poll")
                case .startInitTimer: timers.insert("init")
                case .startCacheTimer: timers.insert("cache")
                case .startLeaseTimer: timers.insert("lease")
                case .stopPollTimer: timers.remove("poll")
                case .stopInitTimer: timers.remove("init")
                case .stopCacheTimer: timers.remove("cache")
                case .stopLeaseTimer: timers.remove("lease")
                default: break
                }
            }
        }

        mutating func step() {
            now += Int64(random.next() % 3000)
            switch random.next() % 14 {
            case 0: perform(machine.start(now: now))
            case 1:
                let waiter = nextWaiter
                nextWaiter += 1
                asked.insert(waiter)
                perform(machine.refreshRequested(by: waiter, now: now))
            case 2:
                let waiter = nextWaiter
                nextWaiter += 1
                if let actions = machine.valueRequested(by: waiter, now: now) {
                    asked.insert(waiter)
                    perform(actions)
                }
            case 3: perform(machine.cacheChanged(now: now))
            case 4:
                // Another process downloads.
                version += 1
                stored = Entry("v\(version)", now)
            case 5: stored = random.next() % 4 == 0 ? nil : stored
            case 6: perform(random.next() % 2 == 0 ? machine.setOffline(now: now) : machine.setOnline(now: now))
            case 7:
                if let waiter = asked.subtracting(answered).randomElement(using: &random) {
                    perform(machine.waiterCancelled(waiter))
                }
            default: progress()
            }
            if !isClosed, machine.entry == nil, newest > .min { faults.append("the config is gone") }
        }

        /// Ends one of the pending operations.
        mutating func progress() {
            switch random.next() % 4 {
            case 0: if !reads.isEmpty { answerRead() }
            case 1:
                if !fetches.isEmpty {
                    let (id, entry) = fetches.removeFirst()
                    let fails = random.next() % 5 == 0
                    perform(
                        machine.fetchEnded(
                            fails ? .failed(.failure(.httpRequestTimeout, "late")) : .entry(entry), id: id, now: now))
                }
            case 2:
                if !leases.isEmpty {
                    let lease: Machine.Lease =
                        switch random.next() % 3 {
                        case 0: .granted
                        case 1: .held(milliseconds: 3000)
                        default: .failed
                        }
                    perform(machine.leaseResolved(lease, id: leases.removeFirst(), now: now))
                }
            default:
                guard let timer = timers.sorted().randomElement(using: &random) else { return }
                timers.remove(timer)
                switch timer {
                case "poll": perform(machine.pollTimerFired(now: now))
                case "init": perform(machine.initTimerFired(now: now))
                case "cache": perform(machine.cacheTimerFired(now: now))
                default: perform(machine.leaseTimerFired(now: now))
                }
            }
        }

        /// A store may read at any moment between the request and the answer.
        private mutating func answerRead() {
            let asked = reads.removeFirst()
            let read = random.next() % 2 == 0 ? asked : stored
            let content: Machine.CacheRead.Content = read.map { .entry($0) } ?? .absent
            perform(machine.cacheRead(content, now: now))
        }

        /// Ends all pending operations, without new requests.
        mutating func settle() {
            for _ in 0..<2000 where asked != answered { progress() }
        }
    }

    @Test("in random histories, each waiter is resumed once, and no config is older than the one before")
    func histories() {
        var faults: [String: (count: Int, seed: UInt64)] = [:]
        func note(_ fault: String, _ seed: UInt64) {
            let kind = String(fault.filter { !$0.isNumber })
            faults[kind] = ((faults[kind]?.count ?? 0) + 1, faults[kind]?.seed ?? seed)
        }
        for seed in 0..<UInt64(3000) {
            var world = World(seed: seed)
            for _ in 0..<200 { world.step() }
            world.settle()
            if world.asked != world.answered { note("a waiter is lost", seed) }
            world.perform(world.machine.close())
            world.isClosed = true
            for _ in 0..<20 { world.step() }
            if world.asked != world.answered { note("a waiter is lost by close", seed) }
            for fault in world.faults { note(fault, seed) }
        }
        #expect(faults.isEmpty, "\(faults)")
    }
}
