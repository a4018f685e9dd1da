import ConfigCatEvaluation
import Dispatch
import Synchronization
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

/// Sequences of changes that are read, closed and dropped at any moment.
@Suite("Adversity: config changes", .cleanup)
struct ChangesAdversityIntegrationTests {
    private func change(_ number: Int) throws -> ConfigChange {
        let config = try Config(json: Array(TestConfig.json(number).utf8))
        return ConfigChange(
            config: config, source: .cdn, eTag: "\(number)", changedKeys: [],
            snapshot: ConfigCatClientSnapshot(config: config))
    }

    @Test("While threads add, deliver, subscribe and finish, changes stay in order, and each sequence ends")
    func concurrency() async throws {
        let change = try change(1)
        for _ in 0..<200 {
            let broadcast = ConfigChangeBroadcast {}
            let first = broadcast.subscribe()
            let readers = (0..<4).map { _ in
                Task {
                    var last = 0
                    for await change in broadcast.subscribe() {
                        let number = Int(change.eTag) ?? 0
                        if number <= last { return false }
                        last = number
                    }
                    return true
                }
            }
            let number = Mutex(0)
            try await blocking {
                DispatchQueue.concurrentPerform(iterations: 6) { thread in
                    for _ in 0..<8 {
                        number.withLock { number in
                            number += 1
                            let eTag = "\(number)"
                            broadcast.add(
                                ConfigChange(
                                    config: change.config, source: .cdn, eTag: eTag, changedKeys: [],
                                    snapshot: change.snapshot))
                        }
                        broadcast.deliver()
                    }
                    if thread > 3 { broadcast.finish() }
                }
            }
            for reader in readers { #expect(await reader.value) }
            for await _ in first {}
        }
    }

    @Test("Each sequence ends when a reader, a handler and two threads close the client at the same time")
    func closing() async throws {
        for way in 0..<3 {
            let cdn = try await TestCDN(TestConfig.answer(1))
            let client = try makeClient(cdn) { options in
                options.hooks.addOnReady { (_: ClientCacheState) in }
            }
            let readers = (0..<3).map { _ in
                let changes = client.configChanges
                return Task {
                    for await _ in changes where way == 0 { client.close() }
                }
            }
            if way == 1 { client.hooks.addOnConfigChanged { (_: Config) in client.close() } }
            await client.forceRefresh()
            if way == 2 {
                try await blocking { DispatchQueue.concurrentPerform(iterations: 2) { _ in client.close() } }
            }
            for reader in readers { await reader.value }
            await client.shutdown()
            for await _ in client.configChanges {}
            await cdn.stop()
        }
    }

    @Test("A log handler that closes the client because a sequence was read slowly leaves no sequence open")
    func closingFromDroppedEvent() async throws {
        let found = Mutex<ConfigChangeBroadcast?>(nil)
        let broadcast = ConfigChangeBroadcast { found.withLock(\.self)?.finish() }
        found.withLock { $0 = broadcast }
        let (slow, other) = (broadcast.subscribe(), broadcast.subscribe())
        let change = try change(1)
        for _ in 0..<40 {
            broadcast.add(change)
            broadcast.deliver()
        }
        for sequence in [slow, other] { for await _ in sequence {} }
        found.withLock { $0 = nil }
    }
}
