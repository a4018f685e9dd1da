import CCounters
import ConfigCat
import ConfigCatCache
import Foundation
import Logging
import Synchronization

/// What a client adds to the evaluation of a snapshot.
enum ClientBenchmarks {
    static func run(_ documents: Documents) async throws {
        print("")
        try await asyncPath(documents)
        try await threads(documents)
        try await swap(documents)
    }

    private static func silent() -> Logger {
        Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
    }

    /// A client that holds a config and downloads nothing.
    private static func client(_ name: String, _ bytes: [UInt8], cache: BenchmarkCache) async throws -> ConfigCatClient
    {
        let sdkKey = "configcat-sdk-1/BENCHMARK_012345678901/" + name.padding(toLength: 22, withPad: "0", startingAt: 0)
        cache.set(bytes)
        let client = try ConfigCatClient.get(sdkKey: sdkKey) { options in
            options.configCache = cache
            options.offline = true
            options.pollingMode = PollingModes.autoPoll()
            options.logger = silent()
        }
        await client.waitForReady()
        return client
    }

    /// `await client.getValue` against `snapshot.getValue`, W1.
    private static func asyncPath(_ documents: Documents) async throws {
        let client = opaque(try await client("async", documents.w1, cache: BenchmarkCache()))
        let snapshot = opaque(client.snapshot())
        let rounds = 1_000_000
        let clock = ContinuousClock()
        var synchronous: [Double] = []
        var asynchronous: [Double] = []
        var allocations = 0.0
        for _ in 0..<31 {
            var start = clock.now
            for _ in 0..<rounds { blackHole(snapshot.getValue(for: "w1", defaultValue: false)) }
            synchronous.append(nanoseconds(clock.now - start) / Double(rounds))
            let before = counters_allocations()
            start = clock.now
            for _ in 0..<rounds { blackHole(await client.getValue(for: "w1", defaultValue: false)) }
            asynchronous.append(nanoseconds(clock.now - start) / Double(rounds))
            allocations = Double(counters_allocations() - before) / Double(rounds)
        }
        let (sync, async) = (median(synchronous), median(asynchronous))
        print(
            String(
                format:
                    "W1, await client.getValue: %.1f ns, the snapshot %.1f ns: %.1f ns more (goal 40), %.3f allocations",
                async, sync, async - sync, allocations))
        client.close()
    }

    /// Two threads against one, W2.
    private static func threads(_ documents: Documents) async throws {
        let client = opaque(try await client("threads", documents.w2, cache: BenchmarkCache()))
        let user = ConfigCatUser(identifier: "1234567890-user-identifier", email: "user9_9@example.com", country: "US")
        func throughput(_ count: Int) async -> Double {
            let rounds = 300_000
            let start = ContinuousClock.now
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<count {
                    group.addTask {
                        // Each thread has a user of its own, as requests have.
                        let user = ConfigCatUser(identifier: user.identifier, email: user.email, country: user.country)
                        for _ in 0..<rounds {
                            blackHole(await client.getValue(for: "w2", defaultValue: false, user: user))
                        }
                    }
                }
            }
            return Double(rounds * count) / nanoseconds(ContinuousClock.now - start)
        }
        var ratios: [Double] = []
        for _ in 0..<15 {
            let one = await throughput(1)
            ratios.append(await throughput(2) / one)
        }
        print(String(format: "W2, two threads: %.2f times the throughput of one (goal 1.8)", median(ratios)))
        client.close()
    }

    /// The longest evaluations while a 3.3 MB config is swapped in.
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

/// Set by one task, seen by another.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

/// A cache with one config, always fresh.
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
