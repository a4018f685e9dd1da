package import ConfigCatCommandLine

/// Something that goes wrong, when, and for how long.
package struct FleetFault: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        /// The CDN answers 503.
        case cdnDown = "cdn-down"
        /// The process that downloads is killed while the CDN keeps it waiting.
        case holderKill = "holder-kill"
        /// The Redis server is killed, and started again, empty.
        case cacheKill = "cache-kill"
        /// The Redis server is stopped (SIGSTOP), and goes on.
        case cacheStop = "cache-stop"
        /// The Redis server takes no commands (CLIENT PAUSE).
        case cachePause = "cache-pause"
        /// All entries are gone.
        case cacheFlush = "cache-flush"
        /// The Redis server has no memory for writes.
        case cacheFull = "cache-full"
        /// The Redis server takes no writes, as after a failover.
        case cacheReadOnly = "cache-readonly"
        /// All connections to Redis are cut.
        case cacheCut = "cache-cut"
        /// Another process holds the SQLite database.
        case cacheLock = "cache-lock"
        /// The SQLite file, or the directory's files, are deleted.
        case cacheDelete = "cache-delete"
    }

    package var kind: Kind
    /// Seconds from the moment at which all workers are ready.
    package var start: Double
    /// Seconds; 0 for a moment.
    package var duration: Double

    /// Reads `NAME@START` or `NAME@START+DURATION`.
    package init(_ text: String) throws(CommandError) {
        let names = Kind.allCases.map(\.rawValue).joined(separator: ", ")
        let parts = text.split(separator: "@", maxSplits: 1)
        guard let name = parts.first, let kind = Kind(rawValue: String(name)) else {
            throw CommandError("the fault '\(text)' is unknown; use one of \(names), such as cdn-down@5+10")
        }
        let times = parts.count > 1 ? parts[1].split(separator: "+", maxSplits: 1) : []
        guard let start = times.first.flatMap({ Double($0) }), (0...86_400).contains(start),
            let duration = times.count > 1 ? Double(times[1]) : 0, (0...86_400).contains(duration)
        else { throw CommandError("the fault '\(text)' has no times; write \(name)@5 or \(name)@5+10, in seconds") }
        self.kind = kind
        self.start = start
        self.duration = duration
    }
}
