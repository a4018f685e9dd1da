/// The processes, the store and the events of a simulation. It is drawn from a seed, and shrunk if it fails.
package struct Scenario: Sendable {
    enum Store: String, CaseIterable, Sendable {
        case none
        /// A server with its own clock, such as Redis.
        case server
        /// A store on each host that uses the host's clock, such as files or SQLite.
        case local
        /// Two layers: a store on each host, and a server.
        case layered
        /// A user's cache without capabilities: it only reads and writes.
        case plain
        /// A user's cache that can also read headers, but has neither ordered writes nor leases.
        case headers
    }

    enum Mode: Sendable {
        case auto, lazy, manual
    }

    /// A machine; see ``SimulatedHost``.
    struct Host: Sendable {
        var wallOffset: Int64
        var rate: Double
        var base: Int64
    }

    struct Process: Sendable {
        var host: Int
        var mode: Mode
        /// The polling interval in seconds.
        var interval: Int
        var maxInitWait: Int
        var jitter: Double
        var isOffline: Bool
        /// The time at which the process begins, in milliseconds.
        var start: Int64
        /// The milliseconds between the creation of its client and the client's start.
        var startDelay: Int64
        /// The longest delay of its tasks, in milliseconds.
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
        /// Another SDK has downloaded, and writes its entry after a delay, dated by a clock that may be wrong.
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

        /// The time at which the event and its effect end.
        var end: Int64 {
            switch event {
            case .cdn(_, let duration), .store(_, let duration), .stop(_, let duration): time + duration
            case .foreign(_, let delay): time + delay
            default: time
            }
        }
    }

    /// The seed that determines the scenario.
    package let seed: UInt64
    /// The seed of the random decisions during the run.
    var worldSeed: UInt64
    var store: Store
    var hosts: [Host]
    var processes: [Process]
    var events: [Timed]
    /// The milliseconds by which the server's clock is ahead.
    var storeOffset: Int64

    /// The time at which all faults are over, in milliseconds.
    var quiet: Int64 { max(1000, (events.map(\.end).max() ?? 0) + 1000, (processes.map(\.start).max() ?? 0) + 1000) }
    /// The longest polling interval, in milliseconds.
    var longestInterval: Int64 { Int64(processes.map(\.interval).max() ?? 1) * 1000 }

    /// The time after the last fault by which every process has to have the newest config, in milliseconds.
    ///
    /// A poll follows the previous one after an interval. Failures delay it to up to four intervals, and an entry dated
    /// in the future stays fresh for one more. Then a lease may have to expire, or a call to a store or the CDN to fail.
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

    /// Whether a call to a store may outlast its caller, because the store is slow or a layer has timed out.
    var hasSlowCalls: Bool {
        store == .layered
            || events.contains { timed in
                switch timed.event {
                case .store(.slow, _), .store(.hang, _): true
                default: false
                }
            }
    }

    /// Whether a process or store that goes back to an older config is a violation: no event of the scenario allows it.
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
