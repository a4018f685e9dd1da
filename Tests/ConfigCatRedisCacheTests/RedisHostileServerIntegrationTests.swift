import ConfigCatCache
import Foundation
import ConfigCatTestSupport
import Testing

@testable import ConfigCatRedisCache

@Suite("Hostile Redis server")
struct RedisHostileServerIntegrationTests {
    @Test(
        "a reply that no Redis server sends is refused as soon as its header arrives",
        arguments: ["*1000000000\r\n", "*4000\r\n*4000\r\n", "$999999999999\r\n", "$-2\r\n", "*-2\r\n", "%1\r\n"])
    func nonsense(_ reply: String) async throws {
        let server = try await ScriptedServer { _ in .text(reply) }
        let cache: RedisConfigCache = try .redis("redis://\(server.host)") { $0.commandTimeout = .seconds(60) }
        let error = await #expect(throws: RedisCacheError.self) { try await cache.read(for: "key") }
        #expect(error?.code == .notRedis)
        // The next ones do not connect at once.
        for _ in 0..<1000 { _ = try? await cache.read(for: "key") }
        #expect(server.connections < 100)
        await cache.close()
    }

    @Test("an endless line is refused long before it fills the memory")
    func endlessLine() async throws {
        let piece = String(repeating: "x", count: 4096)
        let server = try await ScriptedServer { _ in .endless(first: "+", then: piece) }
        let cache: RedisConfigCache = try .redis("redis://\(server.host)") { $0.commandTimeout = .seconds(600) }
        let error = await #expect(throws: RedisCacheError.self) { try await cache.read(for: "key") }
        #expect(error?.code == .notRedis)
        // A few megabytes fit into the buffers of the kernel.
        #expect(server.endlessBytes < 32 << 20)
        await cache.close()
    }
}
