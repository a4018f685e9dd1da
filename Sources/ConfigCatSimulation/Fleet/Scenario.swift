/// What happens in a simulation: drawn from a seed, and made smaller when it has found something.
package struct Scenario: Sendable {
    enum Store: String, CaseIterable, Sendable {
        case none
        /// A server with a clock of its own, such as Redis.
        case server
        /// A store on each host, dated by the host's clock: a file, SQLite.
        case local
        /// A store on each host, before a server.
        case layered
        /// A store of somebody's own, with two methods.
        case plain
        /// A store of somebody's own that reads headers, and has no order and no leases.
        case headers
    }

    enum Mode: Sendable {
        case auto, lazy, manual
    }

    struct Host: Sendable {
        var wallOffset: Int64
        var rate: Double
        var base: Int64
    }

    struct Process: Sendable {
        var host: Int
        var mode: Mode
        /// Between polls, in seconds.
        var interval: Int
        var maxInitWait: Int
        var jitter: Double
        var isOffline: Bool
        /// When it begins, in milliseconds.
        var start: Int64
        /// How long its client exists before it starts.
        var startDelay: Int64
        var lag: Int64
    }

    enum Call: String, CaseIterable, Sendable {
        case value, ready, refresh
    }

    enum Event: Sendable {
        case change
        case cdn(SimulatedCDN.Fault, duration: Int64)
        case store(SimulatedStore.Fault.Kind, duration: Int64)
        case flush
        case restore(age: Int64)
        case storeClock(by: Int64)
        case wallClock(host: Int, by: Int64)
        /// Another SDK has downloaded, and writes what it got some time later, dated by a clock that may be wrong.
        case foreign(clockOffset: Int64, delay: Int64)
        case call(process: Int, Call, cancelledAfter: Int64?)
        case offline(process: Int)
        case online(process: Int)
        case close(process: Int)
        case shutdown(process: Int, cancelledAfter: Int64?)
        case crash(process: Int)
        case restart(process: Int)
        case stop(process: Int, duration: Int64)
    }

    struct Timed: Sendable {
        var time: Int64
        var event: Event

        /// When it is over.
        var end: Int64 {
            switch event {
            case .cdn(_, let duration), .store(_, let duration), .stop(_, let duration): time + duration
            case .foreign(_, let delay): time + delay
            default: time
            }
        }
    }

    package let seed: UInt64
    /// Decides what is left to chance while the scenario runs.
    var worldSeed: UInt64
    var store: Store
    var hosts: [Host]
    var processes: [Process]
    var events: [Timed]
    var storeOffset: Int64

    /// When the last fault is over.
    var quiet: Int64 { max(1000, (events.map(\.end).max() ?? 0) + 1000, (processes.map(\.start).max() ?? 0) + 1000) }
    /// The longest interval, in milliseconds.
    var longestInterval: Int64 { Int64(processes.map(\.interval).max() ?? 1) * 1000 }

    /// How long after the last fault every process has to have the newest config, in milliseconds.
    ///
    /// A poll comes an interval after the one before. Failures put it off to four intervals, and an entry dated in the future
    /// is fresh for one more. Then a lease may have to end, and a store or the CDN be given up.
    var settling: Int64 {
        let jitter = processes.map(\.jitter).max() ?? 0
        var (intervals, rest): (Int64, Int64) = (2, 8000)
        for timed in events {
            switch timed.event {
            case .cdn(let fault, _):
                intervals = 5
                if fault == .hang || fault == .slow { rest = max(rest, 32_000) }
            case .foreign, .storeClock, .wallClock, .restore, .flush: intervals = 5
            case .store, .crash, .stop: rest = max(rest, 15_000)
            default: break
            }
        }
        return Int64(Double(intervals * longestInterval) * (1 + jitter)) + rest
    }

    /// Whether a call may go on after its caller: a store that is slow to grant a lease, or a layer that is given up.
    var hasSlowCalls: Bool {
        store == .layered
            || events.contains { timed in
                switch timed.event {
                case .store(.slow, _), .store(.hang, _): true
                default: false
                }
            }
    }

    /// Whether nothing happens by which a process, or a store, may go back to an older config.
    var isStrict: Bool {
        if store == .plain || store == .headers { return false }
        for timed in events {
            switch timed.event {
            case .flush, .restore, .storeClock, .foreign: return false
            case .wallClock: if store == .local || store == .layered { return false }
            default: break
            }
        }
        return true
    }
}
