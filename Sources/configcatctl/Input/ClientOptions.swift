import ConfigCatCommandLine
import ArgumentParser
import ConfigCat
import ConfigCatCache
import Logging

/// The options that choose where a client downloads its config.
struct ClientOptions: ParsableArguments {
    @Option(help: "Download the config of this SDK key.")
    var sdkKey: String?

    @Option(
        help: ArgumentHelp("The CDN to use instead of ConfigCat's, such as http://127.0.0.1:8080.", valueName: "url"))
    var baseUrl: String?

    /// The name of the CDN in messages.
    var source: String { baseUrl ?? "ConfigCat's CDN" }

    /// Options of a client that logs nothing.
    private var options: ConfigCatOptions {
        var options = ConfigCatOptions()
        options.baseUrl = baseUrl ?? ""
        options.logger = .silent
        options.logLevel = .critical
        return options
    }

    /// Runs a command with a client, and then shuts the client down, so that the downloaded config is in the cache.
    ///
    /// - Parameters:
    ///   - cache: The client's cache, which is closed afterwards.
    ///   - configure: Sets further options.
    ///   - body: The command.
    /// - Throws: `CommandError` if the client or the cache cannot be created; otherwise, what `body` throws.
    func withClient(
        cache: CacheAddress?, _ configure: (inout ConfigCatOptions) -> Void,
        _ body: (ConfigCatClient) async throws -> Void
    ) async throws {
        var options = options
        options.configCache = try cache?.open()
        configure(&options)
        let client: ConfigCatClient
        do {
            client = try ConfigCatClient.get(sdkKey: sdkKey ?? "", options: options)
        } catch {
            throw CommandError("\(error)")
        }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(client))
        } catch {
            result = .failure(error)
        }
        // This runs in a new task, because a signal may have cancelled the current one.
        await Task {
            await client.shutdown()
            await (options.configCache as? any ClosableConfigCache)?.close()
        }.value
        try result.get()
    }
}
