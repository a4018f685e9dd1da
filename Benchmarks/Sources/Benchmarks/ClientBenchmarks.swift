import CCounters
import ConfigCat
import ConfigCatCache
import Crypto
import Foundation
import Logging
import Synchronization

/// Measures the time that a client adds to the evaluation of a snapshot.
enum ClientBenchmarks {
    static func run(_ documents: Documents) async throws {
        print("")
        try await asyncPath(documents)
        try await threads(documents)
        try await missingKey(documents)
        try await health(documents)
        try await swap(documents)
    }

    private static func silent() -> Logger {
        Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
    }

    /// Formats each message, as a real handler does, and discards it.
    private struct DroppingHandler: LogHandler {
        var metadata: Logger.Metadata = [:]
        /// At level info, each evaluation would be explained.
        var logLevel: Logger.Level = .warning

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { blackHole(event.message.description) }
    }

    /// Returns an offline client that has a config.
    private static func client(
        _ name: String, _ bytes: [UInt8], cache: BenchmarkCache, logger: Logger = silent()
    ) async throws -> ConfigCatClient {
        let sdkKey = "configcat-sdk-1/BENCHMARK_012345678901/" + name.padding(toLength: 22, withPad: "0", startingAt: 0)
        cache.set(bytes)
        let client = try ConfigCatClient.get(sdkKey: sdkKey) { options in
            options.configCache = cache
            options.offline = true
            options.pollingMode = PollingModes.autoPoll()
            options.logger = logger
        }
        await client.waitForReady()
        return client
    }

    /// Compares reads through the client with reads of a snapshot, by key and by declaration: W1 and W1c.
    private static func asyncPath(_ documents: Documents) async throws {
        let client = opaque(try await client("async", documents.w1, cache: BenchmarkCache()))
        let snapshot = opaque(client.snapshot())
        let rounds = 1_000_000
        let clock = ContinuousClock()
        let flag = FeatureFlag("w1", defaultValue: false)
        var synchronous: [Double] = []
        var asynchronous: [Double] = []
        var declared: [Double] = []
        var allocations = 0.0
        for _ in 0..<31 {
            var start = clock.now
            for _ in 0..<rounds { blackHole(snapshot.getValue(for: "w1", defaultValue: false)) }
            synchronous.append(nanoseconds(clock.now - start) / Double(rounds))
            let before = counters_allocations()
            start = clock.now
            for _ in 0..<rounds { blackHole(await client.getValue(for: "w1", defaultValue: false)) }
            asynchronous.append(nanoseconds(clock.now - start) / Double(rounds))
            start = clock.now
            for _ in 0..<rounds { blackHole(await client.value(of: flag)) }
            declared.append(nanoseconds(clock.now - start) / Double(rounds))
            allocations = Double(counters_allocations() - before) / Double(rounds * 2)
        }
        let (sync, async) = (median(synchronous), median(asynchronous))
        print(
            String(
                format:
                    "W1, await client.getValue: %.1f ns, the snapshot %.1f ns: %.1f ns more (goal 40), %.3f allocations",
                async, sync, async - sync, allocations))
        print(String(format: "W1c, await client.value(of:), declared: %.1f ns (goal 25)", median(declared)))
        client.close()
    }

    /// Compares two threads with one, in W2 and W10: the row W9.
    private static func threads(_ documents: Documents) async throws {
        let control = await speedup(rounds: 20_000) { rounds in
            var digest = Array(repeating: UInt8(0), count: 60)
            for _ in 0..<rounds { digest = Array(SHA256.hash(data: digest)) }
            blackHole(digest)
        }
        print(String(format: "W9, what the machine gives: SHA-256 on two threads: %.2f times one", control))
        let client = opaque(try await client("threads", documents.w2, cache: BenchmarkCache()))
        let user = ConfigCatUser(identifier: "1234567890-user-identifier", email: "user9_9@example.com", country: "US")
        let ratio = await speedup(rounds: 300_000) { rounds in
            // Each thread has its own user, as requests do.
            let user = ConfigCatUser(identifier: user.identifier, email: user.email, country: user.country)
            for _ in 0..<rounds { blackHole(await client.getValue(for: "w2", defaultValue: false, user: user)) }
        }
        print(String(format: "W9, W2 on two threads: %.2f times the throughput of one (goal 1.9)", ratio))
        client.close()
        let other = opaque(try await Self.client("requests", documents.w6, cache: BenchmarkCache()))
        let flags = try Benchmarks.requestFlags(documents.w6)
        let requests = await speedup(rounds: 10_000) { rounds in
            for _ in 0..<rounds {
                let snapshot = other.snapshot(
                    for: ConfigCatUser(identifier: user.identifier, email: user.email, country: user.country))
                for _ in 0..<3 { for flag in flags { blackHole(snapshot.value(of: flag)) } }
            }
        }
        print(String(format: "W9, W10 on two threads: %.2f times the throughput of one (goal 1.9)", requests))
        other.close()
    }

    /// Returns the ratio of the throughput of two threads to that of one.
    private static func speedup(rounds: Int, _ work: @escaping @Sendable (_ rounds: Int) async -> Void) async -> Double
    {
        func throughput(_ count: Int) async -> Double {
            let start = ContinuousClock.now
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<count { group.addTask { await work(rounds) } }
            }
            return Double(rounds * count) / nanoseconds(ContinuousClock.now - start)
        }
        var ratios: [Double] = []
        for _ in 0..<15 {
            let one = await throughput(1)
            ratios.append(await throughput(2) / one)
        }
        return median(ratios)
    }

    /// Measures the evaluation of a setting that does not exist.
    private static func missingKey(_ documents: Documents) async throws {
        let logger = Logger(label: "benchmark") { _ in DroppingHandler() }
        let client = opaque(try await client("missing", documents.w6, cache: BenchmarkCache(), logger: logger))
        let snapshot = opaque(client.snapshot())
        let result = measure { blackHole(snapshot.getValue(for: "missing", defaultValue: false)) }
        let ratio = await speedup(rounds: 20_000) { rounds in
            for _ in 0..<rounds { blackHole(snapshot.getValue(for: "missing", defaultValue: false)) }
        }
        print(
            String(
                format: "missing key of 370: %.1f ns, %.0f allocations; two threads %.2f times the throughput of one",
                result.median, result.allocations ?? 0, ratio))
        client.close()
    }

    /// Measures what a health endpoint reads.
    private static func health(_ documents: Documents) async throws {
        let client = opaque(try await client("health", documents.w1, cache: BenchmarkCache()))
        let result = measure { blackHole(client.health.isStale(after: .seconds(600))) }
        print(String(format: "client.health: %.1f ns, %.0f allocations", result.median, result.allocations ?? 0))
        client.close()
    }

    /// Measures the longest evaluations while a config of 3.3 MB is replaced.
    private static func swap(_ documents: Documents) async throws {
        let cache = BenchmarkCache()
        let client = opaque(try await client("swap", documents.w7, cache: cache))
        let key = await client.getAllKeys().first ?? ""
        let isDone = Flag()
        let worst = await withTaskGroup(of: [Double].self) { group in
            group.addTask {
                let clock = ContinuousClock()
                var worst: [Double] = []
                while !isDone.isSet {
                    var longest = 0.0
                    for _ in 0..<2000 {
                        let start = clock.now
                        blackHole(await client.getAnyValue(for: key, defaultValue: nil))
                        longest = max(longest, nanoseconds(clock.now - start))
                    }
                    worst.append(longest)
                }
                return worst
            }
            group.addTask {
                for _ in 0..<20 {
                    cache.set(documents.w7)
                    await client.forceRefresh()
                }
                isDone.set()
                return []
            }
            return await group.reduce(into: []) { $0 += $1 }.sorted()
        }
        print(
            String(
                format:
                    "swapping 3.3 MB 20 times: the longest of 2,000 evaluations took %.1f µs (median of %d), %.1f µs (90%%) (goal 50)",
                median(worst) / 1000, worst.count, worst[worst.count * 9 / 10] / 1000))
        client.close()
    }

    private static func nanoseconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) * 1e9 + Double(duration.components.attoseconds) / 1e9
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}

/// A flag that one task sets and another reads.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

/// A cache whose only config is always fresh.
final class BenchmarkCache: ConfigCache {
    private let state = Mutex<(text: String?, version: Int)>((nil, 0))

    func set(_ bytes: [UInt8]) {
        state.withLock { state in
            state.version += 1
            let time = Int64(Date().timeIntervalSince1970 * 1000) + Int64(state.version)
            state.text = "\(time)\n\"\(state.version)\"\n" + String(decoding: bytes, as: UTF8.self)
        }
    }

    func read(for key: String) -> String? { state.withLock { $0.text } }
    func write(for key: String, value: String) {}
}
