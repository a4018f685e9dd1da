import ConfigCat
import ConfigCatCache
import ConfigCatCacheTesting
import ConfigCatFileCache
import ConfigCatInMemoryCache
import ConfigCatSQLiteCache
import Foundation
import Logging
import Synchronization
import ConfigCatTestSupport
import Testing

/// Layers that differ or serve many clients, and the descriptors that clients and caches leave open.
@Suite("Adversity: layers and leftovers", .cleanup)
struct LayersAdversityIntegrationTests {
    private static func config(_ value: Int) -> String { #"{"f":{"number":{"t":2,"v":{"i":\#(value)}}}}"# }

    @Test("a layer that missed the second config under the same ETag gets it later")
    func ambiguousETag() async throws {
        let (near, far) = (InMemoryConfigCache(), InMemoryConfigCache())
        let cache = LayeredConfigCache([near, far])
        // A minute old, because an entry can be taken to be older than it is, by the time that a layer takes to answer.
        #expect(try await cache.write(eTag: "x", configJSON: Self.config(1), age: 60_000, for: "key") == .written)
        // The far layer does not answer while a client downloads the second config under the same ETag. The client
        // writes that config without an ETag.
        #expect(try await near.write(eTag: "", configJSON: Self.config(2), for: "key") == .written)
        _ = try await cache.readHeader(for: "key")
        await eventually("the far layer has the second config", within: 5) {
            _ = try await cache.readHeader(for: "key")
            return far.read(for: "key")?.hasSuffix(Self.config(2)) ?? false
        }
    }

    @Test("a download that another process writes to one layer replaces an entry dated in the future in another layer")
    func futureLayer() async throws {
        let (near, far) = (InMemoryConfigCache(), InMemoryConfigCache())
        let cache = LayeredConfigCache([near, far])
        // The host's clock was set back, so that the entry on its disk is dated in the future.
        let future = near.readHeader(for: "key").storeTime + 3_600_000
        near.write(for: "key", value: "\(future)\n1\n\(Self.config(1))")
        #expect(try await cache.readHeader(for: "key").header?.eTag == "1")
        try await Task.sleep(for: .milliseconds(20))
        #expect(try await far.write(eTag: "2", configJSON: Self.config(2), for: "key") == .written)
        #expect(try await cache.readHeader(for: "key").header?.eTag == "2")
        #expect(try await cache.read(for: "key")?.hasSuffix(Self.config(2)) == true)
    }

    @Test("an offline client with layers follows the shared layer, even if the near entry is dated in the future")
    func offlineEdgeNode() async throws {
        let (near, far) = (InMemoryConfigCache(), InMemoryConfigCache())
        let cache = LayeredConfigCache([near, far])
        let sdkKey = "configcat-sdk-1/OFFLINE_EDGE_NODE_ATTA/0000567890123456789012"
        let key = CacheKey.key(forSDKKey: sdkKey)
        let future = near.readHeader(for: key).storeTime + 3_600_000
        near.write(for: key, value: "\(future)\n1\n\(Self.config(1))")
        var options = ConfigCatOptions()
        options.configCache = cache
        options.offline = true
        options.pollingMode = PollingModes.autoPoll(autoPollIntervalInSeconds: 1)
        options.logLevel = .critical
        let client = try openClient(sdkKey: sdkKey, options: options)
        #expect(await client.getValue(for: "number", defaultValue: -1) == 1)
        try await Task.sleep(for: .milliseconds(50))
        #expect(try await far.write(eTag: "2", configJSON: Self.config(2), for: key) == .written)
        await eventually("the client follows the shared layer", within: 8) {
            await client.getValue(for: "number", defaultValue: -1) == 2
        }
        await client.shutdown()
        await cache.close()
    }

    @Test("closed caches and clients leave no file descriptor open")
    func descriptors() async throws {
        let cdn = try await ServedConfig(Self.config(1))
        try await withFolder { folder in
            /// Other suites open descriptors too.
            func open() -> Int {
                let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
                return numbers.count { number in
                    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")
                    return target?.contains(folder.lastPathComponent) ?? false
                }
            }
            for round in 0..<30 {
                let caches: [any FleetConfigCache & ClosableConfigCache] = [
                    try SQLiteConfigCache(path: folder.path + "/cache.db"),
                    try FileConfigCache(directory: folder.path + "/files"),
                    LayeredConfigCache([
                        try SQLiteConfigCache(path: folder.path + "/layer.db"),
                        try FileConfigCache(directory: folder.path + "/layer"),
                    ]),
                ]
                for (index, cache) in caches.enumerated() {
                    var options = ConfigCatOptions()
                    options.baseUrl = cdn.url
                    options.configCache = cache
                    options.logLevel = .critical
                    let number = "\(round)\(index)".count == 2 ? "0\(round)\(index)0" : "\(round)\(index)0"
                    let client = try openClient(
                        sdkKey: "configcat-sdk-1/DESCRIPTOR_ATTACK_\(number)/0000567890123456789012", options: options)
                    if round.isMultiple(of: 2) { await client.waitForReady() }
                    await client.shutdown()
                    await cache.close()
                }
            }
            await eventually("all descriptors are closed", within: 10) { open() == 0 }
        }
    }

    private final class Counter: Sendable {
        private let value = Atomic<Int>(0)
        func add() { value.add(1, ordering: .relaxed) }
        var count: Int { value.load(ordering: .relaxed) }
    }

    @Test("readers that share a layered cache never get the header of one config with the content of another")
    func manyClients() async throws {
        let (near, far) = (InMemoryConfigCache(), InMemoryConfigCache())
        let cache = LayeredConfigCache([near, far])
        // The ETag is derived from the content, so that a mixture is detected.
        #expect(try await cache.write(eTag: "0", configJSON: Self.config(0), for: "key") == .written)
        let (mixtures, failures) = (Counter(), Counter())
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for version in 1...200 {
                    let layer = version.isMultiple(of: 2) ? near : far
                    _ = try? await layer.write(eTag: "\(version)", configJSON: Self.config(version), for: "key")
                    try? await Task.sleep(for: .milliseconds(1))
                }
            }
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<200 {
                        do {
                            _ = try await cache.readHeader(for: "key")
                            guard let text = try await cache.read(for: "key") else {
                                failures.add()
                                continue
                            }
                            let entry = try CacheEntry(serialized: text)
                            if entry.configJSON != Self.config(Int(entry.eTag) ?? -1) { mixtures.add() }
                        } catch {
                            failures.add()
                        }
                    }
                }
            }
        }
        #expect(mixtures.count == 0)
        #expect(failures.count == 0)
        #expect(try await cache.readHeader(for: "key").header?.eTag == "200")
        await eventually("both layers have the newest entry", within: 10) {
            _ = try await cache.readHeader(for: "key")
            return near.readHeader(for: "key").header?.eTag == "200" && far.readHeader(for: "key").header?.eTag == "200"
        }
    }

    /// A layer that signals each write, and cannot keep entries.
    private final class ForgetfulLayer: FleetConfigCache {
        private let store = InMemoryConfigCache()
        private let signals = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let writes = Atomic<Int>(0)

        func read(for key: String) -> String? { nil }
        func write(for key: String, value: String) {}
        func readHeader(for key: String) -> CacheHeaderReading {
            CacheHeaderReading(content: .absent, storeTime: store.readHeader(for: key).storeTime)
        }
        func write(_ entry: CacheEntry, replacing futureTime: Int64?, for key: String) -> CacheWriteOutcome {
            writes.add(1, ordering: .relaxed)
            signals.continuation.yield()
            return .written
        }
        func refreshTimestamp(_ header: CacheEntryHeader, replacing futureTime: Int64?, for key: String)
            -> CacheWriteOutcome
        {
            .needsFullWrite
        }
        func acquireLease(for key: String, token: String, duration: Duration) -> LeaseResult {
            store.acquireLease(for: key, token: token, duration: duration)
        }
        func releaseLease(for key: String, token: String) { store.releaseLease(for: key, token: token) }
        func changes(for key: String) -> AsyncStream<Void> { signals.stream }
    }

    @Test("a layer that loses every write is not repaired in a loop")
    func repairLoop() async throws {
        let cdn = try await ServedConfig(Self.config(1))
        let layer = ForgetfulLayer()
        let cache = LayeredConfigCache([layer, InMemoryConfigCache()])
        var options = ConfigCatOptions()
        options.baseUrl = cdn.url
        options.configCache = cache
        options.logLevel = .critical
        let client = try openClient(
            sdkKey: "configcat-sdk-1/REPAIR_LOOP_ATTACK_000/0000567890123456789012", options: options)
        await client.waitForReady()
        try await Task.sleep(for: .milliseconds(200))
        let before = layer.writes.load(ordering: .relaxed)
        try await Task.sleep(for: .seconds(2))
        let writes = layer.writes.load(ordering: .relaxed) - before
        #expect(writes <= 3, "\(writes) writes in 2 seconds")
        await client.shutdown()
        await cache.close()
    }
}
