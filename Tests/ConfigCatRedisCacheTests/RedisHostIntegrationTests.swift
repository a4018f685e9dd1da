import ConfigCatCache
import Foundation
import Synchronization
import ConfigCatTestSupport
import Testing

@testable import ConfigCatRedisCache

@Suite("Redis hosts", .enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.whySkipped)))
struct RedisHostIntegrationTests {
    @Test("commands go to another host if one accepts connections and then closes them", arguments: [false, true])
    func closing(answersPings: Bool) async throws {
        let bad = try await ScriptedServer { answersPings && $0.contains("PING") ? .text("+PONG\r\n") : .close }
        let good = try await RedisServer()
        let cache: RedisConfigCache = try .redis("redis://\(bad.host),127.0.0.1:\(good.port)")
        for number in 0..<30 { try await cache.write(for: "key-\(number)", value: "\(number)") }
        #expect(try await good.command("DBSIZE") == "30")
        #expect(bad.connections == 1)
    }

    @Test("a write that replicas refuse goes to the master, on each connection")
    func replicas() async throws {
        let replicas = [try await RedisServer(), try await RedisServer()]
        for replica in replicas { try await replica.command("REPLICAOF", "127.0.0.1", "1") }
        let master = try await RedisServer()
        let hosts = (replicas + [master]).map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        let cache: RedisConfigCache = try .redis("redis://\(hosts)") { $0.connections = 3 }
        for number in 0..<30 { try await cache.write(for: "key-\(number)", value: "\(number)") }
        #expect(try await master.command("DBSIZE") == "30")
    }

    @Test("an idle connection that broke is opened again to the same host")
    func idle() async throws {
        let (first, second) = (try await RedisServer(), try await RedisServer())
        let cache: RedisConfigCache = try .redis("redis://127.0.0.1:\(first.port),127.0.0.1:\(second.port)")
        try await cache.write(for: "key", value: "1")
        try await first.command("CLIENT", "KILL", "TYPE", "normal")
        try await cache.write(for: "key", value: "2")
        #expect(try await first.command("GET", "key") == "2")
        #expect(try await second.command("DBSIZE") == "0")
    }

    @Test("there are pauses between connections to a server that closes each of them", arguments: [false, true])
    func backoff(answersPings: Bool) async throws {
        let bad = try await ScriptedServer { answersPings && $0.contains("PING") ? .text("+PONG\r\n") : .close }
        let cache: RedisConfigCache = try .redis("redis://\(bad.host)")
        for _ in 0..<1000 { _ = try? await cache.read(for: "key") }
        // Without pauses, each command would open at least one connection.
        #expect(bad.connections < 300)
    }

    @Test("a subscription stays on the good host if another one refuses the login")
    func subscription() async throws {
        let good = try await RedisServer(["--requirepass", "pw"])
        let bad = try await RedisServer(["--requirepass", "other"])
        let cache: RedisConfigCache = try .redis("redis://:pw@127.0.0.1:\(bad.port),127.0.0.1:\(good.port)")
        let admin = try await Admin(good, password: "pw")
        let signals = Atomic<Int>(0)
        let listening = Task { for await _ in cache.changes(for: "key") { signals.add(1, ordering: .relaxed) } }
        await eventually("the server has confirmed the subscription") { signals.load(ordering: .relaxed) > 0 }
        let before = try await admin.connections()
        // Each of these commands opens a connection. Any further ones are the subscription's.
        for _ in 0..<50 { _ = try await admin.connections() }
        #expect(try await admin.connections() - before < 60)
        listening.cancel()
        await cache.close()
    }

    @Test("there are pauses between subscriptions to a server that ends each of them")
    func subscriptionBackoff() async throws {
        let confirmation = "*3\r\n$9\r\nsubscribe\r\n$13\r\n{key}:changed\r\n:1\r\n"
        let server = try await ScriptedServer {
            $0.contains("PING") ? .text("+PONG\r\n") : .textThenClose(confirmation)
        }
        let cache: RedisConfigCache = try .redis("redis://\(server.host)")
        let listening = Task { for await _ in cache.changes(for: "key") {} }
        await eventually("the subscription is tried again") { server.connections >= 3 }
        let before = server.connections
        try await Task.sleep(for: .seconds(2))
        // The pauses double up to a second; without them there would be hundreds of connections.
        #expect(server.connections - before < 30)
        listening.cancel()
        await cache.close()
    }
}

/// Asks a server about its connections.
private struct Admin {
    private let server: RedisServer
    private let login: [String]

    init(_ server: RedisServer, password: String? = nil) async throws {
        self.server = server
        login = password.map { ["-a", $0, "--no-auth-warning"] } ?? []
    }

    private func run(_ arguments: String...) async throws -> String {
        try await Tools.run(["redis-cli", "-p", "\(server.port)"] + login + arguments)
    }

    /// Returns the total number of connections that the server has accepted.
    func connections() async throws -> Int {
        let match = try await run("INFO", "stats").firstMatch(of: /total_connections_received:(\d+)/)
        return match.flatMap { Int($0.1) } ?? 0
    }
}
