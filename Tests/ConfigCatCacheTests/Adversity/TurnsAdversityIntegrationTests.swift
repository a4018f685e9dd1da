import ConfigCatCache
import ConfigCatTestSupport
import Synchronization
import Testing

@testable import ConfigCat

/// Writes to a layer without ordered writes, which take turns.
@Suite("Adversity: turns of writes", .timeLimit(.minutes(1)))
struct TurnsAdversityIntegrationTests {
    /// A store without capabilities. Writes of some keys wait for a gate.
    private final class Plain: ConfigCache {
        struct Failure: Error {}
        let values = Mutex<[String: String]>([:])
        let log = Mutex<[String]>([])
        let gate = Promise<Void>()
        let begun = Promise<Void>()
        let nested = Mutex<(@Sendable (String) async throws -> Void)?>(nil)

        func read(for key: String) -> String? { values.withLock { $0[key] } }

        func write(for key: String, value: String) async throws {
            let eTag = (try? CacheEntry(serialized: value))?.eTag ?? ""
            log.withLock { $0.append("\(key) \(eTag)") }
            if eTag == "wait" {
                begun.finish(.success(()))
                try await gate.value()
            }
            if eTag == "fail" { throw Failure() }
            if eTag == "nest" { try await nested.withLock(\.self)?(key) }
            values.withLock { $0[key] = value }
        }
    }

    private static func entry(_ eTag: String, _ time: Int64 = 1_700_000_000_000) -> CacheEntry {
        CacheEntry(fetchTime: time, eTag: eTag, configJSON: "{}")
    }

    /// Returns whether an action ends within some seconds.
    private func ends(_ action: @escaping @Sendable () async -> Void) async -> Bool {
        let end = Promise<Bool>()
        Task {
            await action()
            end.finish(.success(true))
        }
        Task {
            try? await Task.sleep(for: .seconds(4))
            end.finish(.success(false))
        }
        return (try? await end.value()) ?? false
    }

    @Test("a slow write of one key does not delay those of other keys")
    func otherKeys() async throws {
        let plain = Plain()
        let cache = LayeredConfigCache([plain], timeout: .seconds(30))
        let slow = Task { _ = try await cache.write(Self.entry("wait"), replacing: nil, for: "slow") }
        try await plain.begun.value()
        let isDone = await ends { _ = try? await cache.write(Self.entry("1"), replacing: nil, for: "other") }
        #expect(isDone)
        plain.gate.finish(.success(()))
        try await slow.value
        await cache.close()
    }

    @Test("a layer that writes another key as part of a write does not wait for itself")
    func nested() async throws {
        let plain = Plain()
        let cache = LayeredConfigCache([plain], timeout: .seconds(30))
        plain.nested.withLock {
            $0 = { [weak cache] _ in _ = try await cache?.write(Self.entry("1"), replacing: nil, for: "index") }
        }
        let isDone = await ends { _ = try? await cache.write(Self.entry("nest"), replacing: nil, for: "key") }
        #expect(isDone)
    }

    @Test("a write after one that waits, fails or was cancelled is written last")
    func order() async throws {
        let plain = Plain()
        let cache = LayeredConfigCache([plain], timeout: .seconds(30))
        let slow = Task { _ = try await cache.write(Self.entry("wait"), replacing: nil, for: "key") }
        try await plain.begun.value()
        slow.cancel()
        let failing = Task { _ = try? await cache.write(Self.entry("fail"), replacing: nil, for: "key") }
        let last = Task {
            await failing.value
            _ = try await cache.write(Self.entry("last"), replacing: nil, for: "key")
        }
        plain.gate.finish(.success(()))
        try await last.value
        #expect(plain.read(for: "key")?.contains("last") == true)
        #expect(plain.log.withLock { $0.last } == "key last")
        await cache.close()
    }

    @Test("writes that wait for a hung one fail in time, and the layer is used again once it returned")
    func hung() async throws {
        let plain = Plain()
        let cache = LayeredConfigCache([plain], timeout: .milliseconds(200))
        let slow = Task { try? await cache.write(Self.entry("wait"), replacing: nil, for: "key") }
        try await plain.begun.value()
        let isDone = await ends {
            await withTaskGroup(of: Void.self) { group in
                for index in 0..<10 {
                    group.addTask { _ = try? await cache.write(Self.entry("\(index)"), replacing: nil, for: "key") }
                }
            }
        }
        #expect(isDone)
        _ = await slow.value
        plain.gate.finish(.success(()))
        var isWritten = false
        for _ in 0..<1000 where !isWritten {
            isWritten = (try? await cache.write(Self.entry("after"), replacing: nil, for: "key")) != nil
            if !isWritten { try await Task.sleep(for: .milliseconds(10)) }
        }
        #expect(isWritten)
        #expect(plain.log.withLock { $0.last } == "key after")
        #expect(await ends { await cache.close() })
    }

    @Test("closing ends while a write hangs")
    func closing() async throws {
        let plain = Plain()
        let cache = LayeredConfigCache([plain], timeout: .milliseconds(200))
        let slow = Task { try? await cache.write(Self.entry("wait"), replacing: nil, for: "key") }
        try await plain.begun.value()
        #expect(await ends { await cache.close() })
        _ = await slow.value
        plain.gate.finish(.success(()))
    }
}
