import ArgumentParser
import ConfigCatCommandLine
import ConfigCatServing
import Logging

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves configs to any ConfigCat SDK: a development server with a page, and a relay.",
        discussion: """
            Any ConfigCat SDK, in any language, can use it as its base URL. With a file, any SDK key does; the file is \
            read again when it changes. If it becomes invalid, the error is reported, and the last valid config is still \
            served. Config JSON v5 and plain values are served as v6. With an SDK key, the config is downloaded, or shared \
            with other processes through a cache. Overrides are made on the page, at the address that is printed. Runs \
            until it is interrupted.
            """
    )

    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "A config JSON (v6 or v5), or a file of plain values. May be repeated.", valueName: "[id=]file"))
    var files: [String] = []

    @Option(
        name: .customLong("sdk-key"),
        help: ArgumentHelp("Serve the config of this SDK key. May be repeated.", valueName: "[id=]key"))
    var sdkKeys: [String] = []

    @Option(help: "The port; 0 for any free port.")
    var port = 8080

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    func validate() throws {
        guard (0...65535).contains(port) else {
            throw ValidationError("--port is \(port); it has to be from 0 to 65535.")
        }
    }

    func run() async throws {
        var options = FlagServerOptions()
        options.host = host
        options.port = port
        do {
            options.configs = try files.map { try ConfigDeclaration(file: $0) }
            options.configs += try sdkKeys.map { try ConfigDeclaration(sdkKey: $0) }
            let server = try FlagServer(options, requestLog: RequestLog { Console.write($0) }, logger: .silent)
            let name = files.first ?? "configs"
            try await server.run(signals: true) { Console.write("serving \(name) on \($0) (interrupt to stop)") }
        } catch {
            throw CommandError("\(error)")
        }
    }
}
