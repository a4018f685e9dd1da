import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// One run of the trial, and the programs that it has started.
final class Trial {
    private let options: ShopTrial
    private let folder: URL
    private let sdkKey: String
    private let cacheURL: String
    private let redisPort: Int
    private let ports: [Int]
    private var cdnURL = ""
    private var servers: [Command] = []
    private var redis: Command?
    private var cdn: Command?

    init(_ options: ShopTrial, folder: URL, sdkKey: String) throws {
        self.options = options
        self.folder = folder
        self.sdkKey = sdkKey
        let free = try FreePorts.find(4)
        redisPort = free[0]
        ports = Array(free[1...])
        cacheURL =
            options.cache == "redis"
            ? "redis://127.0.0.1:\(redisPort)" : "sqlite://" + folder.appendingPathComponent("flags.db").path
    }

    func run() async throws {
        defer { for command in servers + [redis, cdn].compactMap({ $0 }) where command.isRunning { command.kill() } }
        let bin = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let flags = folder.appendingPathComponent("flags.json")
        let config = try String(contentsOf: Self.sampleConfig, encoding: .utf8)
        try config.write(to: flags, atomically: true, encoding: .utf8)

        if options.cache == "redis" { try startRedis() }
        try await startCDN(flags)
        for port in ports { servers.append(try startServer(bin, port)) }
        for port in ports { try await waitUntilHealthy(port) }
        say("three servers on \(ports.map(String.init).joined(separator: ", ")), a CDN, and the cache \(cacheURL)")

        let load = Load(ports: ports)
        let running = Task { [options] in await load.run(clients: options.clients) }
        try await part()

        let flip = ContinuousClock.now
        try Self.flipped(config).write(to: flags, atomically: true, encoding: .utf8)
        say("the flag newCheckout is flipped for everybody")
        // Some users had the new checkout before. The last server has the change when nobody gets the old one.
        try await eventually("all servers have the change") {
            let (seen, quiet) = (load.seen, ContinuousClock.now - .milliseconds(500))
            let changed = seen.lastNew.values.count { $0 > quiet }
            return max(seen.lastOld ?? flip, flip) < quiet && changed == self.ports.count
        }
        let propagation = (load.seen.lastOld ?? flip) - flip
        try await part()

        servers[1].kill()
        say("a server is killed")
        try await part()
        servers[1] = try startServer(bin, ports[1])
        try await waitUntilHealthy(ports[1])
        say("the server runs again")

        redis?.kill()
        if redis != nil { say("Redis is killed") }
        try await part()
        if redis != nil {
            try startRedis()
            say("Redis runs again")
        }
        try await part()

        load.end()
        await running.value
        let codes = servers.map { $0.end() }
        say("the servers are asked to end; exit codes \(codes.map(String.init).joined(separator: ", "))")
        report(load.seen, propagation: max(.zero, propagation))
        guard load.seen.errors == 0, codes.allSatisfy({ $0 == 0 }) else { throw ExitCode.failure }
    }

    // MARK: - Programs

    private func startRedis() throws {
        guard let program = Command.find("redis-server") else {
            throw ValidationError("redis-server is not installed; install it, or choose --cache sqlite")
        }
        redis = try Command(
            "Redis", program, ["--port", "\(redisPort)", "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"],
            log: folder.appendingPathComponent("redis.log"))
    }

    private func startCDN(_ flags: URL) async throws {
        let log = folder.appendingPathComponent("cdn.log")
        cdn = try Command(
            "CDN", options.tools + "/configcatctl", ["serve", "--config", flags.path, "--port", "0"], log: log)
        try await eventually("the CDN serves") {
            let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            guard let match = text.firstMatch(of: /http:\/\/[0-9.]+:[0-9]+/) else { return false }
            self.cdnURL = String(match.output)
            return true
        }
    }

    private func startServer(_ bin: URL, _ port: Int) throws -> Command {
        try Command(
            "server \(port)", bin.appendingPathComponent("Shop").path, [],
            environment: [
                "HOST": "127.0.0.1", "PORT": "\(port)", "LOG_LEVEL": "warning",
                "CONFIGCAT_SDK_KEY": sdkKey, "CONFIGCAT_BASE_URL": cdnURL, "CONFIGCAT_CACHE": cacheURL,
                "CONFIGCAT_POLL_INTERVAL": "1",
            ],
            log: folder.appendingPathComponent("server-\(port).log"))
    }

    private func waitUntilHealthy(_ port: Int) async throws {
        try await eventually("the server on port \(port) is healthy") {
            let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/health")
            return (try? await HTTPClient.shared.execute(request, timeout: .seconds(2)))?.status.code == 200
        }
    }

    private func eventually(_ what: String, _ condition: () async -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while !(await condition()) {
            guard ContinuousClock.now < end else {
                throw ValidationError("after 60 seconds, it does not hold that \(what); see the logs:\n\(logs())")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func logs() -> String {
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "log" }
            .map { "\($0.lastPathComponent):\n" + ((try? String(contentsOf: $0, encoding: .utf8)) ?? "").suffix(2000) }
            .joined(separator: "\n")
    }

    // MARK: - The config

    private static var sampleConfig: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Shop/flags.json")
    }

    /// Returns the config with the new checkout for everybody.
    private static func flipped(_ config: String) throws -> String {
        guard
            var root = try JSONSerialization.jsonObject(with: Data(config.utf8)) as? [String: Any],
            var settings = root["f"] as? [String: Any]
        else { throw ValidationError("flags.json is not a config") }
        settings["newCheckout"] = ["t": 0, "v": ["b": true], "i": "checkout-on"] as [String: Any]
        root["f"] = settings
        return String(decoding: try JSONSerialization.data(withJSONObject: root), as: UTF8.self)
    }

    // MARK: - Output

    private let begin = ContinuousClock.now

    private func part() async throws { try await Task.sleep(for: .seconds(options.seconds)) }

    private func say(_ text: String) {
        print(String(format: "%6.1f s  %@", (ContinuousClock.now - begin) / .seconds(1), text as NSString))
        fflush(nil)
    }

    private func report(_ seen: Load.Seen, propagation: Duration) {
        print("\nWhat the clients saw:")
        print("  requests                      \(seen.requests)")
        print("  errors                        \(seen.errors)")
        print("  sent again to another server  \(seen.retries)")
        for (name, path) in [("with flags", "/"), ("without flags", "/plain")] {
            let latencies = Percentiles(seen.latencies[path] ?? [])
            let texts = [0.5, 0.95, 0.99].map { share in
                latencies.at(share).map { String(format: "%.2f", $0) } ?? "-"
            }
            print(
                "  latency \(name.padding(toLength: 22, withPad: " ", startingAt: 0))"
                    + "50%: \(texts[0]) ms, 95%: \(texts[1]) ms, 99%: \(texts[2]) ms")
        }
        let time = String(format: "%.2f s", propagation / .seconds(1))
        print("  flip to the last old answer   \(time)")
        for message in seen.messages { print("  error: \(message)") }
    }
}
