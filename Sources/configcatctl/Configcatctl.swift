import ArgumentParser
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@main
struct Configcatctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configcatctl",
        abstract: "Evaluates, follows, serves, checks and converts ConfigCat configs.",
        subcommands: [
            Evaluate.self, Watch.self, Serve.self, Cache.self, Validate.self, Convert.self, Fleet.self,
            FleetWorker.self,
        ]
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
            let failure = Console.failure.load(ordering: .relaxed)
            if failure != 0 { throw Failure("cannot write the output: \(String(cString: strerror(failure)))") }
        } catch {
            exit(withError: error)
        }
    }
}
