import ConfigCat
import ConfigCatRedisCache
import ConfigCatSQLiteCache
import Configuration
import Hummingbird
import Logging
import Metrics

/// A shop whose offers, search and checkout are decided by feature flags. All options come from the environment:
///
///     CONFIGCAT_SDK_KEY=… CONFIGCAT_CACHE=redis://127.0.0.1 PORT=8080 Shop
@main
struct Shop {
    static func main() async throws {
        let reader = ConfigReader(provider: EnvironmentVariablesProvider())
        LoggingSystem.bootstrap(StreamLogHandler.standardOutput)
        let metrics = TextMetrics()
        MetricsSystem.bootstrap(metrics)

        let client = try ConfigCatClient.get(
            reader: reader, configurator: { $0.evaluationObservers = [EvaluationCounter()] }, cache: openCache)
        var logger = Logger(label: "shop")
        logger.logLevel = reader.string(forKey: "log.level", as: Logger.Level.self, default: .info)

        var app = Application(
            router: router(client: client, metrics: metrics),
            configuration: ApplicationConfiguration(reader: reader),
            logger: logger)
        // Services end in the reverse order: the server answers its last requests while the client still runs.
        app.addServices(client)
        // A server that waits here answers its first request with the values of a config.
        app.beforeServerStarts { await client.waitForReady() }
        try await app.runService()
    }

    /// Opens the cache that `CONFIGCAT_CACHE` names. Nothing else in the shop depends on its kind.
    static func openCache(_ url: String) throws -> any ConfigCache {
        if url.hasPrefix("redis") { return try .redis(url) }
        if url.hasPrefix("sqlite://") { return try .sqlite(path: String(url.dropFirst("sqlite://".count))) }
        throw UnknownCache(url: url)
    }

    private struct UnknownCache: Error, CustomStringConvertible {
        let url: String

        var description: String { "the scheme of the cache's URL has to be redis, rediss or sqlite" }
    }
}
