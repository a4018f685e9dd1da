// The code of the guides Caches and Fleets, and of the documentation of the modules of caches.

import ConfigCat
import ConfigCatCache
import ConfigCatFileCache
import ConfigCatInMemoryCache
import ConfigCatRedisCache
import ConfigCatSQLiteCache

/// Keeps the compiler from warning of what an example does not use.
func use(_ values: Any...) {}

func choices(_ options: inout ConfigCatOptions) throws {
    options.configCache = .inMemory()
    options.configCache = try .file(directory: "/var/cache/flags")
    options.configCache = try .sqlite(path: "/var/lib/flags.db")
    options.configCache = try .redis("redis://127.0.0.1:6379")
    options.configCache = try .layered([.sqlite(path: "/var/lib/flags.db"), .redis("redis://127.0.0.1:6379")])
}

func closing(_ options: inout ConfigCatOptions, _ sdkKey: String) async throws {
    let cache = try RedisConfigCache(RedisCacheOptions(url: RedisCacheURL("redis://127.0.0.1:6379")))
    options.configCache = cache
    let client = try ConfigCatClient.get(sdkKey: sdkKey, options: options)

    await client.shutdown()
    await cache.close()
}

// MARK: - Fleets

func fleet(_ options: inout ConfigCatOptions) throws {
    options.configCache = try .redis("redis://redis.internal:6379")

    options.configCache = try .layered([.sqlite(path: "/var/lib/flags.db"), .redis("rediss://redis.internal:6380")])
}

func layers(_ options: inout ConfigCatOptions, _ nearCache: any ConfigCache, _ farCache: any ConfigCache) {
    options.configCache = .layered([nearCache, farCache]) { layer, error in
        print("layer \(layer): \(error)")
    }
}

// MARK: - Adapters

func files() throws {
    let client = try ConfigCatClient.get(sdkKey: "configcat-sdk-1/…/…") { options in
        options.configCache = try .file(directory: "/var/cache/flags")
    }
    use(client)
}

func inMemory() throws {
    let client = try ConfigCatClient.get(sdkKey: "configcat-sdk-1/…/…") { options in
        options.configCache = .inMemory()
    }
    use(client)
}

func redis() throws {
    let client = try ConfigCatClient.get(sdkKey: "configcat-sdk-1/…/…") { options in
        options.configCache = try .redis("redis://127.0.0.1:6379") { $0.commandTimeout = .seconds(2) }
    }
    use(client)
}

func sqlite() throws {
    let client = try ConfigCatClient.get(sdkKey: "configcat-sdk-1/…/…") { options in
        options.configCache = try .sqlite(path: "/var/lib/flags.db", synchronous: .full)
    }
    use(client)
}

// MARK: - A cache of your own

/// A store that a service has.
protocol KeyValueStore: Sendable {
    func value(of key: String) async throws -> String?
    func set(_ key: String, to value: String) async throws
}

struct TeamCache: ConfigCache {
    let store: any KeyValueStore

    func read(for key: String) async throws -> String? { try await store.value(of: key) }
    func write(for key: String, value: String) async throws { try await store.set(key, to: value) }
}

#if canImport(Testing) && os(Linux)
    // Elsewhere, only test targets find Swift Testing.
    import ConfigCatCacheTesting
    import Testing

    actor TestStore: KeyValueStore {
        private var values: [String: String] = [:]

        func value(of key: String) -> String? { values[key] }
        func set(_ key: String, to value: String) { values[key] = value }
    }

    @Test("keeps the contract of caches", arguments: CacheContract.checks)
    func contract(_ check: CacheContract.Check) async throws {
        try await check.run { TeamCache(store: TestStore()) }
    }
#endif
