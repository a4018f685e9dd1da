import ArgumentParser

@main
struct Configcatctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configcatctl",
        abstract: "Evaluates, checks and converts ConfigCat config files.",
        subcommands: [Evaluate.self, Validate.self, Convert.self]
    )
}
