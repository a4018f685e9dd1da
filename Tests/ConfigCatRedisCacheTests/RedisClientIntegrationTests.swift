import ConfigCat
import ConfigCatCache
import ConfigCatCacheTesting
import ConfigCatRedisCache
import Foundation
import ConfigCatTestSupport
import Testing

@Suite("Client on Redis", .cleanup, .enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.whySkipped)))
struct RedisClientIntegrationTests {
    private let sdkKey = NumberConfig.randomKey()
    private var key: String { CacheKey.key(forSDKKey: sdkKey) }

    @Test("a client keeps its config while Redis is stopped, and writes the entry again after the restart")
    func restart() async throws {
        let server = try await RedisServer()
        let cdn = try await ServedConfig(NumberConfig.json(1))
        let log = EventLog()
        let client = try NumberConfig.client(try .redis(server.url), cdn: cdn.url, sdkKey: sdkKey, log: log)
        defer { client.close() }
        await eventually("the client has the config") { await client.number == 1 }
        await eventually("the entry is written") { try await server.command("EXISTS", key) == "1" }
        try await server.stop()
        await eventually("the failures are logged") {
            #expect(await client.number == 1)
            return log.messages.contains { $0.hasPrefix("[2201]") } && log.messages.contains { $0.hasPrefix("[2200]") }
        }
        try cdn.set(NumberConfig.json(2))
        await eventually("a change arrives without Redis") { await client.number == 2 }
        try await server.start()
        let returned = ContinuousClock.now
        // The duration is printed, not asserted, because the machine may be busy.
        await eventually("the entry is written again") { try await server.command("EXISTS", key) == "1" }
        print("Redis was filled again after \(ContinuousClock.now - returned)")
        #expect(try await server.command("GET", key).hasSuffix(NumberConfig.json(2)))
    }

    @Test("an invalid entry is logged as event 2200 with the reason, and the client keeps its config")
    func foreign() async throws {
        let server = try await RedisServer()
        let log = EventLog()
        let cache: RedisConfigCache = try .redis(server.url)
        try await cache.write(for: key, value: "1700000000000\n\"1\"\n\(NumberConfig.json(1))")
        let client = try NumberConfig.client(cache, cdn: nil, sdkKey: sdkKey, log: log)
        defer { client.close() }
        await eventually("the entry is read") { await client.number == 1 }
        for (value, reason) in [
            ("1700000000000\n\"2\"\n{\"f\":", "JSON"), ("nonsense", "three parts"), ("soon\n\"2\"\n{}", "fetch time"),
        ] {
            try await cache.write(for: key, value: value)
            await eventually("the reason is logged: \(reason)") {
                log.messages.contains { $0.hasPrefix("[2200]") && $0.contains(reason) }
            }
        }
        try await server.command("DEL", key)
        try await server.command("LPUSH", key, "x")
        await eventually("the wrong type is logged") {
            log.messages.contains { $0.contains("[2200]") && $0.contains("WRONGTYPE") }
        }
        #expect(await client.number == 1)
        let online = EventLog()
        let cdn = try await ServedConfig(NumberConfig.json(5))
        let wrong = try NumberConfig.client(
            try .redis("redis://:hunter2@127.0.0.1:\(server.port)"), cdn: cdn.url, sdkKey: NumberConfig.randomKey(),
            log: online)
        defer { wrong.close() }
        await eventually("wrong credentials are logged, and the client has the config") {
            await wrong.number == 5 && online.messages.contains { $0.hasPrefix("[2201]") }
        }
        #expect(!online.messages.contains { $0.contains("hunter2") })
    }
}

@Suite(
    "Client on a faulty network", .cleanup,
    .enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.whySkipped)))
struct RedisNetworkIntegrationTests {
    @Test("a client never has a wrong value while Redis is slow or replies are cut off, and then gets the change")
    func network() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultyProxy(to: server.port)
        let sdkKey = NumberConfig.randomKey()
        let key = CacheKey.key(forSDKKey: sdkKey)
        // Larger than one read of the socket.
        func entry(_ number: Int) -> (eTag: String, json: String) {
            let filler = #","g":""# + String(repeating: "x", count: 300_000) + #""}"#
            return ("\(number)", NumberConfig.json(number).dropLast() + filler)
        }
        let writer: RedisConfigCache = try .redis(server.url)
        func write(_ number: Int) async throws {
            let new = entry(number)
            #expect(try await writer.write(eTag: new.eTag, configJSON: new.json, age: 0, for: key) == .written)
        }
        try await write(1)
        let client = try NumberConfig.client(
            try .redis("redis://127.0.0.1:\(proxy.port)"), cdn: nil, sdkKey: sdkKey)
        defer { client.close() }
        await eventually("the entry is read") { await client.number == 1 }
        proxy.setBehaviour(.slow(1000))
        try await write(2)
        await eventually("a slow change arrives") {
            let number = await client.number
            #expect(number == 1 || number == 2)
            return number == 2
        }
        proxy.setBehaviour(.cut(after: 100_000))
        try await write(3)
        for _ in 0..<40 {
            #expect(await client.number == 2)
            try await Task.sleep(for: .milliseconds(50))
        }
        proxy.setBehaviour(.normal)
        await eventually("the change arrives when replies are whole") { await client.number == 3 }
    }
}
