import ConfigCatCache
import ConfigCatCacheTesting
import ConfigCatRedisCache
import Foundation
import ConfigCatTestSupport
import Testing

@Suite(
    "Redis cluster and sentinel",
    .enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.whySkipped)))
struct RedisTopologyIntegrationTests {
    /// Starts a server of a cluster. Its second port is 10,000 higher, in the range that the system gives to clients,
    /// and may be in use.
    private func node() async throws -> RedisServer {
        let options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"]
        for _ in 0..<5 {
            if let server = try? await RedisServer(options) { return server }
        }
        return try await RedisServer(options)
    }

    /// Joins three masters to a cluster.
    private func join() async throws -> [RedisServer] {
        var nodes: [RedisServer] = []
        for _ in 0..<3 { nodes.append(try await node()) }
        try await Tools.run(
            ["redis-cli", "--cluster", "create"] + nodes.map { "127.0.0.1:\($0.port)" } + ["--cluster-yes"])
        return nodes
    }

    /// Starts three masters of a cluster. A client of another process that runs these tests may still look for a server
    /// that had one of the ports before, and write to it.
    private func cluster() async throws -> [RedisServer] {
        var joined: [RedisServer]?
        for _ in 0..<3 where joined == nil { joined = try? await join() }
        let nodes = if let joined { joined } else { try await join() }
        for node in nodes {
            await eventually("the cluster is complete") {
                try await node.command("CLUSTER", "INFO").contains("cluster_state:ok")
            }
        }
        return nodes
    }

    @Test("in a cluster, commands go to the node that has the key, and the contract holds")
    func moved() async throws {
        let nodes = try await cluster()
        let cache: RedisConfigCache = try .redis(nodes[0].url)
        for number in 0..<30 { try await cache.write(for: "key-\(number)", value: "\(number)") }
        for number in 0..<30 { #expect(try await cache.read(for: "key-\(number)") == "\(number)") }
        for node in nodes { #expect(try await node.command("DBSIZE") != "0") }
        // One reachable node in the URL is enough.
        let seeds: RedisConfigCache = try .redis("redis://127.0.0.1:\(freePort()),127.0.0.1:\(nodes[2].port)")
        for number in 0..<30 { #expect(try await seeds.read(for: "key-\(number)") == "\(number)") }
        for check in CacheContract.checks { try await check.run { try .redis(nodes[1].url) } }
    }

    @Test("a key is found before, while and after it moves to another node")
    func ask() async throws {
        let nodes = try await cluster()
        let key = "moving"
        let slot = try await nodes[0].command("CLUSTER", "KEYSLOT", key)
        let cache: RedisConfigCache = try .redis(nodes[0].url)
        try await cache.write(for: key, value: "value")
        let identifiers = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for (index, node) in nodes.enumerated() {
                group.addTask { (index, try await node.command("CLUSTER", "MYID")) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        var owner = 0
        for (index, node) in nodes.enumerated() where try await node.command("EXISTS", key) == "1" { owner = index }
        let target = (owner + 1) % 3
        try await nodes[target].command("CLUSTER", "SETSLOT", slot, "IMPORTING", identifiers[owner] ?? "")
        try await nodes[owner].command("CLUSTER", "SETSLOT", slot, "MIGRATING", identifiers[target] ?? "")
        #expect(try await cache.read(for: key) == "value")
        try await nodes[owner].command("MIGRATE", "127.0.0.1", "\(nodes[target].port)", key, "0", "1000")
        #expect(try await cache.read(for: key) == "value")
        try await cache.write(for: key, value: "new")
        for node in [target, owner, 3 - target - owner] {
            try await nodes[node].command("CLUSTER", "SETSLOT", slot, "NODE", identifiers[target] ?? "")
        }
        #expect(try await cache.read(for: key) == "new")
    }

    @Test("commands go to the master that sentinels name, and to the new one after a failover")
    func sentinel() async throws {
        let first = try await RedisServer()
        let second = try await RedisServer(["--replicaof", "127.0.0.1", "\(first.port)"])
        let sentinel = try await RedisServer(["--sentinel"])
        try await sentinel.command("SENTINEL", "MONITOR", "main", "127.0.0.1", "\(first.port)", "1")
        try await sentinel.command("SENTINEL", "SET", "main", "down-after-milliseconds", "300")
        await eventually("the sentinel knows the replica") {
            try await sentinel.command("SENTINEL", "REPLICAS", "main").contains("\(second.port)")
        }
        let nobody = freePort()
        let cache: RedisConfigCache = try .redis("redis+sentinel://127.0.0.1:\(nobody),127.0.0.1:\(sentinel.port)/main")
        try await cache.write(for: "key", value: "1")
        #expect(try await first.command("GET", "key") == "1")
        await eventually("the replica has the value") { try await second.command("GET", "key") == "1" }
        try await first.stop()
        await eventually("the cache writes to the new master") {
            try await cache.write(for: "key", value: "2")
            return try await second.command("GET", "key") == "2"
        }
        let other: RedisConfigCache = try .redis("redis+sentinel://127.0.0.1:\(sentinel.port)/other")
        let error = await #expect(throws: RedisCacheError.self) { try await other.read(for: "key") }
        #expect(error?.code == .sentinel && error?.message.contains("'other'") == true)
    }
}
