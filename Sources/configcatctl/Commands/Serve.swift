import ConfigCatCommandLine
import ArgumentParser
import ConfigCat
import ConfigCatCache

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves a config file as ConfigCat's CDN does, for development.",
        discussion: """
            Any ConfigCat SDK, in any language, can use it as its base URL, with any SDK key. The file is read again \
            when it changes. If it becomes invalid, the error is reported, and the last valid config is still served. \
            Config JSON v5 and plain values are served as v6. Runs until it is interrupted.
            """
    )

    @Option(help: ArgumentHelp("The config JSON (v6 or v5), or a file of plain values.", valueName: "file"))
    var config: String

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
        // The watcher is created before the file is read, so that it notices every later change.
        let watcher = FileWatcher(path: config)
        let document = try ServedDocument(path: config)
        watcher.start { document.reload() }
        let server: LocalCDN
        do {
            server = try await LocalCDN(document: document, host: host, port: port)
        } catch is PortInUse {
            throw CommandError("cannot listen on \(host):\(port): the port is in use; choose another one with --port")
        } catch {
            throw CommandError("cannot listen on \(host):\(port): \(error)")
        }
        Console.write("serving \(config) on \(server.url) (interrupt to stop)")
        await Signals.interruption()
        watcher.stop()
        await server.stop()
    }
}
