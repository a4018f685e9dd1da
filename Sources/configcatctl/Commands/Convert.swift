import ConfigCatCommandLine
import ArgumentParser
import ConfigCat
import ConfigCatEvaluation

struct Convert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a config JSON v5, or a file of plain values, as config JSON v6.",
        discussion: """
            The result goes to standard output. What v6 cannot express is left out and reported on standard error, and \
            the exit code is then 1.
            """
    )

    @Argument(help: "The file to convert.")
    var file: String

    func run() async throws {
        let config = try ConfigFile.read(file)
        if config.format == .v6 { throw CommandError("\(file): the file is already config JSON v6") }
        let (json, losses) = ConfigWriter.version6(config)
        Console.write(json)
        for loss in losses {
            let place = loss.place.isEmpty ? "" : ", \(loss.place)"
            Console.warn("\(file): setting '\(loss.setting)'\(place) left out: \(loss.reason)")
        }
        guard losses.isEmpty else { throw ExitCode(1) }
    }
}
