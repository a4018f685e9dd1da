import ArgumentParser
import ConfigCatCommandLine
import ConfigCatServing
import Logging
import Metrics
import UnixSignals

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves configs to any ConfigCat SDK: a development server with a page, and a relay.",
        discussion: """
            Any ConfigCat SDK, in any language, can use it as its base URL. With one file, any SDK key does; the file is \
            read again when it changes. If it becomes invalid, the error is reported, and the last valid config is still \
            served. Config JSON v5 and plain values are served as v6. With an SDK key, the config is downloaded, or shared \
            with other processes through a cache. Flags are overridden on the page, at the address that is printed.

            All options can also be environment variables, such as CONFIGCAT_SERVE_SDK_KEY for --sdk-key, or members of \
            the settings file, such as "sdkKey". SIGHUP reads them again. The server runs until it is interrupted.
            """
    )

    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "A config JSON (v6 or v5), or a file of plain values. May be repeated.", valueName: "[id=]file"))
    var files: [String] = []

    @Option(
        name: .customLong("sdk-key"),
        help: ArgumentHelp("Serve the config of this SDK key. May be repeated.", valueName: "[id=]key"))
    var sdkKeys: [String] = []

    @Option(help: "The port; 0 for any free port. 8080 by default.")
    var port: String?

    @Option(help: "The address to listen on. 127.0.0.1 by default.")
    var host: String?

    @Flag(help: "Serve no page and no development API, only what SDKs and other services use.")
    var relay = false

    @Option(
        help: """
            What the page, the development API, /status and /metrics demand, of at least 16 characters. Other users of the \
            machine see arguments; CONFIGCAT_SERVE_TOKEN is hidden from them.
            """)
    var token: String?

    @Flag(help: "Let everybody who can reach the server change flags, on an address that other machines can reach.")
    var insecure = false

    @Option(
        help: ArgumentHelp("A further name by which browsers may reach the page. May be repeated.", valueName: "name"))
    var publicHost: [String] = []

    @Option(help: ArgumentHelp("The cache that the clients of SDK keys share with other processes.", valueName: "url"))
    var cache: String?

    @Option(help: ArgumentHelp("The CDN to use instead of ConfigCat's.", valueName: "url"))
    var baseUrl: String?

    @Option(help: ArgumentHelp("How often SDK keys' configs are fetched. 60 by default.", valueName: "seconds"))
    var pollInterval: String?

    @Option(
        help: ArgumentHelp(
            "The database of the overrides. By default, one in $XDG_STATE_HOME or ~/.local/state.", valueName: "file"))
    var overrides: String?

    @Flag(help: "Keep overrides in memory only.")
    var ephemeral = false

    @Option(
        help: ArgumentHelp("Use TLS with this certificate chain in PEM, read again when it changes.", valueName: "file")
    )
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("The private key of the certificate.", valueName: "file"))
    var tlsKey: String?

    @Option(
        help: ArgumentHelp(
            "A signing key of ConfigCat's webhooks, for /hook/ID. May be repeated, while a key is rotated.",
            valueName: "id=key"))
    var webhookKey: [String] = []

    @Option(help: ArgumentHelp("The largest number of streams of events. 5000 by default.", valueName: "number"))
    var streamLimit: String?

    @Option(help: ArgumentHelp("A JSON file with these options: {\"port\": 8050, …}.", valueName: "file"))
    var settings: String?

    func run() async throws {
        let server: FlagServer
        do {
            var options = try FlagServerOptions(arguments: arguments, settingsPath: settings)
            let metrics = TextMetrics()
            MetricsSystem.bootstrap(metrics)
            options.metrics = metrics
            // Requests are of interest to developers; a relay would print thousands in a second.
            let requests = options.isRelay ? nil : RequestLog { Console.write($0) }
            server = try FlagServer(options, requestLog: requests, logger: Self.logger)
        } catch let error as DeclarationError {
            throw ValidationError("\(error)")
        } catch {
            throw CommandError("\(error)")
        }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await reload(server, on: await UnixSignalsSequence(trapping: .sighup)) }
                try await server.run(signals: true) { url in
                    let names = server.configs.all.map(\.name).joined(separator: ", ")
                    let hint = server.options.isRelay ? "" : "open it to see and override the flags; "
                    Console.write("serving \(names) on \(url) (\(hint)interrupt to stop)")
                }
                group.cancelAll()
            }
        } catch let error as DeclarationError {
            throw CommandError("\(error)")
        } catch {
            let place = "\(server.options.host):\(server.options.port)"
            throw CommandError(
                FlagServer.isPortInUse(error)
                    ? "cannot listen on \(place): the port is in use; choose another one with --port"
                    : "cannot listen on \(place): \(error)")
        }
    }

    /// Reads all options again at each signal.
    private func reload(_ server: FlagServer, on signals: UnixSignalsSequence) async {
        for await _ in signals {
            do {
                let options = try FlagServerOptions(arguments: arguments, settingsPath: settings)
                let ignored = try await server.reload(options)
                Console.write("\(RequestLog.time()) read the options again")
                if !ignored.isEmpty {
                    Console.warn(
                        "\(RequestLog.time()) changed, but need a new start: \(ignored.joined(separator: ", "))")
                }
            } catch {
                Console.warn("\(RequestLog.time()) \(error); the last valid options stay in force")
            }
        }
    }

    private var arguments: [SettingName: [String]] {
        let single: [SettingName: String?] = [
            .host: host, .port: port, .token: token, .cache: cache, .baseURL: baseUrl, .pollInterval: pollInterval,
            .overrides: overrides, .tlsCertificate: tlsCertificate, .tlsKey: tlsKey, .streamLimit: streamLimit,
            .relay: relay ? "true" : nil, .insecure: insecure ? "true" : nil, .ephemeral: ephemeral ? "true" : nil,
        ]
        var arguments = single.compactMapValues { $0.map { [$0] } }
        let lists: [SettingName: [String]] = [
            .config: files, .sdkKey: sdkKeys, .publicHost: publicHost, .webhookKey: webhookKey,
        ]
        arguments.merge(lists.filter { !$0.value.isEmpty }) { $1 }
        return arguments
    }

    private static let logger = {
        var logger = Logger(label: "configcat") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        return logger
    }()
}
