import ConfigCatCache
import ConfigCatCacheTesting
import ConfigCatInMemoryCache
import Testing

@Suite("In-memory cache")
struct InMemoryCacheIntegrationTests {
    @Test("keeps the contract of caches", arguments: CacheContract.checks)
    func contract(_ check: CacheContract.Check) async throws {
        try await check.run { InMemoryConfigCache() }
    }

    @Test("the least recently used value is removed first")
    func bound() {
        let cache = InMemoryConfigCache(maximumEntries: 2)
        cache.write(for: "a", value: "1")
        cache.write(for: "b", value: "2")
        _ = cache.read(for: "a")
        cache.write(for: "c", value: "3")
        #expect(cache.read(for: "a") == "1")
        #expect(cache.read(for: "b") == nil)
        #expect(cache.read(for: "c") == "3")
    }

    @Test("all clients of the process get the same cache")
    func shared() {
        let first: any ConfigCache = .inMemory()
        let second: any ConfigCache = .inMemory()
        #expect(first as? InMemoryConfigCache === second as? InMemoryConfigCache)
    }
}
