import ArgumentParser
import ConfigCat
import Logging

struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Evaluates settings for a user.",
        discussion: """
            Without a key, all settings are shown as a table. With --batch, JSON lines are read from standard input, \
            {"key", "default", "user"}, and each is answered by one on standard output.
            """
    )

    @Argument(help: "The keys of the settings; all if there is none.")
    var keys: [String] = []

    @Option(help: ArgumentHelp("The config JSON (v6 or v5), or a file of plain values.", valueName: "file"))
    var config: String

    @OptionGroup
    var userOptions: UserOptions

    @Option(
        name: .customLong("default"),
        help: ArgumentHelp("What to print for a setting that cannot be evaluated, instead of failing.", valueName: "text"))
    var defaultValue: String?

    @Flag(help: "Print how each value came about.")
    var explain = false

    @Flag(help: "Print JSON, a line for each setting.")
    var json = false

    @Flag(help: "Evaluate JSON lines from standard input.")
    var batch = false

    func validate() throws {
        guard batch else { return }
        if !keys.isEmpty || explain || defaultValue != nil {
            throw ValidationError("--batch takes keys and defaults from its input, and explains nothing.")
        }
    }

    func run() async throws {
        var logger = Logger(label: "configcat") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let snapshot = ConfigCatClientSnapshot(config: try ConfigFile.read(config), logger: logger)
        if batch {
            let batch = Batch(snapshot: snapshot)
            while let line = readLine() { Console.write(batch.answer(line)) }
            return
        }
    }
}
