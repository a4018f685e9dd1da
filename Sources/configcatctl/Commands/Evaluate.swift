import ConfigCatCommandLine
import ArgumentParser
import ConfigCat
import ConfigCatEvaluation
import Logging
import Synchronization

struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Evaluates settings for a user.",
        discussion: """
            With one key, prints the value; with several keys, a table; without keys, a table of all settings. With \
            --batch, reads JSON lines {"key", "default", "user"} from standard input, and writes one line for each to \
            standard output.
            """
    )

    @Argument(help: "The keys of the settings; all settings if no key is given.")
    var keys: [String] = []

    @Option(help: ArgumentHelp("The config JSON (v6 or v5), or a file of plain values.", valueName: "file"))
    var config: String?

    @OptionGroup
    var clientOptions: ClientOptions

    @Option(help: CacheAddress.help, transform: CacheAddress.init)
    var cache: CacheAddress?

    @Flag(help: "Make no HTTP requests; use the config in the cache.")
    var offline = false

    @OptionGroup
    var userOptions: UserOptions

    @Option(
        name: .customLong("default"),
        help: ArgumentHelp(
            "What to print for a setting that cannot be evaluated, instead of failing.", valueName: "text"))
    var defaultValue: String?

    @Flag(help: "Print the evaluation log of each setting.")
    var explain = false

    @Flag(help: "Print JSON, one line for each setting.")
    var json = false

    @Flag(help: "Evaluate JSON lines from standard input.")
    var batch = false

    func validate() throws {
        guard (config == nil) != (clientOptions.sdkKey == nil) else {
            throw ValidationError("Give either --config <file> or --sdk-key <sdk-key>.")
        }
        if batch, !keys.isEmpty || explain || defaultValue != nil {
            throw ValidationError("--batch reads keys and defaults from its input, and cannot explain.")
        }
        if explain, json { throw ValidationError("--explain and --json exclude each other.") }
        try cache?.validate()
    }

    func run() async throws {
        if let config { return try print(try ConfigFile.read(config), named: config) }
        // A batch may take long. It runs after the client is shut down, when a signal ends the process at once.
        let batchConfig = Mutex<Config?>(nil)
        let interruption = try await Signals.cancelling {
            try await clientOptions.withClient(cache: cache) { options in
                options.pollingMode = PollingModes.manualPoll()
                options.offline = offline
            } _: { client in
                let result = await client.forceRefresh()
                // After a signal, the command ends without an error about the config.
                try Task.checkCancellation()
                guard result.success, let config = client.snapshot().config else {
                    let source = offline ? "read from the cache" : "downloaded from \(clientOptions.source)"
                    throw CommandError("the config cannot be \(source): \(result.error ?? "there is none")")
                }
                if batch { batchConfig.withLock { $0 = config } } else { try print(config, named: "the config") }
            }
        }
        if let interruption { throw ExitCode(128 + interruption) }
        if let config = batchConfig.withLock(\.self) { try print(config, named: "the config") }
    }

    /// Evaluates the settings, and prints the results. Messages call the config by `name`.
    private func print(_ config: Config, named name: String) throws {
        if batch {
            let batch = Batch(snapshot: ConfigCatClientSnapshot(config: config, logger: .silent))
            while let line = readLine() { Console.write(batch.answer(line)) }
            return
        }
        let user = try userOptions.makeUser()
        let evaluations = (keys.isEmpty ? config.keys : keys).map {
            Evaluation($0, in: config, for: user, defaultValue ?? "")
        }
        if explain {
            Console.write(evaluations.compactMap(\.log).joined(separator: "\n\n"))
        } else if json {
            for evaluation in evaluations { Console.write(evaluation.json(defaultValue)) }
        } else if keys.count == 1 {
            if let value = evaluations.first?.value?.description ?? defaultValue { Console.write(value) }
        } else {
            Console.write(Self.table(evaluations, defaultValue))
        }
        try report(evaluations.filter { $0.error != nil }, in: config, named: name)
    }

    private static func table(_ evaluations: [Evaluation], _ defaultValue: String?) -> String {
        var table = TextTable("SETTING", "VALUE", "VARIATION", "BECAUSE OF")
        for evaluation in evaluations {
            table.add(
                evaluation.key, evaluation.value?.description ?? defaultValue ?? "-", evaluation.variationID ?? "-",
                evaluation.reason)
        }
        return table.text
    }

    /// Reports the settings that could not be evaluated.
    ///
    /// - Throws: `ExitCode` 1 if there are any and `--default` is not given.
    private func report(_ failed: [Evaluation], in config: Config, named name: String) throws {
        for evaluation in failed {
            guard evaluation.errorCode == .settingKeyMissing else {
                Console.warn("Error: \(evaluation.error ?? "")")
                continue
            }
            let near = NearestKeys.suggestions(for: evaluation.key, among: config.keys).map { "'\($0)'" }
            let hint = near.isEmpty ? "" : "; did you mean \(near.joined(separator: " or "))?"
            Console.warn("Error: \(name) has no setting '\(evaluation.key)'\(hint)")
        }
        if !failed.isEmpty, defaultValue == nil { throw ExitCode(1) }
    }
}

/// The result of evaluating one setting for a user.
private struct Evaluation {
    let key: String
    let log: String?
    private let result: Result<TypedEvaluationDetails<SettingValue>, EvaluationFailure>

    init(_ key: String, in config: Config, for user: ConfigCatUser?, _ defaultValue: String) {
        self.key = key
        (result, log) = config.explain(key, for: user, defaultValue: defaultValue, warn: nil)
    }

    private var details: TypedEvaluationDetails<SettingValue>? { try? result.get() }

    private var failure: EvaluationFailure? {
        if case .failure(let failure) = result { failure } else { nil }
    }

    var value: SettingValue? { details?.value }
    var variationID: String? { details?.variationId }
    var error: String? { failure?.message }
    var errorCode: EvaluationErrorCode { failure?.code ?? .none }

    /// The part of the setting that determined the value, or the kind of error.
    var reason: String {
        guard let details else { return errorCode == .settingKeyMissing ? "error: no such setting" : "error" }
        let rule = details.matchedTargetingRule.map { "targeting rule \($0.position + 1)" }
        let option = details.matchedPercentageOption.map {
            "percentage option \($0.position + 1) (\(DecimalFormat.text($0.percentage))%)"
        }
        let parts = [rule, option].compactMap { $0 }
        return parts.isEmpty ? "fallback value" : parts.joined(separator: ", ")
    }

    func json(_ defaultValue: String?) -> String {
        var line = JSONLine()
        line.add("key", key)
        line.add("value", json: value?.json ?? defaultValue.map { JSONEscapes.quoted($0) } ?? "null")
        line.add("variationId", variationID)
        line.add("isDefaultValue", details == nil)
        line.add("matchedTargetingRule", details?.matchedTargetingRule?.position)
        line.add("matchedPercentageOption", details?.matchedPercentageOption?.position)
        line.add("error", error)
        return line.text
    }
}
