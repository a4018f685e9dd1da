import ArgumentParser
import ConfigCatCommandLine
import ConfigCatPlatform
import Synchronization

@main
struct ConfigCatCTL: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configcatctl",
        abstract: "Evaluates, watches, serves, validates, compares and converts ConfigCat configs.",
        subcommands: [
            Evaluate.self, Watch.self, Serve.self, Override.self, Cache.self, Validate.self, Convert.self, Diff.self,
            Generate.self,
            Usages.self, Fleet.self, FleetWorker.self,
        ]
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
            let failure = Console.failure.load(ordering: .relaxed)
            if failure != 0 { throw CommandError("cannot write the output: \(String(cString: strerror(failure)))") }
        } catch {
            exit(withError: error)
        }
    }
}
