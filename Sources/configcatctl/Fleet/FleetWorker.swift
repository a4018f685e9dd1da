import ArgumentParser
import ConfigCat
import CoreMetrics
import Dispatch
import Logging
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One process of a fleet. It says in lines what it sees, and at the end what it has done.
///
///     ready TIME
///     changed TIME VERSION
///     done {"evaluations": …}
struct FleetWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet-worker", abstract: "One process of a fleet.", shouldDisplay: false)

    @Option var sdkKey: String
    @Option var baseUrl: String
    @Option(transform: CacheAddress.init) var cache: CacheAddress
    @Option var interval: Int

    func run() async throws {
        let metrics = FleetMetrics()
        MetricsSystem.bootstrap(metrics)
        let cache = try cache.open()
        let watch = FleetWatch()
        let client = try ConfigCatClient.get(sdkKey: sdkKey) { options in
            options.baseUrl = baseUrl
            options.configCache = cache
            options.pollingMode = PollingModes.autoPoll(autoPollIntervalInSeconds: interval)
            options.logger = .silent
            options.logLevel = .critical
            options.http.connectTimeout = .seconds(2)
            options.hooks.addOnReady { (_: ClientCacheState) in Console.write("ready \(FleetClock.now)") }
            options.hooks.addOnConfigChanged(snapshotHandler: { _, snapshot in
                let version = snapshot.getValue(for: FleetCDN.key, defaultValue: -1)
                Console.write("changed \(FleetClock.now) \(version)")
                watch.hold(version)
            })
        }
        watch.start(client)
        let parent = getppid()
        DispatchQueue(label: "fleet.parent").async {
            // A run that is killed cannot end its workers, and nobody else would.
            while getppid() == parent { sleep(1) }
            _exit(1)
        }
        await Signals.interruption()
        var line = watch.stop()
        line.add(
            "commands",
            metrics.total("configcat.cache.header_reads") + metrics.total("configcat.cache.reads")
                + metrics.total("configcat.cache.writes") + metrics.total("configcat.cache.renewals")
                + metrics.total("configcat.leases") + metrics.total("configcat.leases won"))
        line.add("headerReads", metrics.total("configcat.cache.header_reads"))
        line.add("reads", metrics.total("configcat.cache.reads"))
        line.add("writes", metrics.total("configcat.cache.writes"))
        line.add("renewals", metrics.total("configcat.cache.renewals"))
        line.add("leases", metrics.total("configcat.leases"))
        line.add("pushes", metrics.total("configcat.cache.pushes"))
        line.add("cacheErrors", metrics.total("configcat.cache.errors"))
        Console.write("done \(line.text)")
        await client.shutdown()
    }
}

/// Evaluates all the time on a thread of its own, as requests would, and looks for what must not be.
final class FleetWatch: Sendable {
    private struct State {
        var isRunning = true
        var highest = -1
        var evaluations = 0
        var wrong = 0
        var regressed = 0
        /// Nanoseconds of each evaluation, averaged over a batch.
        var latencies: [Double] = []
    }

    private static let batch = 50
    private static let pause: UInt32 = 10_000

    private let state = Mutex(State())

    func hold(_ version: Int) {
        state.withLock { state in
            if version < state.highest { state.regressed += 1 }
            state.highest = max(state.highest, version)
        }
    }

    func start(_ client: ConfigCatClient) {
        DispatchQueue(label: "fleet.evaluations").async { [self] in
            var last = -1
            while state.withLock(\.isRunning) {
                usleep(Self.pause)
                let before = DispatchTime.now().uptimeNanoseconds
                var (lowest, latest) = (Int.max, last)
                for _ in 0..<Self.batch {
                    latest = client.snapshot().getValue(for: FleetCDN.key, defaultValue: -1)
                    lowest = min(lowest, latest)
                }
                let elapsed = Double(DispatchTime.now().uptimeNanoseconds - before) / Double(Self.batch)
                let seen = (lowest, latest, last)
                state.withLock { state in
                    state.evaluations += Self.batch
                    // A value once held is never a default again.
                    if seen.0 < seen.2 { state.wrong += 1 }
                    if seen.1 >= 0 { state.latencies.append(elapsed) }
                }
                last = latest
            }
        }
    }

    func stop() -> JSONLine {
        state.withLock { state in
            state.isRunning = false
            var line = JSONLine()
            line.add("evaluations", state.evaluations)
            line.add("wrong", state.wrong)
            line.add("regressed", state.regressed)
            let spread = Spread(state.latencies)
            line.add("latencyMedian", json: Spread.number(spread?.median ?? 0))
            line.add("latencyP99", json: Spread.number(spread?.percentile99 ?? 0))
            return line
        }
    }
}
