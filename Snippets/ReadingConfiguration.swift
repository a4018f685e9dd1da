// The code of the guide Configuration. The file is not named after it: its module would have the name of swift-configuration's.

#if Configuration
    import ConfigCat
    import ConfigCatConfiguration
    import ConfigCatFileCache
    import ConfigCatInMemoryCache
    import ConfigCatRedisCache
    import ConfigCatSQLiteCache
    import Configuration
    import Logging

    /// Keeps the compiler from warning of what an example does not use.
    func use(_ values: Any...) {}

    func clientOfEnvironment(_ logger: Logger) throws {
        let reader = ConfigReader(provider: EnvironmentVariablesProvider())
        let client = try ConfigCatClient.get(reader: reader, logger: logger, cache: openCache)
        use(client)
    }

    /// Opens the cache that the setting `configcat.cache` names.
    @Sendable func openCache(url: String) throws -> (any ConfigCache)? {
        switch url.prefix(while: { $0 != ":" }) {
        case "redis", "rediss": try .redis(url)
        case "sqlite": try .sqlite(path: String(url.trimmingPrefix("sqlite://")))
        case "file": try .file(directory: String(url.trimmingPrefix("file://")))
        case "memory": .inMemory()
        default: nil
        }
    }

    func furtherOptions(_ reader: ConfigReader) throws {
        let client = try ConfigCatClient.get(
            reader: reader, configurator: { $0.hooks.addOnError { message, _ in print(message) } }, cache: openCache)
        use(client)
    }

    func twoClients(_ reader: ConfigReader) throws {
        let shop = try ConfigCatClient.get(reader: reader.scoped(to: "shop"))
        let billing = try ConfigCatClient.get(reader: reader.scoped(to: "billing"))
        use(shop, billing)
    }

    func unknownKeys(_ names: [String], _ logger: Logger) {
        for key in ConfigCatOptions.unknownKeys(in: names) { logger.warning("\(key)") }
    }

    func provider(_ client: ConfigCatClient) async throws {
        await client.waitForReady()
        let reader = ConfigReader(providers: [ConfigCatProvider(client: client), EnvironmentVariablesProvider()])
        let limit = reader.int(forKey: "uploads.limit", default: 10)
        use(limit)

        let flags = reader.scoped(to: ConfigKey([], context: ["identifier": "435170f4", "plan": "Pro"]))
        let isEnabled = flags.bool(forKey: "newCheckout", default: false)
        use(isEnabled)

        try await reader.watchInt(forKey: "uploads.limit", default: 10) { limits in
            for await limit in limits { print(limit) }
        }
    }
#endif
