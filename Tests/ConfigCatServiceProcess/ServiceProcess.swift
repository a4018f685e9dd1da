import ConfigCat
import ConfigCatCache
import ConfigCatFileCache
import ConfigCatSQLiteCache
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

// Without the trait, clients are not services, and tests do not start this program.
#if ServiceLifecycle
    /// A server with a client and a service that answers requests, which tests end by signals.
    ///
    ///     ConfigCatServiceProcess URL SDKKEY CACHE SECONDS GATE
    ///
    /// CACHE is a directory, or a database whose name ends in `.db`. SECONDS is the polling interval. GATE is a file: requests
    /// that are in flight when the process is told to end are answered as soon as it exists. If it contains `refresh`, they
    /// refresh the config first.
    @main
    enum ServiceProcess {
        /// The longest graceful shutdown that is allowed. If it takes longer, the exit code is 3.
        static let maximum = Duration.seconds(60)

        static func main() async throws {
            let arguments = CommandLine.arguments
            guard arguments.count == 6, let seconds = Int(arguments[4]) else { exit(64) }
            var options = ConfigCatOptions()
            options.baseUrl = arguments[1]
            // A request that stalls is still in flight when the process ends.
            options.http.readTimeout = .seconds(600)
            options.pollingMode = .autoPoll(interval: .seconds(seconds), maxInitWait: .seconds(600))
            // A lease that was not released would be held for long after the end of the process.
            options.leaseDuration = .seconds(600)
            let cache: any ClosableConfigCache =
                arguments[3].hasSuffix(".db")
                ? try SQLiteConfigCache(path: arguments[3]) : try FileConfigCache(directory: arguments[3])
            options.configCache = cache
            let client = try ConfigCatClient.get(sdkKey: arguments[2], options: options)
            let handler = RequestHandler(client: client, gate: arguments[5])
            var configuration = ServiceGroupConfiguration(
                services: [.init(service: client), .init(service: handler)], gracefulShutdownSignals: [.sigterm],
                logger: Logger(label: "service"))
            configuration.maximumGracefulShutdownDuration = maximum
            try await ServiceGroup(configuration: configuration).run()
            await cache.close()
            say("client closed \(client.health.isClosed)")
            if let start = handler.shutdownStart.withLock({ $0 }), start.duration(to: .now) > maximum { exit(3) }
        }
    }

    /// Answers three requests.
    final class RequestHandler: Service {
        let shutdownStart = Mutex<ContinuousClock.Instant?>(nil)
        private let client: ConfigCatClient
        private let gate: String

        init(client: ConfigCatClient, gate: String) {
            self.client = client
            self.gate = gate
        }

        func run() async throws {
            await withGracefulShutdownHandler {
                say("starting")
                let state = await cancelWhenGracefulShutdown { [client] in await client.waitForReady() }
                say("ready \(state)")
                if Task.isShuttingDownGracefully { return }
                await withTaskGroup { group in
                    for number in 1...3 { group.addTask { await self.answer(number) } }
                }
            } onGracefulShutdown: {
                self.shutdownStart.withLock { $0 = .now }
                say("shutting down")
            }
        }

        /// Begins a request, and answers it during the shutdown.
        private func answer(_ number: Int) async {
            say("began \(number)")
            try? await gracefulShutdown()
            while !FileManager.default.fileExists(atPath: gate) { try? await Task.sleep(for: .milliseconds(10)) }
            let refreshes = FileManager.default.contents(atPath: gate) == Data("refresh".utf8)
            let isRefreshed = refreshes ? await client.forceRefresh().success : false
            let value = await client.getValue(for: "number", defaultValue: 0)
            say("answered \(number): \(value), refreshed \(isRefreshed), closed \(client.health.isClosed)")
        }
    }

    /// Prints a line at once.
    func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
#else
    @main
    enum ServiceProcess {
        static func main() {}
    }
#endif
