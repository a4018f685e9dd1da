import CCaches
import ConfigCat
import ConfigCatCache
import ConfigCatFileCache
import ConfigCatRedisCache
import ConfigCatSQLiteCache
import Foundation
import NIOCore
import NIOPosix

/// Compares the adapters with the same work in C.
enum CacheBenchmarks {
    static func run(_ documents: Documents) async throws {
        let entry = "1700000000000\n\"W/eTag-1\"\n" + String(decoding: documents.w6, as: UTF8.self)
        print("")
        // The task is detached, so that it does not return to the main actor.
        try await Task.detached { try await redis(entry) }.value
        let threads = try ClientThreads()
        defer { threads.close() }
        try await sqlite(entry, threads)
        try await file(entry, threads)
    }

    private static func redis(_ entry: String) async throws {
        guard let server = BenchmarkRedis() else { return print("Redis: redis-server is not installed") }
        defer { server.stop() }
        guard let c = c_redis_open(server.port) else { return print("Redis: no connection") }
        nonisolated(unsafe) let connection = c
        let cache: RedisConfigCache = try .redis("redis://127.0.0.1:\(server.port)")
        try await cache.write(for: "large", value: entry)
        try await cache.write(for: "small", value: String(repeating: "x", count: 50))
        for (key, name, goal) in [("large", "144 kB", 1.5), ("small", "50 bytes", 2)] {
            try await compare(
                "Redis, read of \(name)", "hiredis, blocking", goal: goal, rounds: 300,
                { blackHole(c_redis_get(connection, key)) }, { blackHole(try await cache.read(for: key)) })
        }
        // Servers on SwiftNIO may run their tasks on its threads, which avoids switching between threads.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let near: RedisConfigCache = try .redis("redis://127.0.0.1:\(server.port)") { $0.eventLoopGroup = group }
        try await Task(executorPreference: EventLoopExecutor(group.next())) {
            try await compare(
                "Redis, read of 50 bytes on the connection's thread", "hiredis, blocking", goal: 2, rounds: 300,
                { blackHole(c_redis_get(connection, "small")) }, { blackHole(try await near.read(for: "small")) })
        }.value
        await near.close()
        var sequential: [Double] = []
        var concurrent: [Double] = []
        for _ in 0..<31 {
            sequential.append(try await time(1000) { blackHole(try await cache.read(for: "small")) })
            concurrent.append(
                try await time(10) {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<100 { group.addTask { blackHole(try await cache.read(for: "small")) } }
                        try await group.waitForAll()
                    }
                } / 100)
        }
        print(
            String(
                format:
                    "Redis, 100 reads at once: %.1f µs each, one after the other %.1f µs: %.1f times the throughput (goal 5)",
                median(concurrent) / 1000, median(sequential) / 1000, median(sequential) / median(concurrent)))
        try await evaluation(cache, entry)
        await cache.close()
    }

    /// Compares `getValue` of a client that uses Redis with that of a client without a cache, in alternating samples.
    private static func evaluation(_ cache: RedisConfigCache, _ entry: String) async throws {
        let json = String(entry.split(separator: "\n", maxSplits: 2)[2])
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "config.json")
        try json.write(to: file, atomically: true, encoding: .utf8)
        let keys = ["WITH_REDIS", "WITHOUT_IT"].map { name in
            "configcat-sdk-1/BENCHMARK_012345678901/" + name.padding(toLength: 22, withPad: "0", startingAt: 0)
        }
        try await cache.write(for: CacheKey.key(forSDKKey: keys[0]), value: entry)
        let with = try ConfigCatClient.get(sdkKey: keys[0]) { options in
            options.configCache = cache
            options.offline = true
        }
        let without = try ConfigCatClient.get(sdkKey: keys[1]) { options in
            options.flagOverrides = LocalFileDataSource(path: file.path, behaviour: .localOnly)
        }
        for client in [with, without] { await client.waitForReady() }
        guard let key = await with.getAllKeys().first else { return }
        var (own, bases): ([Double], [Double]) = ([], [])
        for _ in 0..<31 {
            bases.append(
                try await time(200_000) { blackHole(await without.getAnyValue(for: key, defaultValue: nil)) })
            own.append(try await time(200_000) { blackHole(await with.getAnyValue(for: key, defaultValue: nil)) })
        }
        print(
            String(
                format: "getValue with Redis as cache: %.1f ns, without a cache %.1f ns: %.2f times (goal 1.0)",
                median(own), median(bases), median(own) / median(bases)))
        for client in [with, without] { client.close() }
    }

    private static func sqlite(_ entry: String, _ threads: ClientThreads) async throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "cache.db").path
        let cache = try SQLiteConfigCache(path: path)
        try await cache.write(for: "key", value: entry)
        guard let c = c_sqlite_open(path) else { return print("SQLite: no connection") }
        nonisolated(unsafe) let database = c
        try await compare(
            "SQLite, read of 144 kB", "prepared SELECT in C", goal: 1.3, rounds: 300, on: threads,
            { blackHole(c_sqlite_get(database, "key")) }, { blackHole(try await cache.read(for: "key")) })
        let opening = try await threads.run {
            var times: [Double] = []
            for _ in 0..<31 {
                times.append(
                    try await time(1) {
                        let cache = try SQLiteConfigCache(path: path)
                        blackHole(try await cache.read(for: "key"))
                    })
            }
            return median(times)
        }
        print(String(format: "SQLite, open and first read: %.2f ms (goal 5)", opening / 1e6))
        var migrating: [Double] = []
        for number in 0..<31 {
            migrating.append(
                try await threads.run {
                    try await time(1) {
                        let cache = try SQLiteConfigCache(path: path + "-\(number)")
                        blackHole(try await cache.read(for: "key"))
                    }
                })
        }
        print(String(format: "SQLite, open, migrate and first read: %.2f ms (goal 5)", median(migrating) / 1e6))
    }

    private static func file(_ entry: String, _ threads: ClientThreads) async throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let cache = try FileConfigCache(directory: folder.path)
        try await cache.write(for: "key", value: entry)
        let path = folder.appending(path: "key").path
        try await compare(
            "File, read of 144 kB", "open, read, close in C", goal: 1.3, rounds: 300, on: threads,
            { blackHole(c_file_read(path)) }, { blackHole(try await cache.read(for: "key")) })
        let bytes = Array(entry.utf8)
        try await compare(
            "File, durable write of 144 kB", "the same system calls in C", goal: 1.3, rounds: 10, on: threads,
            { blackHole(c_file_write(folder.path, "key", bytes, bytes.count)) },
            { try await cache.write(for: "key", value: entry) })
    }

    // MARK: - Measuring

    /// Compares two operations in alternating samples, so that both are measured under the same conditions.
    private static func compare(
        _ name: String, _ baseName: String, goal: Double, rounds: Int, on threads: ClientThreads? = nil,
        _ base: @escaping @Sendable () -> Void, _ ours: @escaping @Sendable () async throws -> Void
    ) async throws {
        func sample(_ operation: @escaping @Sendable () async throws -> Void) async throws -> Double {
            guard let threads else { return try await time(rounds, operation) }
            return try await threads.run { try await time(rounds, operation) }
        }
        var (bases, own): ([Double], [Double]) = ([], [])
        for _ in 0..<31 {
            bases.append(try await sample { base() })
            own.append(try await sample(ours))
        }
        print(
            String(
                format: "%@: %.1f µs, %@ %.1f µs: %.2f times (goal %.1f)", name, median(own) / 1000, baseName,
                median(bases) / 1000, median(own) / median(bases), goal))
    }

    /// Returns the nanoseconds per round.
    private static func time(_ rounds: Int, _ operation: () async throws -> Void) async throws -> Double {
        let start = ContinuousClock.now
        for _ in 0..<rounds { try await operation() }
        let elapsed = (ContinuousClock.now - start).components
        return (Double(elapsed.attoseconds) / 1e9 + Double(elapsed.seconds) * 1e9) / Double(rounds)
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    private static func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}

/// A Redis server that runs during the benchmark.
final class BenchmarkRedis {
    let port = Int32.random(in: 20_000...30_000)
    private let process = Process()

    init?() {
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["redis-server", "--port", "\(port)", "--bind", "127.0.0.1", "--save", ""]
        process.standardOutput = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        for _ in 0..<200 {
            if c_redis_open(port) != nil { return }
            usleep(20_000)
        }
        return nil
    }

    // SIGTERM may be blocked: a child inherits the signal mask of the thread that starts it.
    func stop() { kill(process.processIdentifier, SIGKILL) }
}

/// Runs tasks on an event loop's thread.
private final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
