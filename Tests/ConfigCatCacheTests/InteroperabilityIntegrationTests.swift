import ConfigCat
import ConfigCatCache
import ConfigCatFileCache
import ConfigCatRedisCache
import Foundation
import ConfigCatTestSupport
import Testing

/// Clients of this package and ConfigCat's Python SDK that share a cache.
@Suite(
    "Interoperability", .cleanup,
    .enabled(Comment(rawValue: PythonSDK.whySkipped)) { await PythonSDK.isAvailable })
struct InteroperabilityIntegrationTests {
    /// The address of the cache for both kinds of clients.
    private struct Shared {
        let url: String
        let open: () throws -> any ConfigCache
        let clear: () async throws -> Void
    }

    @Test(
        "with Redis, each SDK reads what the other wrote, and both follow a change",
        .enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.whySkipped)))
    func redis() async throws {
        let server = try await RedisServer()
        try await check(
            Shared(
                url: server.url, open: { try .redis(server.url) }, clear: { try await server.command("FLUSHALL") }))
    }

    @Test("with files, each SDK reads what the other wrote, and both follow a change")
    func files() async throws {
        try await withFolder { folder in
            try await check(
                Shared(
                    url: folder.path, open: { try .file(directory: folder.path) },
                    clear: {
                        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
                            try FileManager.default.removeItem(at: folder.appending(path: file))
                        }
                    }))
        }
    }

    @Test(
        "in a fleet of both SDKs, every process sees every change, and no Python process goes back",
        .enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.whySkipped)))
    func fleet() async throws {
        let server = try await RedisServer()
        let sdkKey = NumberConfig.randomKey()
        let cdn = try await ServedConfig(NumberConfig.json(1))
        let ours = try (0..<4).map { _ in
            try ChildProcess(
                Tools.built("configcatctl"),
                [
                    "watch", "number", "--sdk-key", sdkKey, "--base-url", cdn.url, "--cache", server.url,
                    "--poll-interval",
                    "1",
                ])
        }
        let theirs = try [cdn.url, cdn.url, nil].map {
            try PythonSDK.client(cache: server.url, cdn: $0, sdkKey: sdkKey)
        }
        for number in 1...4 {
            try cdn.set(NumberConfig.json(number))
            for process in ours {
                await eventually("the Swift client sees \(number): \(process.output)") {
                    process.lines.last?.contains("\"number\": \(number)") == true
                }
            }
            for process in theirs {
                await eventually("Python sees \(number): \(process.output)") { process.lines.last == "\(number)" }
            }
        }
        // No process went back to an older config.
        for process in theirs { #expect(process.lines.filter { $0 != "-1" } == ["1", "2", "3", "4"]) }
        let text = try #require(
            try await (RedisConfigCache.redis(server.url)).read(for: CacheKey.key(forSDKKey: sdkKey)))
        #expect(text.wholeMatch(of: /[0-9]{13}\n"[^\n]+"\n.*/) != nil && text.hasSuffix(NumberConfig.json(4)))
    }

    private func check(_ shared: Shared) async throws {
        let sdkKey = NumberConfig.randomKey()
        let key = CacheKey.key(forSDKKey: sdkKey)
        let cdn = try await ServedConfig(NumberConfig.json(1))
        let cache = try shared.open()

        // The Python SDK writes, and this package reads.
        let python = try PythonSDK.client(cache: shared.url, cdn: cdn.url, sdkKey: sdkKey)
        await eventually("Python downloads: \(python.output)") { python.lines.last == "1" }
        let offline = try NumberConfig.client(cache, cdn: nil, sdkKey: sdkKey)
        await eventually("the Swift client reads what Python wrote") { await offline.number == 1 }
        let written = try #require(try await cache.read(for: key))
        offline.close()
        try await python.end(SIGKILL)

        // This package writes, and the Python SDK reads.
        try await shared.clear()
        let online = try NumberConfig.client(cache, cdn: cdn.url, sdkKey: sdkKey)
        await eventually("the Swift client writes") { try await cache.read(for: key) != nil }
        let ours = try #require(try await cache.read(for: key))
        let reader = try PythonSDK.client(cache: shared.url, cdn: nil, sdkKey: sdkKey)
        await eventually("Python reads what Swift wrote: \(reader.output)") { reader.lines.last == "1" }

        // The bytes are the same, except for the fetch time.
        let form = /([0-9]{13})\n("[^\n]+")\n(.*)/
        let (theirMatch, ourMatch) = (written.wholeMatch(of: form), ours.wholeMatch(of: form))
        #expect(theirMatch != nil && theirMatch?.2 == ourMatch?.2)
        #expect(ourMatch.map { String($0.3).utf8.elementsEqual(NumberConfig.json(1).utf8) } == true)
        #expect(theirMatch.map { String($0.3).utf8.elementsEqual(NumberConfig.json(1).utf8) } == true)

        // Both clients are online, and the config changes.
        let both = try PythonSDK.client(cache: shared.url, cdn: cdn.url, sdkKey: sdkKey)
        await eventually("Python has the config: \(both.output)") { both.lines.last == "1" }
        try cdn.set(NumberConfig.json(2))
        await eventually("both follow the change") {
            await online.number == 2 && reader.lines.last == "2" && both.lines.last == "2"
        }
        online.close()

        // The entry is written by hand.
        for process in [reader, both] { try await process.end(SIGKILL) }
        let byHand = "\(Int(Date().timeIntervalSince1970 * 1000))\n\"by hand\"\n\(NumberConfig.json(3))"
        try await cache.write(for: key, value: byHand)
        let (swift, snake) = (
            try NumberConfig.client(cache, cdn: nil, sdkKey: sdkKey),
            try PythonSDK.client(cache: shared.url, cdn: nil, sdkKey: sdkKey)
        )
        await eventually("both read what was written by hand") { await swift.number == 3 && snake.lines.last == "3" }
        swift.close()
    }
}
