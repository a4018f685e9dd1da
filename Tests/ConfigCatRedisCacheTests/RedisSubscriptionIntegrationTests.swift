import ConfigCatCache
import Foundation
import Synchronization
import ConfigCatTestSupport
import Testing

@testable import ConfigCatRedisCache

@Suite("Redis subscriptions", .enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.whySkipped)))
struct RedisSubscriptionIntegrationTests {
    /// Counts the signals of a channel.
    private final class Listener: Sendable {
        let signals = Atomic<Int>(0)
        private let task = Mutex<Task<Void, Never>?>(nil)

        init(_ cache: RedisConfigCache, _ key: String) {
            let stream = cache.changes(for: key)
            let listening = Task { [weak self] in
                for await _ in stream { _ = self?.signals.add(1, ordering: .relaxed) }
            }
            task.withLock { $0 = listening }
        }

        deinit { task.withLock { $0?.cancel() } }

        var hasSignal: Bool { signals.load(ordering: .relaxed) > 0 }
    }

    @Test("a channel that joins an open subscription gets a signal when the server has confirmed it")
    func joining() async throws {
        let server = try await RedisServer()
        let cache: RedisConfigCache = try .redis(server.url)
        let first = Listener(cache, "first")
        await eventually("the subscription is there") { first.hasSignal }
        let second = Listener(cache, "second")
        // Changes from before the server confirmed the channel were not reported.
        await eventually("the second channel is signalled without a message", within: 20) { second.hasSignal }
        #expect(try await server.command("PUBSUB", "NUMSUB", "{second}:changed").hasSuffix("1"))
        #expect(try await subscribers(server) == 1)
        let before = second.signals.load(ordering: .relaxed)
        try await server.command("PUBLISH", "{second}:changed", "x")
        await eventually("a message is signalled") { second.signals.load(ordering: .relaxed) > before }
        let again = Listener(cache, "second")
        await eventually("a later listener of a confirmed channel is signalled too") { again.hasSignal }
        await cache.close()
    }

    @Test("a channel that the server refuses ends the connection of an open subscription")
    func refusal() async throws {
        let server = try await RedisServer([
            "--user", "app", "on", ">pw", "~*", "+@all", "resetchannels", "&{first}:changed",
        ])
        let cache: RedisConfigCache = try .redis("redis://app:pw@127.0.0.1:\(server.port)")
        let first = Listener(cache, "first")
        await eventually("the subscription is there") { first.hasSignal }
        #expect(try await subscribers(server) == 1)
        let second = Listener(cache, "second")
        await eventually("the refusal ends the connection", within: 20) { try await subscribers(server) == 0 }
        #expect(!second.hasSignal)
        await cache.close()
    }

    @Test("a subscription that was cut off is opened again with all channels, and signals each")
    func cut() async throws {
        let server = try await RedisServer()
        let cache: RedisConfigCache = try .redis(server.url)
        let listeners = (0..<3).map { Listener(cache, "key-\($0)") }
        for round in 1...3 {
            await eventually("all are signalled") {
                listeners.allSatisfy { $0.signals.load(ordering: .relaxed) >= round }
            }
            try await server.command("CLIENT", "KILL", "TYPE", "pubsub")
        }
        await cache.close()
    }

    private func subscribers(_ server: RedisServer) async throws -> Int {
        try await server.command("CLIENT", "LIST", "TYPE", "pubsub").split(separator: "\n").count {
            $0.contains("sub=")
        }
    }
}
