import ConfigCat
import ConfigCatCache
import ConfigCatInMemoryCache
import Logging
import Synchronization
import ConfigCatTestSupport
import Testing

/// A layer that has answered once, and then no longer answers.
@Suite("Adversity: lost layers", .cleanup)
struct LostLayersAdversityTests {
    /// A clock that tests move.
    private final class MovedClock: Sendable {
        private let time = Mutex<Int64>(5_000_000)
        func advance(seconds: Int64) { time.withLock { $0 += seconds * 1000 } }
        var now: Int64 { time.withLock(\.self) }
        var host: HostRuntime { HostRuntime(wall: { self.now + 1_700_000_000_000 }, now: { self.now }) }
    }

    /// A server that can be made unreachable.
    private final class RemovableLayer: OrderedConfigCache {
        let store: InMemoryConfigCache
        let isGone = Atomic<Bool>(false)
        struct Gone: Error {}

        init(_ store: InMemoryConfigCache) { self.store = store }

        private func check() throws { if isGone.load(ordering: .relaxed) { throw Gone() } }
        func read(for key: String) throws -> String? {
            try check()
            return store.read(for: key)
        }
        func write(for key: String, value: String) throws {
            try check()
            store.write(for: key, value: value)
        }
        func readHeader(for key: String) throws -> CacheHeaderReading {
            try check()
            return store.readHeader(for: key)
        }
        func write(_ entry: CacheEntry, replacing futureTime: Int64?, for key: String) throws -> CacheWriteOutcome {
            try check()
            return store.write(entry, replacing: futureTime, for: key)
        }
        func refreshTimestamp(_ header: CacheEntryHeader, replacing futureTime: Int64?, for key: String) throws
            -> CacheWriteOutcome
        {
            try check()
            return store.refreshTimestamp(header, replacing: futureTime, for: key)
        }
    }

    private static func config(_ value: Int) -> String { #"{"f":{"number":{"t":2,"v":{"i":\#(value)}}}}"# }

    @Test("a new client gets the entry of one layer, although an unreachable layer had a newer one")
    func newClient() async throws {
        let clock = MovedClock()
        let near = InMemoryConfigCache { clock.now + 1_700_000_000_000 }
        let far = RemovableLayer(InMemoryConfigCache { clock.now + 1_700_000_000_000 })
        let cache = LayeredConfigCache([near, far], timeout: .seconds(600), host: clock.host)
        let name = "configcat-sdk-1/LOST_LAYER_ATTACK_0000/0000567890123456789012"
        let key = CacheKey.key(forSDKKey: name)
        // An earlier client has read the header of the far layer's entry. The near layer has since been restored to an
        // older one.
        far.store.write(for: key, value: "\(clock.now + 1_700_000_000_000)\n2\n\(Self.config(2))")
        _ = try await cache.readHeader(for: key)
        await eventually("the near layer is repaired") { near.read(for: key) != nil }
        near.write(for: key, value: "\(clock.now + 1_700_000_000_000 - 60_000)\n1\n\(Self.config(1))")
        far.isGone.store(true, ordering: .relaxed)
        var options = ConfigCatOptions()
        options.configCache = cache
        options.offline = true
        options.pollingMode = PollingModes.manualPoll()
        options.logLevel = .critical
        let client = try openClient(sdkKey: name, options: options)
        await client.waitForReady()
        var value = -1
        // With the default polling interval.
        for _ in 0..<10 where value < 0 {
            clock.advance(seconds: 60)
            await client.forceRefresh()
            value = await client.getValue(for: "number", defaultValue: -1)
        }
        #expect(value == 1)
        await client.shutdown()
        await cache.close()
    }
}
