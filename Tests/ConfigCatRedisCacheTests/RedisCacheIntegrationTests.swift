import ConfigCatCache
import ConfigCatCacheTesting
import Foundation
import NIOCore
import ConfigCatTestSupport
import Testing

@testable import ConfigCatRedisCache

@Suite("Redis cache", .enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.whySkipped)))
struct RedisCacheIntegrationTests {
    private func code(_ body: () async throws -> Void) async -> RedisCacheError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? RedisCacheError)?.code
        }
    }

    @Test("keeps the contract of caches")
    func contract() async throws {
        let server = try await RedisServer()
        for check in CacheContract.checks { try await check.run { try .redis(server.url) } }
        try await server.command("FLUSHALL")
        for check in CacheContract.checks {
            try await check.run { try .redis(server.url) { $0.connections = 3 } }
        }
    }

    @Test("a value is a plain string under the key, and expires only if the URL says so")
    func form() async throws {
        let server = try await RedisServer()
        let cache: RedisConfigCache = try .redis(server.url)
        try await cache.write(for: "key", value: "value")
        #expect(try await server.command("GET", "key") == "value")
        #expect(try await server.command("TTL", "key") == "-1")
        let other: RedisConfigCache = try .redis(server.url + "/5?prefix=app:&expiry=100")
        try await other.write(for: "key", value: "other")
        #expect(try await server.command("-n", "5", "GET", "app:key") == "other")
        #expect(Int(try await server.command("-n", "5", "TTL", "app:key")) ?? 0 > 90)
    }

    @Test("the cache works over a Unix socket")
    func socket() async throws {
        let server = try await RedisServer()
        let cache: RedisConfigCache = try .redis("redis+unix://\(server.socket)")
        try await cache.write(for: "key", value: "value")
        #expect(try await cache.read(for: "key") == "value")
    }

    @Test("users and passwords are checked if the server requires them, and no error shows them")
    func credentials() async throws {
        let server = try await RedisServer([
            "--requirepass", "hunter2", "--user", "app", "on", ">pa:ss/word", "~app:*", "+get", "+set", "+del",
            "+select",
        ])
        let port = server.port
        try await (RedisConfigCache.redis("redis://:hunter2@127.0.0.1:\(port)")).write(for: "key", value: "1")
        let user: RedisConfigCache = try .redis("redis://app:pa%3Ass%2Fword@127.0.0.1:\(port)/1?prefix=app:")
        try await user.write(for: "key", value: "2")
        #expect(try await user.read(for: "key") == "2")
        let faults: [(String, RedisCacheError.Code)] = [
            ("redis://127.0.0.1:\(port)", .authentication), ("redis://:hunter3@127.0.0.1:\(port)", .authentication),
            ("redis://nobody:hunter2@127.0.0.1:\(port)", .authentication),
            ("redis://app:pa%3Ass%2Fword@127.0.0.1:\(port)", .notPermitted),
        ]
        for (url, expected) in faults {
            let cache: RedisConfigCache = try .redis(url)
            let error = await #expect(throws: RedisCacheError.self) { try await cache.read(for: "key") }
            #expect(error?.code == expected)
            #expect(error?.message.contains("hunter") == false && error?.message.contains("127.0.0.1:\(port)") == true)
        }
    }

    @Test(
        "TLS checks the server's certificate and its name, and sends the client's certificate",
        .enabled(if: Certificates.isAvailable, "needs openssl"))
    func tls() async throws {
        try await withFolder { folder in
            let made = try await Certificates.make(in: folder).path
            let server = try await RedisServer(
                ["--tls-auth-clients", "yes", "--requirepass", "pw"], tls: URL(filePath: made))
            let client = "cert=\(made)/client.crt&key=\(made)/client.key"
            for host in ["localhost", "127.0.0.1"] {
                let cache: RedisConfigCache = try .redis(
                    "rediss://:pw@\(host):\(server.port)?ca=\(made)/ca.crt&\(client)")
                try await cache.write(for: "key", value: host)
                #expect(try await cache.read(for: "key") == host)
            }
            let faults = [
                "rediss://:pw@localhost:\(server.port)?\(client)",
                "rediss://:pw@127.0.0.2:\(server.port)?ca=\(made)/ca.crt&\(client)",
                "rediss://:pw@localhost:\(server.port)?ca=\(made)/ca.crt",
            ]
            for url in faults {
                let cache: RedisConfigCache = try .redis(url)
                let error = await #expect(throws: RedisCacheError.self) { try await cache.read(for: "key") }
                #expect(error?.code == .tls || error?.code == .connection, "\(error?.message ?? "")")
            }
            #expect(throws: RedisCacheError.self) {
                try RedisConfigCache.redis("rediss://localhost?ca=\(made)/none.crt")
            }
        }
    }

    @Test("a wrong type, invalid UTF-8, another kind of server and no server have their own error codes")
    func foreign() async throws {
        let server = try await RedisServer()
        let cache: RedisConfigCache = try .redis(server.url)
        try await server.command("LPUSH", "list", "x")
        #expect(await code { _ = try await cache.read(for: "list") } == .wrongType)
        try await server.command("EVAL", "return redis.call('SET', KEYS[1], '\\255\\254')", "1", "binary")
        #expect(await code { _ = try await cache.read(for: "binary") } == .invalidContent)
        let web = try await ServedConfig(#"{"f":{}}"#)
        let other: RedisConfigCache = try .redis("redis" + web.url.dropFirst(4))
        #expect(await code { _ = try await other.read(for: "key") } == .notRedis)
        let nobody: RedisConfigCache = try .redis("redis://127.0.0.1:\(freePort())")
        #expect(await code { _ = try await nobody.read(for: "key") } == .connection)
    }

    @Test("a server without memory and a replica have their own error codes, and can be read")
    func refusals() async throws {
        let server = try await RedisServer()
        let cache: RedisConfigCache = try .redis(server.url)
        try await cache.write(for: "key", value: "value")
        try await server.command("CONFIG", "SET", "maxmemory", "1")
        #expect(await code { try await cache.write(for: "key", value: "x") } == .outOfMemory)
        #expect(try await cache.read(for: "key") == "value")
        try await server.command("CONFIG", "SET", "maxmemory", "0")
        try await server.command("REPLICAOF", "127.0.0.1", "1")
        #expect(await code { try await cache.write(for: "key", value: "x") } == .readOnly)
        #expect(try await cache.read(for: "key") == "value")
        try await server.command("REPLICAOF", "NO", "ONE")
        try await cache.write(for: "key", value: "x")
    }

    @Test("a command times out if the server does not answer, and the cache works again when the server does")
    func pause() async throws {
        let server = try await RedisServer()
        let cache: RedisConfigCache = try .redis(server.url) { $0.commandTimeout = .milliseconds(200) }
        try await server.command("SET", "key", "value")
        await eventually("the cache is connected") { try await cache.read(for: "key") == "value" }
        server.pause()
        #expect(await code { _ = try await cache.read(for: "key") } == .timeout)
        server.resume()
        await eventually("the cache works again") { try await cache.read(for: "key") == "value" }
    }

    @Test("commands fail while the server is stopped, and work after it is restarted")
    func restart() async throws {
        let server = try await RedisServer()
        let cache: RedisConfigCache = try .redis(server.url)
        try await cache.write(for: "key", value: "1")
        try await server.stop()
        for _ in 0..<20 { #expect(await code { _ = try await cache.read(for: "key") } == .connection) }
        try await server.start()
        await eventually("the cache works again") { try await cache.read(for: "key") == nil }
        try await cache.write(for: "key", value: "2")
        // The connection is idle during the restart, so the cache notices it only at the next command.
        try await server.stop()
        try await server.start()
        try await cache.write(for: "key", value: "3")
        #expect(try await cache.read(for: "key") == "3")
    }

    @Test("commands beyond the limit of waiting commands are refused")
    func queue() async throws {
        let server = try await RedisServer()
        let cache: RedisConfigCache = try .redis(server.url) {
            $0.maximumQueuedCommands = 5
            $0.commandTimeout = .milliseconds(500)
        }
        try await cache.write(for: "key", value: "value")
        server.pause()
        let codes = await withTaskGroup(of: RedisCacheError.Code?.self) { group in
            for _ in 0..<20 { group.addTask { await code { _ = try await cache.read(for: "key") } } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.filter { $0 == .queueFull }.count == 15)
        #expect(codes.filter { $0 == .timeout }.count == 5)
        server.resume()
        await eventually("the cache works again") { try await cache.read(for: "key") == "value" }
    }

    @Test("a command that has been answered does not count towards the limit")
    func limitAfterAnswers() async throws {
        let server = try await RedisServer()
        let cache: RedisConfigCache = try .redis(server.url) { $0.maximumQueuedCommands = 1 }
        for _ in 0..<2000 { #expect(await code { _ = try await cache.read(for: "key") } == nil) }
        try await server.stop()
    }

    @Test("a cache that is freed without a call of close closes its connection")
    func close() async throws {
        let server = try await RedisServer()
        func clients() async throws -> Int {
            try await server.command("CLIENT", "LIST").split(separator: "\n").filter { !$0.contains("cmd=client") }
                .count
        }
        do {
            let cache: RedisConfigCache = try .redis(server.url)
            try await cache.write(for: "key", value: "value")
            #expect(try await clients() == 1)
        }
        await eventually("the connection of a freed cache is closed") { try await clients() == 0 }
    }
}
