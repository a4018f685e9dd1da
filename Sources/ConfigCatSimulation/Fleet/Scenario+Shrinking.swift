extension Scenario {
    /// Removes events, processes, delays and clock differences from a failing scenario, as long as it still fails.
    ///
    /// Removing anything also changes the random decisions during the run, so each candidate is tried with several
    /// seeds.
    ///
    /// - Parameters:
    ///   - tries: The number of seeds with which each candidate is tried.
    ///   - fails: Runs a scenario, and returns whether it fails.
    /// - Returns: The smallest failing scenario found.
    package func shrunk(tries: UInt64 = 30, while fails: (Scenario) -> Bool) -> Scenario {
        var smallest = self
        while let smaller = smallest.smaller(tries, fails) { smallest = smaller }
        return smallest
    }

    private func smaller(_ tries: UInt64, _ fails: (Scenario) -> Bool) -> Scenario? {
        for candidate in candidates {
            if let failing = candidate.failing(tries, fails) { return failing }
        }
        return nil
    }

    private func failing(_ tries: UInt64, _ fails: (Scenario) -> Bool) -> Scenario? {
        for offset in 0..<tries {
            var candidate = self
            candidate.worldSeed = worldSeed &+ offset
            if fails(candidate) { return candidate }
        }
        return nil
    }

    /// Scenarios that are one step smaller; those with the most events removed come first.
    private var candidates: [Scenario] {
        var candidates: [Scenario] = []
        var length = events.count
        while length > 0 {
            for start in stride(from: 0, to: events.count, by: length) {
                candidates.append(changed { $0.events.removeSubrange(start..<min(start + length, events.count)) })
            }
            length /= 2
        }
        if processes.count > 1 { candidates += processes.indices.map(without(process:)) }
        for index in processes.indices {
            if processes[index].lag > 0 { candidates.append(changed { $0.processes[index].lag = 0 }) }
            if processes[index].jitter > 0 { candidates.append(changed { $0.processes[index].jitter = 0 }) }
            if processes[index].start > 0 { candidates.append(changed { $0.processes[index].start = 0 }) }
            if processes[index].startDelay > 0 { candidates.append(changed { $0.processes[index].startDelay = 0 }) }
        }
        if storeOffset != 0 { candidates.append(changed { $0.storeOffset = 0 }) }
        for index in hosts.indices where hosts[index].wallOffset != 0 || hosts[index].rate != 1 {
            candidates.append(changed { ($0.hosts[index].wallOffset, $0.hosts[index].rate) = (0, 1) })
        }
        return candidates
    }

    private func changed(_ change: (inout Scenario) -> Void) -> Scenario {
        var scenario = self
        change(&scenario)
        return scenario
    }

    private func without(process removed: Int) -> Scenario {
        changed { scenario in
            scenario.processes.remove(at: removed)
            scenario.events = events.compactMap { timed in
                guard let process = timed.event.process else { return timed }
                if process == removed { return nil }
                var timed = timed
                if process > removed { timed.event = timed.event.moved(to: process - 1) }
                return timed
            }
        }
    }
}

extension Scenario.Event {
    /// The process that the event concerns; nil if it concerns none.
    fileprivate var process: Int? {
        switch self {
        case .call(let process, _, _), .offline(let process), .online(let process), .close(let process),
            .shutdown(let process, _), .crash(let process), .restart(let process), .stop(let process, _):
            process
        case .change, .cdn, .store, .flush, .restore, .storeClock, .wallClock, .foreign: nil
        }
    }

    fileprivate func moved(to process: Int) -> Self {
        switch self {
        case .call(_, let call, let limit): .call(process: process, call, cancelledAfter: limit)
        case .offline: .offline(process: process)
        case .online: .online(process: process)
        case .close: .close(process: process)
        case .shutdown(_, let limit): .shutdown(process: process, cancelledAfter: limit)
        case .crash: .crash(process: process)
        case .restart: .restart(process: process)
        case .stop(_, let duration): .stop(process: process, duration: duration)
        case .change, .cdn, .store, .flush, .restore, .storeClock, .wallClock, .foreign: self
        }
    }
}
