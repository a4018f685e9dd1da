import ConfigCatPlatform
import ArgumentParser
import ConfigCat
import ConfigCatCommandLine
import ConfigCatLoadTest
import CoreMetrics
import Dispatch
import Logging

/// One process of a fleet. It prints a line for each event, and totals at the end.
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
        let monitor = EvaluationMonitor()
        let client = try ConfigCatClient.get(sdkKey: sdkKey) { options in
            options.baseUrl = baseUrl
            options.configCache = cache
            options.pollingMode = PollingModes.autoPoll(autoPollIntervalInSeconds: interval)
            options.logger = .silent
            options.logLevel = .critical
            options.http.connectTimeout = .seconds(2)
            options.hooks.addOnReady { _ in Console.write("ready \(FleetClock.now)") }
            options.hooks.addOnConfigChanged(snapshotHandler: { _, snapshot in
                let version = snapshot.getValue(for: FleetCDN.key, defaultValue: -1)
                Console.write("changed \(FleetClock.now) \(version)")
                monitor.publish(version)
            })
        }
        monitor.start(client)
        let parent = getppid()
        DispatchQueue(label: "fleet.parent").async {
            // If the parent is killed, it cannot end its workers, so they end themselves.
            while getppid() == parent { sleep(1) }
            _exit(1)
        }
        await Signals.interruption()
        var line = monitor.stop()
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
