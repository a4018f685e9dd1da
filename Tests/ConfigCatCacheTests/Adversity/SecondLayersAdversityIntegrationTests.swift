import ConfigCat
import ConfigCatCache
import ConfigCatCacheTesting
import ConfigCatInMemoryCache
import Foundation
import Logging
import Synchronization
import ConfigCatTestSupport
import Testing

/// One faulty layer, together with one that works.
@Suite("Second adversity: layers", .cleanup)
struct SecondLayersAdversityIntegrationTests {
    private static func config(_ value: Int) -> String { #"{"f":{"number":{"t":2,"v":{"i":\#(value)}}}}"# }

    /// Polls layers offline until a value has arrived, or a minute has passed.
    private func value(from cache: LayeredConfigCache, _ name: String) async throws -> Int {
        var options = ConfigCatOptions()
        options.configCache = cache
        options.offline = true
        options.pollingMode = PollingModes.autoPoll(autoPollIntervalInSeconds: 1)
        options.logLevel = .critical
        let client = try openClient(sdkKey: Self.sdkKey(name), options: options)
        var value = -1
        for _ in 0..<600 where value < 0 {
            value = await client.getValue(for: "number", defaultValue: -1)
            if value < 0 { try await Task.sleep(for: .milliseconds(100)) }
        }
        await client.shutdown()
        await cache.close()
        return value
    }

    private static func sdkKey(_ name: String) -> String { "configcat-sdk-1/\(name)/0000567890123456789012" }

    @Test("a layer whose entry is cut off does not hide the entry of another layer")
    func damagedContent() async throws {
        let (near, far) = (InMemoryConfigCache(), InMemoryConfigCache())
        let name = "SECOND_ATTACK_DAMAGED0"
        let key = CacheKey.key(forSDKKey: Self.sdkKey(name))
        let now = near.readHeader(for: key).storeTime
        near.write(for: key, value: "\(now)\n2\n\(Self.config(2).prefix(20))")
        far.write(for: key, value: "\(now - 60_000)\n1\n\(Self.config(1))")
        #expect(
            try await value(from: LayeredConfigCache([InMemoryConfigCache(), far]), name) == 1, "the far layer alone")
        #expect(try await value(from: LayeredConfigCache([near, far]), name) == 1)
    }

    /// A layer whose headers can be read and whose entries cannot, such as a file with a damaged block.
    private final class UnreadableLayer: ForwardingCache {
        let store = InMemoryConfigCache()
        struct Fault: Error {}

        func read(for key: String) throws -> String? { throw Fault() }
    }

    @Test("a layer whose entry cannot be read does not hide the same entry of another layer")
    func unreadableEntry() async throws {
        let (near, far) = (UnreadableLayer(), InMemoryConfigCache())
        let name = "SECOND_ATTACK_UNREADAB"
        let key = CacheKey.key(forSDKKey: Self.sdkKey(name))
        let now = far.readHeader(for: key).storeTime
        near.write(for: key, value: "\(now)\n1\n\(Self.config(1))")
        far.write(for: key, value: "\(now - 1)\n1\n\(Self.config(1))")
        #expect(try await value(from: LayeredConfigCache([near, far]), name) == 1)
    }

    /// A layer that can be made to hang.
    private final class HangingLayer: ForwardingCache {
        let store = InMemoryConfigCache()
        let readsHang = Atomic<Bool>(false)
        let allHangs = Atomic<Bool>(false)
        let hanging = Atomic<Int>(0)

        private func hang() async {
            hanging.add(1, ordering: .relaxed)
            while readsHang.load(ordering: .relaxed) { try? await Task.sleep(for: .milliseconds(5)) }
        }

        func read(for key: String) async -> String? {
            if readsHang.load(ordering: .relaxed) { await hang() }
            return store.read(for: key)
        }
        func readHeader(for key: String) async -> CacheHeaderReading {
            if allHangs.load(ordering: .relaxed) { await hang() }
            return store.readHeader(for: key)
        }
    }

    @Test("a layer that hangs while another is repaired from it does not make the other one hang")
    func hangingSource() async throws {
        let (near, far) = (InMemoryConfigCache(), HangingLayer())
        let timeout = Duration.milliseconds(100)
        let cache = LayeredConfigCache([near, far], timeout: timeout)
        let now = near.readHeader(for: "key").storeTime
        near.write(for: "key", value: "\(now - 60_000)\n1\n\(Self.config(1))")
        far.write(for: "key", value: "\(now - 1000)\n2\n\(Self.config(2))")
        far.readsHang.store(true, ordering: .relaxed)
        // Begins to repair the near layer.
        #expect(try await cache.readHeader(for: "key").header?.eTag == "2")
        await eventually("the repair hangs") { far.hanging.load(ordering: .relaxed) > 0 }
        far.allHangs.store(true, ordering: .relaxed)
        try await Task.sleep(for: timeout * 3)
        // The layer still counts as having its entry; a client that needs the content continues with the other layer.
        #expect(try await cache.readHeader(for: "key").header?.eTag == "2")
        await eventually("the header comes from the other layer") {
            _ = try? await cache.read(for: "key")
            return try await cache.readHeader(for: "key").header?.eTag == "1"
        }
        far.readsHang.store(false, ordering: .relaxed)
        far.allHangs.store(false, ordering: .relaxed)
        await cache.close()
    }

    /// A layer whose reads return an older entry than its headers, such as a server that fails over to a replica.
    private final class LaggingLayer: ForwardingCache {
        let (store, behind) = (InMemoryConfigCache(), InMemoryConfigCache())
        let reads = Atomic<Int>(0)

        func read(for key: String) -> String? {
            reads.add(1, ordering: .relaxed)
            return behind.read(for: key)
        }
    }

    @Test("a repair does not store an older config with the date of a newer one")
    func repairWithAnotherEntry() async throws {
        let (near, far) = (InMemoryConfigCache(), LaggingLayer())
        let cache = LayeredConfigCache([near, far])
        let now = near.readHeader(for: "key").storeTime
        near.write(for: "key", value: "\(now - 30_000)\n2\n\(Self.config(2))")
        far.store.write(for: "key", value: "\(now - 1000)\n3\n\(Self.config(3))")
        far.behind.write(for: "key", value: "\(now - 60_000)\n1\n\(Self.config(1))")
        #expect(try await cache.readHeader(for: "key").header?.eTag == "3")
        await eventually("the repair has read") { far.reads.load(ordering: .relaxed) > 0 }
        // Waits for the repair.
        await cache.close()
        #expect(near.readHeader(for: "key").header?.eTag != "1")
    }
}
