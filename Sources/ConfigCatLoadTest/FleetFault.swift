package import ConfigCatCommandLine

/// A fault of a fleet run, with its start and duration.
package struct FleetFault: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        /// The CDN responds with status 503.
        case cdnDown = "cdn-down"
        /// The holder of the lease is killed while it waits for the CDN's response.
        case holderKill = "holder-kill"
        /// The Redis server is killed, and then restarted without data.
        case cacheKill = "cache-kill"
        /// The Redis server is stopped (SIGSTOP), and then continued.
        case cacheStop = "cache-stop"
        /// The Redis server executes no commands (CLIENT PAUSE).
        case cachePause = "cache-pause"
        /// All entries are deleted (FLUSHALL).
        case cacheFlush = "cache-flush"
        /// The Redis server has no memory for writes.
        case cacheFull = "cache-full"
        /// The Redis server rejects writes, as a replica does after a failover.
        case cacheReadOnly = "cache-readonly"
        /// All connections to Redis are closed.
        case cacheCut = "cache-cut"
        /// Another connection locks the SQLite database.
        case cacheLock = "cache-lock"
        /// The SQLite database, or the files of the cache's directory, are deleted.
        case cacheDelete = "cache-delete"
    }

    package var kind: Kind
    /// The start in seconds after all workers are ready.
    package var start: Double
    /// The duration in seconds; 0 for a momentary fault.
    package var duration: Double

    /// Parses `NAME@START` or `NAME@START+DURATION`, with times from 0 to 86400 seconds.
    ///
    /// - Throws: `CommandError` if the name is unknown or a time is invalid.
    package init(_ text: String) throws(CommandError) {
        let names = Kind.allCases.map(\.rawValue).joined(separator: ", ")
        let parts = text.split(separator: "@", maxSplits: 1)
        guard let name = parts.first, let kind = Kind(rawValue: String(name)) else {
            throw CommandError("the fault '\(text)' is unknown; use one of \(names), such as cdn-down@5+10")
        }
        let times = parts.count > 1 ? parts[1].split(separator: "+", maxSplits: 1) : []
        guard let start = times.first.flatMap({ Double($0) }), (0...86_400).contains(start),
            let duration = times.count > 1 ? Double(times[1]) : 0, (0...86_400).contains(duration)
        else {
            throw CommandError("the fault '\(text)' has no valid times; write \(name)@5 or \(name)@5+10, in seconds")
        }
        self.kind = kind
        self.start = start
        self.duration = duration
    }
}
