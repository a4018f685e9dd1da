import ArgumentParser
import ConfigCat
import ConfigCatCommandLine
import ConfigCatGeneration
import Synchronization

struct Generate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Generates Swift declarations of a config's settings.",
        discussion: """
            An existing file is replaced only if this command wrote it. Settings that it declares, and that the config no \
            longer has, are declared as deprecated; the next run leaves them out. With --check, nothing is written, and \
            the exit code is 1, with the differences on standard output, if the file is out of date.
            """
    )

    @Option(help: ArgumentHelp("The config JSON (v6 or v5), or a file of plain values.", valueName: "file"))
    var config: String?

    @OptionGroup
    var clientOptions: ClientOptions

    @Option(help: ArgumentHelp("The Swift file to write.", valueName: "file"))
    var output: String

    @Option(help: "Who can use the declarations.")
    var accessLevel = FlagAccessLevel.internal

    @Option(help: ArgumentHelp("Default values and descriptions, in OpenFeature's manifest format.", valueName: "file"))
    var manifest: String?

    @Option(help: ArgumentHelp("Also write the defaults as a manifest.", valueName: "file"))
    var exportManifest: String?

    @Flag(help: "Write nothing; fail if a file is out of date.")
    var check = false

    func validate() throws {
        guard (config == nil) != (clientOptions.sdkKey == nil) else {
            throw ValidationError("Give either --config <file> or --sdk-key <sdk-key>.")
        }
    }

    func run() async throws {
        do {
            var generation = try await makeGeneration()
            generation.accessLevel = accessLevel
            generation.manifest = try manifest.map(GenerationRun.read)
            let run = GenerationRun(generation: generation, output: output, manifestOutput: exportManifest)
            guard check else { return Self.report(try run.write()) }
            let result = try run.check()
            Self.report(result.warnings)
            guard result.difference.isEmpty else {
                Console.write(result.difference)
                throw ExitCode(1)
            }
        } catch let error as GenerationError {
            Self.report(error.diagnostics)
            throw ExitCode(1)
        }
    }

    private func makeGeneration() async throws -> FlagGeneration {
        if let config { return FlagGeneration(config: try GenerationRun.read(config)) }
        let document = try await clientOptions.downloadedConfig().document
        return FlagGeneration(
            config: SourceText(name: "the config of \(clientOptions.source)", bytes: Array(document.utf8)),
            origin: "ConfigCat")
    }

    private static func report(_ diagnostics: [SourceDiagnostic]) {
        for diagnostic in diagnostics { Console.warn("\(diagnostic)") }
    }
}

extension FlagAccessLevel: ExpressibleByArgument {}

extension ClientOptions {
    /// Downloads the config of the SDK key.
    ///
    /// - Throws: `CommandError` if it cannot be downloaded; `ExitCode` if a signal ended the command.
    func downloadedConfig() async throws -> Config {
        let downloaded = Mutex<Config?>(nil)
        let interruption = try await Signals.cancelling {
            try await withClient(cache: nil) { options in
                options.pollingMode = PollingModes.manualPoll()
            } _: { client in
                let result = await client.forceRefresh()
                try Task.checkCancellation()
                guard result.success, let config = client.snapshot().config else {
                    throw CommandError(
                        "the config cannot be downloaded from \(source): \(result.error ?? "there is none")")
                }
                downloaded.withLock { $0 = config }
            }
        }
        if let interruption { throw ExitCode(128 + interruption) }
        guard let config = downloaded.withLock(\.self) else { throw CommandError("there is no config") }
        return config
    }
}
