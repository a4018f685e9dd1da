import ConfigCatPlatform
import ConfigCatCommandLine
import ConfigCatCache
import ConfigCatServing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Runs a fleet of processes, and measures it.
package struct FleetRun {
    package var processes: Int
    package var interval: Int
    package var duration: Double
    package var changes: [Double]
    package var faults: [FleetFault]
    package var size: Int
    package var cache: String

    /// Creates a run, which does not start yet.
    ///
    /// - Parameters:
    ///   - processes: The number of workers.
    ///   - interval: The polling interval in seconds.
    ///   - duration: The duration in seconds after all workers are ready.
    ///   - changes: The times at which the config changes, in seconds, in ascending order.
    ///   - faults: The faults, in any order.
    ///   - size: The size of the config in bytes.
    ///   - cache: The URL of the cache, or `redis-server`.
    package init(
        processes: Int, interval: Int, duration: Double, changes: [Double], faults: [FleetFault], size: Int,
        cache: String
    ) {
        self.processes = processes
        self.interval = interval
        self.duration = duration
        self.changes = changes
        self.faults = faults
        self.size = size
        self.cache = cache
    }

    private static let sdkKey = "configcat-sdk-1/FLEET_0123456789012345/1234567890123456789012"
    /// The longest wait for the workers to be ready, in milliseconds.
    private static let startLimit: Double = 60_000

    /// Runs the fleet to its end.
    ///
    /// - Returns: The measurements.
    /// - Throws: `CommandError` if a fault cannot be used with the cache, or a process cannot be started; otherwise, the
    ///   error of the cache or the CDN.
    package func run() async throws -> FleetReport {
        let store = try await FleetStore(cache)
        do {
            let report = try await run(store)
            await store.close()
            return report
        } catch {
            await store.close()
            throw error
        }
    }

    private func run(_ store: FleetStore) async throws -> FleetReport {
        for fault in faults {
            if let refusal = store.refusal(of: fault.kind) { throw CommandError("\(fault.kind.rawValue) \(refusal)") }
        }
        try await store.remove(for: CacheKey.key(forSDKKey: Self.sdkKey))
        let cdn = FleetCDN(version: 0, size: size)
        let server = try await LocalServer(cdn)
        let (bytesBefore, begun) = (await store.bytes(), FleetClock.now)
        var workers: [FleetChild] = []
        for number in 0..<processes {
            workers.append(
                try FleetChild(
                    Self.executable,
                    [
                        "fleet-worker", "--sdk-key", Self.sdkKey, "--base-url", "\(server.url)/w\(number)", "--cache",
                        store.url, "--interval", "\(interval)",
                    ]))
        }
        while !workers.allSatisfy({ Self.readyTime($0) != nil }), FleetClock.now - begun < Self.startLimit {
            try await Task.sleep(for: .milliseconds(20))
        }
        // The work that the start caused ends within this time.
        try await Task.sleep(for: .milliseconds(500))
        let (bytesAtStart, requestsAtStart, started) = (await store.bytes(), cdn.requests.count, FleetClock.now)

        let observed = try await observe(store, cdn, workers, since: started)
        let (bytesAtEnd, ended) = (await store.bytes(), FleetClock.now)
        for worker in workers { worker.signal(SIGTERM) }
        for worker in workers { await worker.end() }
        await server.stop()

        let requests = cdn.requests
        let later = requests[requestsAtStart...]
        var report = FleetReport(
            cache: Self.name(store.url), processes: processes, interval: interval, duration: (ended - started) / 1000,
            startDownloads: requests[..<requestsAtStart].count { $0.status == 200 },
            startBytes: bytesAtStart.flatMap { end in bytesBefore.map { end - $0 } },
            ready: workers.compactMap { Self.readyTime($0) }.map { $0 - begun },
            downloads: later.count { $0.status == 200 }, confirmations: later.count { $0.status == 304 },
            failures: later.count { $0.status >= 400 },
            bytes: bytesAtEnd.flatMap { end in bytesAtStart.map { end >= $0 ? end - $0 : end } }, commands: 0)
        report.faults = faults.map {
            "\($0.kind.rawValue)@\(Percentiles.number($0.start))+\(Percentiles.number($0.duration))"
        }
        report.killed = observed.killed.count
        report.takeOver = observed.takeOver
        let survivors = workers.enumerated().filter { !observed.killed.contains($0.offset) }.map(\.element)
        report.changes = observed.changes.map { Self.change($0.version, at: $0.time, survivors) }
        Self.add(survivors, to: &report)
        return report
    }

    // MARK: - Timeline

    private struct Observed: Sendable {
        var changes: [(version: Int, time: Double)] = []
        var killed: Set<Int> = []
        var takeOver: Double?
    }

    private enum TimelineEvent: Sendable { case change(Int), begin(FleetFault), end(FleetFault) }

    private func observe(
        _ store: FleetStore, _ cdn: FleetCDN, _ workers: [FleetChild], since started: Double
    ) async throws -> Observed {
        var timeline: [(time: Double, event: TimelineEvent)] = changes.enumerated().map { ($1, .change($0 + 1)) }
        for fault in faults {
            timeline.append((fault.start, .begin(fault)))
            timeline.append((fault.start + fault.duration, .end(fault)))
        }
        var observed = Observed()
        // Some faults take long to perform, and must not delay the next events.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (time, event) in timeline.sorted(by: { $0.time < $1.time }) where time <= duration {
                try await Self.sleep(until: started + time * 1000)
                switch event {
                case .change(let version):
                    cdn.serve(version: version, size: size)
                    observed.changes.append((version, FleetClock.now))
                case .begin(let fault):
                    switch fault.kind {
                    case .cdnDown: cdn.setBehaviour(.failing)
                    case .holderKill:
                        let (victim, takeOver) = try await killHolder(cdn, workers)
                        observed.killed.insert(victim)
                        observed.takeOver = takeOver
                    case .cacheLock: group.addTask { try await store.begin(fault) }
                    default: try await store.begin(fault)
                    }
                case .end(let fault):
                    if fault.kind == .cdnDown { cdn.setBehaviour(.normal) } else { try await store.end(fault) }
                }
            }
            try await group.waitForAll()
        }
        try await Self.sleep(until: started + duration * 1000)
        return observed
    }

    /// Kills the worker that waits for the CDN's response, and waits until another worker sends a request.
    private func killHolder(_ cdn: FleetCDN, _ workers: [FleetChild]) async throws -> (victim: Int, takeOver: Double) {
        cdn.setBehaviour(.hanging)
        while cdn.unanswered.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        let victim = cdn.unanswered[0]
        workers[victim].signal(SIGKILL)
        let killed = FleetClock.now
        cdn.setBehaviour(.normal)
        let before = cdn.requests.count
        while cdn.requests.count == before, FleetClock.now - killed < 60_000 {
            try await Task.sleep(for: .milliseconds(1))
        }
        return (victim, FleetClock.now - killed)
    }

    private static func sleep(until time: Double) async throws {
        let left = time - FleetClock.now
        if left > 0 { try await Task.sleep(for: .microseconds(left * 1000)) }
    }

    // MARK: - Output of workers

    private static func readyTime(_ worker: FleetChild) -> Double? {
        worker.lines.first { $0.hasPrefix("ready ") }.flatMap { Double($0.dropFirst(6)) }
    }

    private static func change(_ version: Int, at time: Double, _ workers: [FleetChild]) -> FleetReport.Change {
        let times = workers.compactMap { worker in
            worker.lines.lazy.compactMap { line -> Double? in
                let parts = line.split(separator: " ")
                // A worker that skipped this version has a newer one, which counts too.
                guard parts.count == 3, parts[0] == "changed", Int(parts[2]) ?? -1 >= version else { return nil }
                return Double(parts[1])
            }.first
        }
        let first = times.min() ?? 0
        return FleetReport.Change(
            version: version, fromCDN: times.map { $0 - time }, fromFirst: times.map { $0 - first },
            missing: workers.count - times.count)
    }

    private static func add(_ workers: [FleetChild], to report: inout FleetReport) {
        var (medians, edges): ([Double], [Double]) = ([], [])
        for worker in workers {
            guard let line = worker.lines.last(where: { $0.hasPrefix("done ") }),
                let document = try? JSONDecoder().decode([String: Double].self, from: Data(line.dropFirst(5).utf8))
            else { continue }
            func number(_ name: String) -> Int { Int(document[name] ?? 0) }
            report.commands += number("commands")
            report.evaluations += number("evaluations")
            report.wrong += number("wrong")
            report.regressed += number("regressed")
            medians.append(document["latencyMedian"] ?? 0)
            edges.append(document["latencyP99"] ?? 0)
        }
        report.latencyMedian = Percentiles(medians)?.median
        report.latencyP99 = Percentiles(edges)?.median
    }

    /// The path of this program.
    private static var executable: String {
        #if os(Linux)
            "/proc/self/exe"
        #else
            CommandLine.arguments.first ?? "configcatctl"
        #endif
    }

    /// Returns a description of a cache without secrets.
    private static func name(_ url: String) -> String {
        switch try? CacheURL(url) {
        case .memory: "memory"
        case .file: "files"
        case .sqlite: "SQLite"
        case .redis(let url): "Redis at \(url)"
        case nil: "cache"
        }
    }
}
