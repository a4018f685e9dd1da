import ArgumentParser

@main
struct ConfigCatCTL: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configcatctl",
        abstract: "Evaluates, follows, serves, checks and converts ConfigCat configs.",
        subcommands: [
            Evaluate.self, Watch.self, Serve.self, Cache.self, Validate.self, Convert.self, Fleet.self,
            FleetWorker.self,
        ]
    )
}
