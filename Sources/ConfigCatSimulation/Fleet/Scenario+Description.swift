extension Scenario: CustomStringConvertible {
    /// The store, hosts, processes and events of the scenario, one line for each.
    package var description: String {
        var lines = ["Store: \(store.rawValue), its clock \(storeOffset) ms off. No faults after \(quiet) ms."]
        for (index, host) in hosts.enumerated() {
            lines.append("Host \(index): clock \(host.wallOffset) ms off, runs \(host.rate) times as fast.")
        }
        for (index, process) in processes.enumerated() {
            lines.append(
                "Process \(index) on host \(process.host): \(process.mode)\(process.isOffline ? ", offline" : ""), every "
                    + "\(process.interval) s + \(Int(process.jitter * 100))%, begins at \(process.start) ms, starts "
                    + "\(process.startDelay) ms later, its tasks up to \(process.lag) ms late.")
        }
        for timed in events { lines.append("\(timed.time) ms: \(timed.event)") }
        return lines.joined(separator: "\n")
    }
}

extension Scenario.Event: CustomStringConvertible {
    package var description: String {
        switch self {
        case .change: "the config changes"
        case .cdn(let fault, let duration): "the CDN's fault '\(fault)' for \(duration) ms"
        case .store(let fault, let duration): "a store's fault '\(fault)' for \(duration) ms"
        case .flush: "a store is flushed"
        case .restore(let age): "a store is set back to what it had \(age) ms ago"
        case .storeClock(let step): "the server's clock is set by \(step) ms"
        case .wallClock(let host, let step): "the clock of host \(host) is set by \(step) ms"
        case .foreign(let offset, let delay):
            "another SDK downloads, and writes \(delay) ms later, dated \(offset) ms off"
        case .call(let process, let call, let limit): "process \(process): \(call.rawValue)\(Self.limit(limit))"
        case .offline(let process): "process \(process) goes offline"
        case .online(let process): "process \(process) goes online"
        case .close(let process): "process \(process) closes its client"
        case .shutdown(let process, let limit): "process \(process) shuts its client down\(Self.limit(limit))"
        case .crash(let process): "process \(process) crashes"
        case .restart(let process): "process \(process) begins again"
        case .stop(let process, let duration): "process \(process) is stopped for \(duration) ms"
        }
    }

    private static func limit(_ milliseconds: Int64?) -> String {
        milliseconds.map { ", cancelled after \($0) ms" } ?? ""
    }
}
