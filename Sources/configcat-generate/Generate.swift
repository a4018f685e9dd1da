import ArgumentParser
import ConfigCatGeneration
import ConfigCatPlatform

/// Generates Swift declarations from a config file, for the plugins. It needs neither a network nor the client.
@main
struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configcat-generate",
        abstract: "Generates Swift declarations of a config's settings.",
        discussion: """
            An existing file is replaced only if this generator wrote it. With --check, nothing is written, and the exit \
            code is 1, with the differences on standard output, if the file is out of date.
            """
    )

    @Option(help: ArgumentHelp("The config JSON (v6 or v5), or a file of plain values.", valueName: "file"))
    var config: String

    @Option(help: ArgumentHelp("The Swift file to write.", valueName: "file"))
    var output: String

    @Option(help: "Who can use the declarations: internal, package or public.")
    var accessLevel: FlagAccessLevel?

    @Option(help: ArgumentHelp("Default values and descriptions, in OpenFeature's manifest format.", valueName: "file"))
    var manifest: String?

    @Option(help: ArgumentHelp("A JSON file with the member accessLevel.", valueName: "file"))
    var options: String?

    @Flag(help: "Write nothing; fail if the file is out of date.")
    var check = false

    @Flag(help: "Leave out settings that the config no longer has, instead of declaring them as deprecated once.")
    var dropRemoved = false

    func run() throws {
        do {
            var generation = FlagGeneration(config: try GenerationRun.read(config))
            generation.manifest = try manifest.map(GenerationRun.read)
            let options = try options.map { try FlagOptionsFile(try GenerationRun.read($0)) }
            generation.accessLevel = accessLevel ?? options?.accessLevel ?? .internal
            var run = GenerationRun(generation: generation, output: output)
            run.keepsRemoved = !dropRemoved
            guard check else { return Self.report(try run.write()) }
            let result = try run.check()
            Self.report(result.warnings)
            guard result.difference.isEmpty else {
                print(result.difference)
                throw ExitCode(1)
            }
        } catch let error as GenerationError {
            // Without the "Error: " of ArgumentParser, so that builds find the place.
            Self.report(error.diagnostics)
            throw ExitCode(1)
        }
    }

    private static func report(_ diagnostics: [SourceDiagnostic]) {
        // Swift 6 does not let code use `stderr`, a variable.
        var text = diagnostics.map { "\($0)\n" }.joined()[...].utf8
        while !text.isEmpty {
            let count = text.withContiguousStorageIfAvailable { write(STDERR_FILENO, $0.baseAddress, $0.count) } ?? -1
            guard count > 0 else { return }
            text = text.dropFirst(count)
        }
    }
}

extension FlagAccessLevel: ExpressibleByArgument {}
