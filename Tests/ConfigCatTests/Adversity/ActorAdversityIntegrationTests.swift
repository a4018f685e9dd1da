import ConfigCatCache
import ConfigCatTestSupport
import Foundation
import Synchronization
import Testing

@testable import ConfigCat

/// Calls from actors while the cache hangs. The client's methods run on the caller's actor, and must not block it.
@Suite("Adversity: actors", .cleanup)
struct ActorAdversityIntegrationTests {
    /// A cache that blocks the thread that calls it until the test opens it.
    private final class BlockingCache: ConfigCache {
        let isOpen = Atomic<Bool>(false)
        let calls = Atomic<Int>(0)

        func read(for key: String) async throws -> String? {
            block()
            return nil
        }

        func write(for key: String, value: String) async throws { block() }

        private func block() {
            calls.add(1, ordering: .relaxed)
            while !isOpen.load(ordering: .relaxed) { usleep(1000) }
        }
    }

    /// All asynchronous methods of a client, called on an actor.
    private actor Caller {
        private(set) var returned = 0
        private(set) var turns = 0

        func turn() { turns += 1 }

        func call(_ number: Int, of client: ConfigCatClient) async {
            preconditionIsolated()
            await ActorAdversityIntegrationTests.call(number, of: client)
            preconditionIsolated()
            returned += 1
        }
    }

    private static let methods = 0..<11

    private nonisolated(nonsending) static func call(_ number: Int, of client: ConfigCatClient) async {
        switch number {
        case 0: _ = await client.getValue(for: "number", defaultValue: 0)
        case 1: _ = await client.getValueDetails(for: "number", defaultValue: 0)
        case 2: _ = await client.getAnyValue(for: "number", defaultValue: nil)
        case 3: _ = await client.getAnyValueDetails(for: "number", defaultValue: nil)
        case 4: _ = await client.value(of: FeatureFlag("number", defaultValue: 0))
        case 5: _ = await client.getAllKeys()
        case 6: _ = await client.getAllValues()
        case 7: _ = await client.getAllValueDetails()
        case 8: _ = await client.getKeyAndValue(for: "id")
        case 9: _ = await client.forceRefresh()
        default: _ = await client.waitForReady()
        }
    }

    static let modes = [PollingModes.lazyLoad(), patientPolling, PollingModes.manualPoll()]

    @Test(
        "an actor stays free while all its calls wait for a cache that hangs, and all return when it answers",
        arguments: modes.indices)
    func actor(_ mode: Int) async throws {
        let (cdn, cache, caller) = (try await TestCDN(TestConfig.answer(1)), BlockingCache(), Caller())
        let client = try makeClient(cdn, mode: Self.modes[mode]) { $0.configCache = cache }
        for method in Self.methods { Task { await caller.call(method, of: client) } }
        await eventually("the cache is asked") { cache.calls.load(ordering: .relaxed) > 0 }
        for _ in 0..<100 { await caller.turn() }
        #expect(await caller.turns == 100)
        cache.isOpen.store(true, ordering: .relaxed)
        await eventually("all calls return") { await caller.returned == Self.methods.count }
        await client.shutdown()
    }

    @Test("the main actor stays free while its calls wait for a cache that hangs", arguments: modes.indices)
    @MainActor
    func mainActor(_ mode: Int) async throws {
        let (cdn, cache) = (try await TestCDN(TestConfig.answer(1)), BlockingCache())
        let returned = Mutex(0)
        let client = try makeClient(cdn, mode: Self.modes[mode]) { $0.configCache = cache }
        let calls = Self.methods.map { method in
            Task { @MainActor in
                await Self.call(method, of: client)
                MainActor.assertIsolated()
                returned.withLock { $0 += 1 }
            }
        }
        while cache.calls.load(ordering: .relaxed) == 0 { await Task.yield() }
        for _ in 0..<100 { await Task { @MainActor in }.value }
        #expect(returned.withLock(\.self) < Self.methods.count)
        cache.isOpen.store(true, ordering: .relaxed)
        for call in calls { await call.value }
        await client.shutdown()
    }

    @Test("calls of an actor return when their tasks are cancelled, although the cache hangs", arguments: modes.indices)
    @MainActor
    func cancellation(_ mode: Int) async throws {
        let (cdn, cache) = (try await TestCDN(TestConfig.answer(1)), BlockingCache())
        let client = try makeClient(cdn, mode: Self.modes[mode]) { $0.configCache = cache }
        let calls = Self.methods.map { method in Task { @MainActor in await Self.call(method, of: client) } }
        while cache.calls.load(ordering: .relaxed) == 0 { await Task.yield() }
        for call in calls { call.cancel() }
        for call in calls { await call.value }
        cache.isOpen.store(true, ordering: .relaxed)
        await client.shutdown()
    }

    @Test("an actor can shut a client down, and evaluate meanwhile, although the cache hangs", arguments: modes.indices)
    @MainActor
    func shutdown(_ mode: Int) async throws {
        let (cdn, cache) = (try await TestCDN(TestConfig.answer(1)), BlockingCache())
        let client = try makeClient(cdn, mode: Self.modes[mode]) { options in
            options.configCache = cache
            options.cacheTimeout = .milliseconds(100)
        }
        let calls = Self.methods.map { method in Task { @MainActor in await Self.call(method, of: client) } }
        while cache.calls.load(ordering: .relaxed) == 0 { await Task.yield() }
        let shutdowns = (0..<3).map { _ in Task { @MainActor in await client.shutdown() } }
        for method in Self.methods { await Self.call(method, of: client) }
        for task in calls + shutdowns { await task.value }
        cache.isOpen.store(true, ordering: .relaxed)
    }
}
