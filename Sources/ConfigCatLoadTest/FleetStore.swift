import ConfigCatPlatform
package import ConfigCatCommandLine
import ConfigCatCSQLite
import ConfigCatCache
import ConfigCatRedisCache

/// The cache that a fleet shares, as the fleet run controls it: it reads statistics and injects faults.
package final class FleetStore: Sendable {
    /// The URL that workers are given.
    package let url: String
    private let kind: CacheURL
    private let server: FleetRedisServer?
    /// A connection of the fleet run itself, not of a worker.
    private let redis: RedisConfigCache?

    /// Opens a cache, or starts a Redis server.
    ///
    /// - Parameter url: The URL of a cache, or `redis-server` for a Redis server that is started for the fleet.
    /// - Throws: `CommandError` if `redis-server` does not start; otherwise, the error of the URL or the adapter.
    package init(_ url: String) async throws {
        server = url == "redis-server" ? try await FleetRedisServer() : nil
        self.url = server?.url ?? url
        kind = try CacheURL(self.url)
        if case .redis = kind { redis = try .redis(self.url) } else { redis = nil }
    }

    /// Removes the entry of a previous run.
    package func remove(for key: String) async throws {
        let cache = try kind.open()
        try await (cache as? any RemovingConfigCache)?.remove(for: key)
        await (cache as? any ClosableConfigCache)?.close()
    }

    /// Returns the number of bytes that the Redis server has received and sent; nil for other caches.
    package func bytes() async -> Int? {
        guard let info = try? await redis?.command("INFO", "stats") else { return nil }
        let numbers = info.split(whereSeparator: \.isNewline).compactMap { line -> Int? in
            guard line.hasPrefix("total_net_input_bytes:") || line.hasPrefix("total_net_output_bytes:") else {
                return nil
            }
            return line.split(separator: ":").last.flatMap { Int($0) }
        }
        return numbers.reduce(0, +)
    }

    package func close() async {
        await redis?.close()
        await server?.stop()
    }

    // MARK: - Faults

    /// Returns the reason why a fault cannot be injected into this cache; nil if it can.
    package func refusal(of fault: FleetFault.Kind) -> String? {
        switch (fault, kind) {
        case (.cdnDown, _), (.holderKill, _): return nil
        case (.cacheKill, _), (.cacheStop, _): return server == nil ? "needs --cache redis-server" : nil
        case (.cachePause, .redis), (.cacheFlush, .redis), (.cacheFull, .redis), (.cacheReadOnly, .redis),
            (.cacheCut, .redis):
            return nil
        case (.cacheLock, .sqlite), (.cacheDelete, .sqlite), (.cacheDelete, .file): return nil
        default: return "cannot be used with this cache"
        }
    }

    /// Injects a fault.
    package func begin(_ fault: FleetFault) async throws {
        let milliseconds = "\(Int(fault.duration * 1000))"
        switch fault.kind {
        case .cacheKill: await server?.stop()
        case .cacheStop: server?.signal(SIGSTOP)
        case .cachePause: _ = try await redis?.command("CLIENT", "PAUSE", milliseconds)
        case .cacheFlush: _ = try await redis?.command("FLUSHALL")
        case .cacheFull: _ = try await redis?.command("CONFIG", "SET", "maxmemory", "1")
        case .cacheReadOnly: _ = try await redis?.command("REPLICAOF", "127.0.0.1", "1")
        case .cacheCut: _ = try await redis?.command("CLIENT", "KILL", "TYPE", "normal")
        case .cacheLock:
            if case .sqlite(let path) = kind { try await Self.lock(path, seconds: fault.duration) }
        case .cacheDelete:
            switch kind {
            case .sqlite(let path): for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
            case .file(let directory): Self.removeFiles(directory)
            case .memory, .redis: break
            }
        case .cdnDown, .holderKill: break
        }
    }

    /// Ends a fault that does not end by itself.
    package func end(_ fault: FleetFault) async throws {
        switch fault.kind {
        case .cacheKill: try await server?.start()
        case .cacheStop: server?.signal(SIGCONT)
        case .cacheFull: _ = try await redis?.command("CONFIG", "SET", "maxmemory", "0")
        case .cacheReadOnly: _ = try await redis?.command("REPLICAOF", "NO", "ONE")
        default: break
        }
    }

    /// Locks a database, as a process in a long transaction does.
    private static func lock(_ path: String, seconds: Double) async throws {
        try await BlockingExecutor.run {
            var database: OpaquePointer?
            defer { sqlite3_close_v2(database) }
            guard sqlite3_open(path, &database) == SQLITE_OK else { throw CommandError("cannot open \(path)") }
            sqlite3_busy_timeout(database, 5000)
            guard sqlite3_exec(database, "BEGIN EXCLUSIVE", nil, nil, nil) == SQLITE_OK else {
                throw CommandError("cannot lock \(path)")
            }
            usleep(UInt32(min(max(seconds, 0), 4000) * 1_000_000))
        }
    }

    private static func removeFiles(_ directory: String) {
        guard let listing = opendir(directory) else { return }
        defer { closedir(listing) }
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            unlink("\(directory)/\(name)")
        }
    }
}

/// A Redis server that is started for the fleet, and writes nothing to disk.
package final class FleetRedisServer: Sendable {
    package let url: String
    private let port: Int
    private let child: CurrentChild

    package init() async throws {
        port = Int.random(in: 20_000...30_000)
        url = "redis://127.0.0.1:\(port)"
        child = CurrentChild()
        try await start()
    }

    package func start() async throws(CommandError) {
        let started = try FleetChild(
            "redis-server",
            ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"])
        child.set(started)
        for _ in 0..<500 {
            if started.lines.contains(where: { $0.contains("Ready to accept connections") }) { return }
            if started.isEnded { break }
            try? await Task.sleep(for: .milliseconds(10))
        }
        throw CommandError("redis-server did not start: \(started.lines.last ?? "")")
    }

    package func signal(_ number: Int32) { child.current?.signal(number) }

    package func stop() async {
        signal(SIGKILL)
        while child.current?.isEnded == false { try? await Task.sleep(for: .milliseconds(2)) }
    }

}
