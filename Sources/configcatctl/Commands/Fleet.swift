import ArgumentParser
import ConfigCatCommandLine
import ConfigCatLoadTest
import ConfigCatSimulation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct Fleet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs many processes that share a cache, and reports their traffic and how they handle faults.",
        discussion: """
            Starts a CDN and workers that poll it through the cache, changes the config, injects faults, and prints a \
            report. Faults are NAME@START or NAME@START+DURATION, in seconds: cdn-down, holder-kill; on Redis \
            cache-flush, cache-pause, cache-full, cache-readonly, cache-cut, and with --cache redis-server also \
            cache-kill and cache-stop; on SQLite cache-lock and cache-delete; on files cache-delete. If you give the \
            URL of a Redis server, faults affect everything else that uses it.
            """
    )

    @Option(help: ArgumentHelp("The number of processes.", valueName: "count"))
    var processes = 12

    @Option(
        help: ArgumentHelp(
            "The cache, or redis-server to start a Redis server for the run; by default, a temporary SQLite file.",
            valueName: "url"))
    var cache: String?

    @Option(help: ArgumentHelp("How long to run after all processes are ready.", valueName: "seconds"))
    var duration: Double = 20

    @Option(help: ArgumentHelp("Seconds between polls.", valueName: "seconds"))
    var interval = 2

    @Option(name: .customLong("change"), help: ArgumentHelp("When the config changes.", valueName: "seconds"))
    var changes: [Double] = []

    @Option(name: .customLong("fault"), help: ArgumentHelp("A fault and its time.", valueName: "fault"))
    var faults: [String] = []

    @Option(help: ArgumentHelp("The size of the config.", valueName: "bytes"))
    var size = 144_000

    @Flag(help: "Simulate up to 100,000 processes in virtual time instead.")
    var simulate = false

    @Option(
        help: ArgumentHelp(
            "With --simulate: run whole clients under the faults of this seed, and print what happens.",
            valueName: "number"))
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "With --simulate: run this many seeds on all cores, beginning with --seed or 1.", valueName: "count"))
    var seeds: UInt64?

    @Flag(help: "Print the report as one line of JSON.")
    var json = false

    func validate() throws {
        let limit = simulate ? 100_000 : 1000
        guard (1...limit).contains(processes) else {
            throw ValidationError("--processes is \(processes); it has to be from 1 to \(limit).")
        }
        guard (1...3600).contains(interval) else {
            throw ValidationError("--interval is \(interval); it has to be from 1 to 3600 seconds.")
        }
        guard ([duration] + changes).allSatisfy((0...86_400).contains) else {
            throw ValidationError("--duration and --change have to be from 0 to 86400 seconds.")
        }
        guard (100...8_000_000).contains(size) else {
            throw ValidationError("--size is \(size); it has to be from 100 to 8000000 bytes.")
        }
        if simulate, !faults.isEmpty || cache != nil {
            throw ValidationError("--simulate cannot be used with --fault or --cache.")
        }
        if !simulate, seed != nil || seeds != nil { throw ValidationError("--seed and --seeds need --simulate.") }
        if let seeds, seeds == 0 { throw ValidationError("--seeds is 0; it has to be at least 1.") }
        if let cache, cache != "redis-server" { try CacheAddress(cache).validate() }
        for fault in faults {
            let start: Double
            do { start = try FleetFault(fault).start } catch { throw ValidationError("\(error)") }
            guard start <= duration else {
                throw ValidationError(
                    "the fault '\(fault)' begins after the \(Percentiles.number(duration)) seconds of --duration.")
            }
        }
    }

    func run() async throws {
        if simulate, seed != nil || seeds != nil {
            let seeds = SeedRun(
                first: seed ?? 1, count: seeds, write: { Console.write($0) }, writeProgress: { Console.warn($0) })
            if !seeds.run() { throw ExitCode.failure }
            return
        }
        let report = simulate ? simulated() : try await real()
        Console.write(json ? report.json : report.table)
        if report.wrong > 0 || report.regressed > 0 { throw ExitCode.failure }
    }

    private func real() async throws -> FleetReport {
        let folder = FileManager.default.temporaryDirectory.appending(path: "configcat-fleet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            return try await FleetRun(
                processes: processes, interval: interval, duration: duration, changes: changes.sorted(),
                faults: faults.map { try FleetFault($0) }, size: size,
                cache: cache ?? "sqlite://\(folder.path)/fleet.db"
            ).run()
        } catch let failure as CommandError {
            throw failure
        } catch {
            throw CommandError("\(error)")
        }
    }

    private func simulated() -> FleetReport {
        let times = changes.sorted().map { Int64($0 * 1000) }
        var simulation = FleetSimulation(
            FleetSimulation.Settings(
                processes: processes, interval: interval, duration: Int64(duration * 1000), changes: times,
                entrySize: size))
        let outcome = simulation.run()
        var report = FleetReport(
            cache: "a store", processes: processes, interval: interval, duration: duration,
            startDownloads: outcome.downloadsAtStart, startBytes: outcome.bytesAtStart,
            downloads: outcome.downloads - outcome.downloadsAtStart, confirmations: outcome.confirmations,
            bytes: outcome.bytes - outcome.bytesAtStart, commands: outcome.commands - outcome.commandsAtStart)
        report.isSimulated = true
        report.regressed = outcome.regressions
        report.changes = outcome.delays.enumerated().map { index, delays in
            let first = delays.min() ?? 0
            return FleetReport.Change(
                version: index + 1, fromCDN: delays, fromFirst: delays.map { $0 - first },
                missing: processes - delays.count)
        }
        return report
    }
}
