import ConfigCatCommandLine
import ArgumentParser
import ConfigCat
import ConfigCatEvaluation
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watches a config, and prints a line of JSON when it is ready and whenever it changes.",
        discussion: """
            {"time": Unix milliseconds, "event": "ready" or "changed", "source": "cdn", "cache" or "override", "etag", \
            "changed": [keys], "values": {key: value}}. Runs until it is interrupted.
            """
    )

    @Argument(help: "The keys of the settings whose values are printed.")
    var keys: [String] = []

    @OptionGroup
    var clientOptions: ClientOptions

    @OptionGroup
    var userOptions: UserOptions

    @Option(help: ArgumentHelp("Seconds between downloads.", valueName: "seconds"))
    var pollInterval = 60

    @Option(help: CacheAddress.help, transform: CacheAddress.init)
    var cache: CacheAddress?

    @Flag(help: "Make no HTTP requests; watch the cache.")
    var offline = false

    func validate() throws {
        if clientOptions.sdkKey == nil { throw ValidationError("Missing expected argument '--sdk-key <sdk-key>'") }
        try cache?.validate()
    }

    func run() async throws {
        let user = try userOptions.makeUser()
        let printer = ChangePrinter(keys: keys, user: user)
        try await clientOptions.withClient(cache: cache) { options in
            options.pollingMode = PollingModes.autoPoll(autoPollIntervalInSeconds: pollInterval)
            options.offline = offline
            options.hooks.addOnError { (message: String) in Console.warn("Error: \(message)") }
            options.hooks.addOnConfigChanged(snapshotHandler: { printer.changed($0, $1) })
            options.hooks.addOnReady(snapshotHandler: { printer.ready($0) })
        } _: { _ in
            await Signals.interruption()
        }
    }
}

/// Prints the events of a config, in the order in which hooks are called.
private final class ChangePrinter: Sendable {
    private let keys: [String]
    private let user: ConfigCatUser?
    private let state = Mutex<(isReady: Bool, config: Config?)>((false, nil))

    init(keys: [String], user: ConfigCatUser?) {
        self.keys = keys
        self.user = user
    }

    func ready(_ snapshot: ConfigCatClientSnapshot) {
        state.withLock { $0.isReady = true }
        write("ready", snapshot, changed: [])
    }

    func changed(_ config: Config, _ snapshot: ConfigCatClientSnapshot) {
        let (isReady, previous) = state.withLock { state in
            defer { state.config = config }
            return state
        }
        // The first config is part of becoming ready.
        if isReady { write("changed", snapshot, changed: config.changedKeys(from: previous)) }
    }

    private func write(_ event: String, _ snapshot: ConfigCatClientSnapshot, changed: [String]) {
        var values = JSONLine()
        for key in keys {
            let details = snapshot.getValueDetails(for: key, defaultValue: nil as (any Sendable)?, user: user)
            values.add(key, json: details.value.flatMap { SettingValue(any: $0)?.json } ?? "null")
        }
        var line = JSONLine()
        line.add("time", Int((Date().timeIntervalSince1970 * 1000).rounded()))
        line.add("event", event)
        line.add("source", snapshot.origin?.source.rawValue)
        line.add("etag", snapshot.origin?.eTag)
        line.add("changed", json: "[\(changed.map { JSONEscapes.quoted($0) }.joined(separator: ", "))]")
        line.add("values", json: values.text)
        Console.write(line.text)
    }
}
