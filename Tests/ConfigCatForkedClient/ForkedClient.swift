import ConfigCat
import Logging

#if os(Linux) && canImport(Glibc)
    import Glibc

    /// A program that forks after it has created a client, and prints what the client does in the child.
    ///
    ///     ForkedClient once URL
    ///     ForkedClient busy FORKS
    @main
    enum ForkedClient {
        static func main() async throws {
            if CommandLine.arguments[1] == "once" {
                try await forkOnce(url: CommandLine.arguments[2])
            } else {
                try await forkWhileBusy(times: Int(CommandLine.arguments[2]) ?? 1)
            }
        }

        /// Uses each method of a client in a child.
        private static func forkOnce(url: String) async throws {
            let client = try ConfigCatClient.get(
                sdkKey: "configcat-sdk-1/FORKED_KEY_01234567890/1234567890123456789012"
            ) {
                $0.baseUrl = url
                $0.hooks.addOnError { _ in say("handler called") }
                $0.evaluationObservers = [SayingObserver(), LogObserver(logger: Logger(label: "evaluations"))]
            }
            say("parent ready \(await client.waitForReady())")
            let isHealthy = await inChild {
                say("number \(await client.getValue(for: "number", defaultValue: 0))")
                say("number \(await client.getValue(for: "number", defaultValue: 0))")
                say("missing \(await client.getValue(for: "missing", defaultValue: -1))")
                say("snapshot \(client.snapshot().getValue(for: "number", defaultValue: 0))")
                say("ready \(await client.waitForReady())")
                say("refresh \(await client.forceRefresh().error ?? "nil")")
                client.setOnline()
                say("offline \(client.isOffline)")
                for await _ in client.configChanges {}
                await client.shutdown()
                say("number \(await client.getValue(for: "number", defaultValue: 0))")
            }
            say("child \(isHealthy ? "ended" : "did not end")")
            say("parent refresh \(await client.forceRefresh().success)")
            await client.shutdown()
        }

        /// Forks repeatedly while threads use a client and its locks.
        private static func forkWhileBusy(times: Int) async throws {
            let client = try ConfigCatClient.get(sdkKey: "local") {
                $0.flagOverrides = LocalDictionaryDataSource(source: ["known": true], behaviour: .localOnly)
                $0.logger = Logger(label: "dropped") { _ in DroppingHandler() }
                $0.hooks.addOnError { _ in }
                $0.hooks.addOnFlagEvaluated { _ in }
                $0.evaluationObservers = [
                    EvaluationCounter(), LogObserver(logger: Logger(label: "dropped") { _ in DroppingHandler() }),
                ]
            }
            await client.waitForReady()
            let work: [@Sendable () -> Void] = [
                { client.setDefaultUser(user: ConfigCatUser(identifier: "user")) },
                {
                    _ = client.snapshot().getValue(for: "known", defaultValue: false)
                    _ = client.snapshot().getValue(for: "missing", defaultValue: false)
                },
            ]
            let held = client.snapshot()
            func evaluate() async -> Bool {
                for snapshot in [client.snapshot(), held] {
                    guard snapshot.getValue(for: "known", defaultValue: false) else { return false }
                    for _ in 0..<3 { _ = snapshot.getValue(for: "missing", defaultValue: false) }
                }
                return await client.getValue(for: "known", defaultValue: false)
            }
            // Swift's runtime takes locks when a type or a conformance is first used, and a child would inherit them locked.
            // So everything that the threads and the child do is done once before.
            for step in work { step() }
            _ = await evaluate()
            for step in work { startThread(step) }
            var failures = 0
            for _ in 0..<times {
                let isHealthy = await inChild {
                    guard await evaluate() else { _exit(2) }
                }
                if !isHealthy { failures += 1 }
            }
            say("\(times) forks, \(failures) failures")
            // This ends the threads.
            exit(0)
        }

        /// Runs a body in a child process, and returns whether it exited with status 0 within a minute.
        private static func inChild(_ body: () async -> Void) async -> Bool {
            let child = fork()
            if child == 0 {
                await body()
                _exit(0)
            }
            var status: Int32 = 0
            for _ in 0..<60_000 {
                if waitpid(child, &status, WNOHANG) == child { return status == 0 }
                usleep(1000)
            }
            kill(child, SIGKILL)
            waitpid(child, &status, 0)
            return false
        }

        /// Prints a line without a buffer, which the fork would copy.
        fileprivate static func say(_ line: String) {
            let bytes = Array("\(line)\n".utf8)
            _ = write(STDOUT_FILENO, bytes, bytes.count)
        }

        /// Calls a body in a loop on a new thread.
        private static func startThread(_ body: @escaping @Sendable () -> Void) {
            final class Box {
                let body: @Sendable () -> Void
                init(_ body: @escaping @Sendable () -> Void) { self.body = body }
            }
            var thread = pthread_t()
            pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    let box = Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
                    while true { box.body() }
                }, Unmanaged.passRetained(Box(body)).toOpaque())
        }
    }

    private struct SayingObserver: EvaluationObserver {
        func observed(_ observation: EvaluationObservation) { ForkedClient.say("observer called") }
    }

    /// A log handler that is enabled for all levels and drops all records.
    private struct DroppingHandler: LogHandler {
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {}
    }
#else
    @main
    enum ForkedClient {
        static func main() { print("Swift cannot fork here.") }
    }
#endif
