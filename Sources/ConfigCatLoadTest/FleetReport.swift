import ConfigCatCommandLine

/// The results of a fleet run, as a table and as JSON.
package struct FleetReport: Sendable {
    /// The propagation of one change of the config.
    package struct Change: Sendable {
        package var version: Int
        /// For each worker, the milliseconds from the change on the CDN until the worker had it.
        package var fromCDN: [Double]
        /// For each worker, the milliseconds after the first worker had the change.
        package var fromFirst: [Double]
        /// The number of workers that never had the change.
        package var missing: Int

        package init(version: Int, fromCDN: [Double], fromFirst: [Double], missing: Int) {
            self.version = version
            self.fromCDN = fromCDN
            self.fromFirst = fromFirst
            self.missing = missing
        }
    }

    /// A description of the cache, without secrets.
    package var cache: String
    package var isSimulated = false
    package var processes: Int
    /// The polling interval in seconds.
    package var interval: Int
    /// The duration in seconds after all processes were ready.
    package var duration: Double
    /// The number of downloads until all processes were ready.
    package var startDownloads: Int
    /// The bytes through the cache until all processes were ready; nil if they cannot be counted.
    package var startBytes: Int?
    /// For each process, the milliseconds until it was ready.
    package var ready: [Double] = []
    /// The number of downloads after the start.
    package var downloads: Int
    /// The number of responses with status 304 after the start.
    package var confirmations: Int
    /// The number of failed requests after the start.
    package var failures = 0
    /// The bytes through the cache after the start; nil if they cannot be counted.
    package var bytes: Int?
    /// The number of cache commands: of the whole run, or, if it is simulated, after the start.
    package var commands: Int
    package var changes: [Change] = []
    package var evaluations = 0
    /// The nanoseconds of an evaluation: the median of the workers' medians.
    package var latencyMedian: Double?
    /// The nanoseconds of an evaluation: the median of the workers' 99th percentiles.
    package var latencyP99: Double?
    /// The number of evaluations that returned the default value or an older version than before.
    package var wrong = 0
    /// The number of changes to an older version.
    package var regressed = 0
    /// The number of workers that were killed.
    package var killed = 0
    /// The milliseconds from the kill of the lease's holder until another process sent a request to the CDN.
    package var takeOver: Double?
    package var faults: [String] = []

    package init(
        cache: String, processes: Int, interval: Int, duration: Double, startDownloads: Int, startBytes: Int?,
        ready: [Double] = [], downloads: Int, confirmations: Int, failures: Int = 0, bytes: Int?, commands: Int
    ) {
        self.cache = cache
        self.processes = processes
        self.interval = interval
        self.duration = duration
        self.startDownloads = startDownloads
        self.startBytes = startBytes
        self.ready = ready
        self.downloads = downloads
        self.confirmations = confirmations
        self.failures = failures
        self.bytes = bytes
        self.commands = commands
    }

    /// The number of polling intervals, at least 1.
    private var intervals: Double { max(1, duration / Double(interval)) }
    private var perProcessAndInterval: Double { 1 / Double(processes) / intervals }

    package var json: String {
        var line = JSONLine()
        line.add("cache", cache)
        line.add("simulated", isSimulated)
        line.add("processes", processes)
        line.add("intervalSeconds", interval)
        line.add("durationSeconds", json: Percentiles.number(duration))
        line.add("faults", json: "[" + faults.map { "\"\($0)\"" }.joined(separator: ", ") + "]")
        var start = JSONLine()
        start.add("downloads", startDownloads)
        start.add("cacheBytes", startBytes)
        start.add("readyMilliseconds", json: Percentiles(ready)?.json ?? "null")
        line.add("start", json: start.text)
        line.add("downloads", downloads)
        line.add("notModified", confirmations)
        line.add("failedRequests", failures)
        line.add("requestsPerInterval", json: Percentiles.number(Double(downloads + confirmations) / intervals))
        line.add("cacheBytes", bytes)
        line.add(
            "cacheBytesPerProcessAndInterval",
            json: bytes.map { Percentiles.number(Double($0) * perProcessAndInterval) } ?? "null")
        line.add(
            "cacheCommandsPerProcessAndInterval", json: Percentiles.number(Double(commands) * perProcessAndInterval))
        let changes = changes.map { change in
            var line = JSONLine()
            line.add("version", change.version)
            line.add("fromCDNMilliseconds", json: Percentiles(change.fromCDN)?.json ?? "null")
            line.add("fromFirstProcessMilliseconds", json: Percentiles(change.fromFirst)?.json ?? "null")
            line.add("missing", change.missing)
            return line.text
        }
        line.add("changes", json: "[" + changes.joined(separator: ", ") + "]")
        line.add("evaluations", evaluations)
        line.add("evaluationNanosecondsMedian", json: latencyMedian.map(Percentiles.number) ?? "null")
        line.add("evaluationNanosecondsP99", json: latencyP99.map(Percentiles.number) ?? "null")
        line.add("takeOverMilliseconds", json: takeOver.map(Percentiles.number) ?? "null")
        line.add("killed", killed)
        line.add("wrongValues", wrong)
        line.add("regressedValues", regressed)
        return line.text
    }

    package var table: String {
        var table = TextTable(
            "FLEET", "\(processes) processes, \(cache), every \(interval) s, \(Percentiles.number(duration)) s")
        if isSimulated { table.add("simulated", "the clients' state machines in virtual time") }
        if !faults.isEmpty { table.add("faults", faults.joined(separator: ", ")) }
        table.add(
            "at the start", "\(startDownloads) downloads\(startBytes.map { ", \($0) bytes through the cache" } ?? "")")
        if let times = Percentiles(ready) { table.add("time to ready", times.text("ms (median / p99 / worst)")) }
        table.add(
            "then, from the CDN",
            "\(downloads) downloads, \(confirmations) with status 304, \(failures) failed: "
                + "\(Percentiles.number(Double(downloads + confirmations) / intervals)) requests per interval")
        if let bytes {
            table.add(
                "then, cache traffic",
                "\(bytes) bytes, \(Percentiles.number(Double(bytes) * perProcessAndInterval)) per process and interval")
        }
        table.add(
            "cache commands", "\(Percentiles.number(Double(commands) * perProcessAndInterval)) per process and interval"
        )
        for change in changes {
            let missing = change.missing > 0 ? ", \(change.missing) processes never" : ""
            table.add(
                "change \(change.version)",
                "from the CDN \(Percentiles(change.fromCDN)?.text("ms") ?? "never")\(missing)")
            table.add("", "from the first process \(Percentiles(change.fromFirst)?.text("ms") ?? "never")")
        }
        if let latencyMedian, let latencyP99 {
            table.add(
                "evaluations",
                "\(evaluations), median \(Percentiles.number(latencyMedian)) ns, p99 \(Percentiles.number(latencyP99)) ns each"
            )
        }
        if let takeOver { table.add("take-over", "\(Percentiles.number(takeOver)) ms after the holder was killed") }
        table.add("wrong values", "\(wrong)")
        table.add("regressed values", "\(regressed)")
        return table.text
    }
}
