import ConfigCatCache
import ConfigCatInMemoryCache
import ConfigCatSimulation
import Synchronization
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

/// Histories of layers that the simulation does not draw: three layers, layers without headers, invalid entries, and
/// removed values.
@Suite("Third adversity: layers")
struct ThirdLayersAdversityIntegrationTests {
    private final class MovedClock: Sendable {
        private let time = Mutex<Int64>(5_000_000)
        func advance(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }
        var now: Int64 { time.withLock(\.self) }
        var wall: Int64 { now + 1_700_000_000_000 }
        var host: HostRuntime { HostRuntime(wall: { self.wall }, now: { self.now }) }
    }

    /// A layer that can be made unreachable, or can lose writes.
    private final class Layer: ForwardingCache {
        struct Gone: Error {}
        let store: InMemoryConfigCache
        let isGone = Atomic<Bool>(false)
        init(_ clock: MovedClock, offset: Int64 = 0) { store = InMemoryConfigCache { clock.wall + offset } }
        func readHeader(for key: String) throws -> CacheHeaderReading {
            if isGone.load(ordering: .relaxed) { throw Gone() }
            return store.readHeader(for: key)
        }
        func read(for key: String) throws -> String? {
            if isGone.load(ordering: .relaxed) { throw Gone() }
            return store.read(for: key)
        }
    }

    /// A store without capabilities.
    private final class Plain: ConfigCache {
        let value = Mutex<String?>(nil)
        func read(for key: String) -> String? { value.withLock(\.self) }
        func write(for key: String, value: String) { self.value.withLock { $0 = value } }
    }

    private static func config(_ value: Int) -> String { #"{"f":{"number":{"t":2,"v":{"i":\#(value)}}}}"# }

    @Test("an entry that was removed from all layers stays removed if a layer then stops answering")
    func removed() async throws {
        let clock = MovedClock()
        let (near, far) = (Layer(clock), Layer(clock))
        let cache = LayeredConfigCache([near, far], timeout: .seconds(600), host: clock.host)
        let entry = CacheEntry(fetchTime: clock.wall, eTag: "\"1\"", configJSON: Self.config(1))
        near.store.write(for: "key", value: entry.serialized)
        far.store.write(for: "key", value: entry.serialized)
        #expect(try await cache.readHeader(for: "key").header?.eTag == "\"1\"")
        try await cache.remove(for: "key")
        near.store.remove(for: "key")
        far.store.remove(for: "key")
        far.isGone.store(true, ordering: .relaxed)
        #expect(try await cache.readHeader(for: "key").header == nil)
        await cache.close()
    }

    @Test("each of three layers, one without headers, gets the newest entry, whatever is damaged or flushed")
    func threeLayers() async throws {
        var random = SplitMix(state: 10)
        for round in 0..<200 {
            let clock = MovedClock()
            let (near, plain, far) = (Layer(clock, offset: 40_000), Plain(), Layer(clock, offset: -40_000))
            let order = Int.random(in: 0..<3, using: &random)
            var layers: [any ConfigCache] = [near, far]
            layers.insert(plain, at: order)
            let cache = LayeredConfigCache(layers, timeout: .seconds(600), host: clock.host)
            var version = 0
            var log: [String] = []
            func header() async throws -> CacheHeaderReading {
                let reading = try await cache.readHeader(for: "key")
                log.append("\(clock.now): read \(reading.header?.eTag ?? "nothing")")
                return reading
            }
            for _ in 0..<Int.random(in: 2...12, using: &random) {
                clock.advance(Int64.random(in: 1...4000, using: &random))
                let step = Int.random(in: 0..<8, using: &random)
                log.append("\(clock.now): step \(step)")
                switch step {
                case 0, 1:
                    version += 1
                    let time = try await header().storeTime
                    clock.advance(30)
                    _ = try await cache.write(
                        CacheEntry(fetchTime: time, eTag: "\"\(version)\"", configJSON: Self.config(version)),
                        replacing: nil, for: "key")
                case 2: near.store.remove(for: "key")
                case 3: plain.value.withLock { $0 = "not an entry" }
                case 4: far.store.write(for: "key", value: "not an entry either")
                case 5: far.isGone.store(true, ordering: .relaxed)
                case 6: far.isGone.store(false, ordering: .relaxed)
                default: _ = try await header()
                }
            }
            // All layers work again; a download is confirmed.
            far.isGone.store(false, ordering: .relaxed)
            clock.advance(10_000)
            version += 1
            let time = try await header().storeTime
            let outcome = try await cache.write(
                CacheEntry(fetchTime: time, eTag: "\"\(version)\"", configJSON: Self.config(version)), replacing: nil,
                for: "key")
            #expect(outcome == .written, "round \(round): \(log)")
            func eTags() -> [String?] {
                [near.store.read(for: "key"), plain.read(for: "key"), far.store.read(for: "key")].map { text in
                    CacheHeaderReading.Content(beginningOf: text).header?.eTag
                }
            }
            // A running repair may have written to the store without ordered writes after the download did.
            await eventually("round \(round): \(log)") {
                if eTags().allSatisfy({ $0 == "\"\(version)\"" }) { return true }
                clock.advance(3000)
                _ = try await header()
                return false
            }
            clock.advance(5000)
            #expect(try await header().header?.eTag == "\"\(version)\"", "round \(round): \(log)")
            #expect(try await cache.read(for: "key")?.hasSuffix(Self.config(version)) == true)
            await cache.close()
        }
    }

    /// A layer that returns entries late.
    private final class SlowSource: ForwardingCache {
        let store: InMemoryConfigCache
        private let gate = Mutex((isOpen: false, waiting: [CheckedContinuation<Void, Never>]()))
        init(_ clock: MovedClock) { store = InMemoryConfigCache { clock.wall } }
        var waiting: Int { gate.withLock(\.waiting.count) }

        func open() {
            let resumed = gate.withLock { gate in
                defer { gate = (true, []) }
                return gate.waiting
            }
            for waiter in resumed { waiter.resume() }
        }

        func read(for key: String) async -> String? {
            let text = store.read(for: key)
            await withCheckedContinuation { continuation in
                let isOpen = gate.withLock { gate in
                    if !gate.isOpen { gate.waiting.append(continuation) }
                    return gate.isOpen
                }
                if isOpen { continuation.resume() }
            }
            return text
        }
    }

    @Test(
        "a repair does not write an older config to a layer without ordered writes after a download was written there")
    func repairAfterDownload() async throws {
        let clock = MovedClock()
        let (near, plain) = (SlowSource(clock), Plain())
        let cache = LayeredConfigCache([near, plain], timeout: .seconds(600), host: clock.host)
        near.store.write(
            for: "key",
            value: CacheEntry(fetchTime: clock.wall - 5000, eTag: "\"1\"", configJSON: Self.config(1)).serialized)
        let time = try await cache.readHeader(for: "key").storeTime
        await eventually("a repair reads") { near.waiting == 1 }
        clock.advance(50)
        let entry = CacheEntry(fetchTime: time, eTag: "\"2\"", configJSON: Self.config(2))
        #expect(try await cache.write(entry, replacing: nil, for: "key") == .written)
        near.open()
        // It waits for the repair.
        await cache.close()
        #expect(plain.read(for: "key")?.hasSuffix(Self.config(2)) == true)
    }

    /// The simulation found this with three layers, one of them without capabilities.
    @Test("an entry dated in the future does not prevent that an empty layer gets an entry of known age")
    func futureEntry() async throws {
        let clock = MovedClock()
        let (near, plain, far) = (Layer(clock), Plain(), Layer(clock))
        let cache = LayeredConfigCache([near, plain, far], timeout: .seconds(600), host: clock.host)
        func entry(_ time: Int64) -> String {
            CacheEntry(fetchTime: time, eTag: "\"1\"", configJSON: Self.config(1)).serialized
        }
        // The clock of the host that wrote the entry is ahead.
        plain.write(for: "key", value: entry(clock.wall + 30_000))
        far.store.write(for: "key", value: entry(clock.wall - 1000))
        for _ in 0..<3 {
            _ = try await cache.readHeader(for: "key")
            clock.advance(5000)
        }
        // It waits for repairs.
        await cache.close()
        #expect(near.store.read(for: "key")?.hasSuffix(Self.config(1)) == true)
    }

    @Test("a client never goes back to an older config while layers come and go")
    func alternating() async throws {
        var random = SplitMix(state: 20)
        for round in 0..<300 {
            let clock = MovedClock()
            let layers = [Layer(clock), Layer(clock, offset: 3_600_000), Layer(clock, offset: -3_600_000)]
            let cache = LayeredConfigCache(layers, timeout: .seconds(600), host: clock.host)
            let writer = LayeredConfigCache(layers, timeout: .seconds(600), host: clock.host)
            var (version, seen) = (0, 0)
            var log: [String] = []
            for _ in 0..<20 {
                clock.advance(Int64.random(in: 600...9000, using: &random))
                // At most one layer is unreachable, so that the newest entry is always available.
                let away = Int.random(in: -1..<3, using: &random)
                for (index, layer) in layers.enumerated() { layer.isGone.store(index == away, ordering: .relaxed) }
                log.append("\(clock.now): away \(away)")
                if Bool.random(using: &random) {
                    version += 1
                    let time = try await writer.readHeader(for: "key").storeTime
                    let outcome = try await writer.write(
                        CacheEntry(fetchTime: time, eTag: "\"\(version)\"", configJSON: Self.config(version)),
                        replacing: nil, for: "key")
                    log.append("wrote \(version): \(outcome)")
                }
                let eTag = try await cache.readHeader(for: "key").header?.eTag ?? "0"
                let text = try? await cache.read(for: "key")
                let now = Int(eTag.filter(\.isNumber)) ?? 0
                log.append("read \(now), \(text?.prefix(24).filter { $0 != "\n" } ?? "nil")")
                #expect(now >= seen, "round \(round): \(log)")
                if now < seen { return }
                seen = now
            }
            await cache.close()
        }
    }
}
