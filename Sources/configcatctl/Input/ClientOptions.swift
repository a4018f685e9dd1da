import ArgumentParser
import ConfigCat
import Logging

/// Where a client downloads its config.
struct ClientOptions: ParsableArguments {
    @Option(help: "Download the config of this SDK key.")
    var sdkKey: String?

    @Option(
        help: ArgumentHelp("The CDN to use instead of ConfigCat's, such as http://127.0.0.1:8080.", valueName: "url"))
    var baseUrl: String?

    /// What is asked, as messages name it.
    var source: String { baseUrl ?? "ConfigCat's CDN" }

    /// Options of a client that logs nothing.
    private var options: ConfigCatOptions {
        var options = ConfigCatOptions()
        options.baseUrl = baseUrl ?? ""
        options.logger = .silent
        options.logLevel = .critical
        return options
    }

    /// A client with the options as they are given, and others that the command sets.
    func makeClient(_ configure: (inout ConfigCatOptions) -> Void) throws -> ConfigCatClient {
        var options = options
        configure(&options)
        do {
            return try ConfigCatClient.get(sdkKey: sdkKey ?? "", options: options)
        } catch {
            throw Failure("\(error)")
        }
    }
}
