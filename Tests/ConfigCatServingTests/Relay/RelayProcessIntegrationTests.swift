import AsyncHTTPClient
import ConfigCatTestSupport
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

/// Runs `configcatctl serve --relay` as a process, as an operator does.
@Suite("The relay as a process", .cleanup)
struct RelayProcessIntegrationTests {
    private struct Relay {
        let process: ChildProcess
        let port: Int

        init(_ arguments: [String]) async throws {
            process = try ChildProcess(Tools.built("configcatctl"), ["serve", "--relay", "--port", "0"] + arguments)
            let banner = try #require(try await process.line(1), "\(process.errors)")
            let url = try #require(banner.split(separator: " ").first { $0.hasPrefix("http://") }.map(String.init))
            port = try #require(URL(string: url)?.port)
        }

        /// Serves a config of many bytes with the ID `shop`.
        static func ofFile(_ arguments: [String] = []) async throws -> Relay {
            // HTTP clients refuse what gzip makes a hundred times shorter.
            let text = (0..<9_000).map { _ in String(UInt64.random(in: 1 << 60 ... .max), radix: 16) }.joined()
            let json = #"{"f":{"flag":{"t":0,"v":{"b":true}},"text":{"t":1,"v":{"s":"\#(text)"}}}}"#
            let file = FileManager.default.temporaryDirectory.appending(path: "cc-\(UUID().uuidString).json")
            try Data(json.utf8).write(to: file)
            Cleanup.add { try? FileManager.default.removeItem(at: file) }
            return try await Relay(["--config", "shop=\(file.path)"] + arguments)
        }

        func get(_ path: String, eTag: String? = nil) async throws -> (status: Int, eTag: String?, body: String) {
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
            if let eTag { request.headers.add(name: "If-None-Match", value: eTag) }
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
            let body = try await response.body.collect(upTo: 1 << 24)
            return (Int(response.status.code), response.headers.first(name: "ETag"), String(buffer: body))
        }

        /// Sends SIGTERM, and checks that the process ends with code 0.
        func expectEnd(within seconds: Double) async throws {
            process.signal(SIGTERM)
            await eventually("the relay ends", within: seconds) { !process.isRunning }
            guard !process.isRunning else { return }
            #expect(try await process.ended() == 0)
        }
    }

    private static let configPath = "/configuration-files/configcat-proxy/shop/config_v6.json"

    private static let openFiles: Int = {
        var limit = rlimit()
        #if canImport(Glibc)
            let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let files = RLIMIT_NOFILE
        #endif
        return getrlimit(files, &limit) == 0 ? Int(clamping: limit.rlim_cur) : 0
    }()

    /// Connects to a port of loopback, and returns the descriptor. A plain socket costs the tests next to nothing.
    private static func openConnection(_ port: Int) throws -> Int32 {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw POSIXError(.ECONNREFUSED)
        }
        return descriptor
    }

    @Test(
        "while 10,000 connections are idle, a client goes on getting 200 and 304",
        .enabled(if: openFiles >= 15_000, "needs a limit of 15,000 open files: ulimit -n 15000"))
    func manyConnections() async throws {
        let relay = try await Relay.ofFile()
        // The system completes a connection only while there is room in the server's backlog, so that all but 1,024 of
        // these have been accepted when the loop ends.
        let port = relay.port
        let sockets = try await blocking { try (0..<10_000).map { _ in try Self.openConnection(port) } }
        defer { for socket in sockets { close(socket) } }
        for _ in 0..<10 {
            let full = try await relay.get(Self.configPath)
            #expect(full.status == 200 && full.body.utf8.count > 144_000)
            #expect(try await relay.get(Self.configPath, eTag: full.eTag).status == 304)
        }
        try await relay.expectEnd(within: 180)
    }

    @Test("no client that reads nothing, or sends a byte now and then, keeps the relay from ending")
    func shutdownWithSlowClients() async throws {
        let relay = try await Relay.ofFile()
        let request = "GET \(Self.configPath) HTTP/1.1\r\nHost: localhost\r\n\r\n"
        let stream = "GET /sse/shop/eval-all HTTP/1.1\r\nHost: localhost\r\n\r\n"
        var clients: [RawClient] = []
        for _ in 0..<5 {
            clients.append(
                try await RawClient(
                    port: relay.port, sending: String(repeating: request, count: 100), isReading: false))
            clients.append(try await RawClient(port: relay.port, sending: stream, isReading: false))
            clients.append(try await RawClient(port: relay.port, sending: "POST /api/shop/ev"))
        }
        let trickling = try await RawClient(
            port: relay.port,
            sending: "POST /api/shop/eval HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n{")
        let trickle = Task {
            while !Task.isCancelled {
                try await trickling.send(" ")
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        defer { trickle.cancel() }
        #expect(try await relay.get("/livez").status == 200)
        try await relay.expectEnd(within: 20)
        #expect(clients.count == 15)
    }

    @Test("a CDN that does not answer keeps the relay from ending neither at the start nor during refreshes")
    func shutdownWithoutCDN() async throws {
        let cdn = try await TestCDN(.stall)
        let relay = try await Relay(["--sdk-key", "main=\(newSDKKey())", "--base-url", cdn.url])
        let refresh = "POST /api/main/refresh HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
        let first = try await RawClient(port: relay.port, sending: refresh)
        let second = try await RawClient(port: relay.port, sending: refresh)
        await eventually("the download is waited for") { !cdn.requests.isEmpty }
        #expect(try await relay.get("/readyz").status == 503)
        // A download alone would take longer.
        try await relay.expectEnd(within: 20)
        #expect(!first.received.contains(" 200 ") && !second.received.contains(" 200 "))
    }

    @Test("SIGTERM ends a relay with 1,000 streams of events")
    func shutdownWithStreams() async throws {
        let relay = try await Relay.ofFile()
        let data = base64(#"{"key":"flag"}"#)
        var clients: [RawClient] = []
        for _ in 0..<1_000 {
            clients.append(
                try await RawClient(
                    port: relay.port, sending: "GET /sse/shop/eval/\(data) HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        }
        await eventually("all have the answer") { clients.allSatisfy { $0.received.contains("\"value\":true") } }
        try await relay.expectEnd(within: 20)
        await eventually("all have ended") { clients.allSatisfy { $0.isClosed } }
    }

    @Test(
        "a relay serves what it has while Redis is killed, and shares again when it is back",
        .enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.whySkipped)))
    func redisRestart() async throws {
        let redis = try await RedisServer()
        let cdn = try await TestCDN(TestConfig.answer(1))
        let relay = try await Relay([
            "--sdk-key", "main=\(newSDKKey())", "--base-url", cdn.url, "--cache", redis.url, "--poll-interval", "1",
        ])
        func serves(_ number: Int) async throws -> Bool {
            let data = base64(#"{"key":"number"}"#)
            let client = try await RawClient(
                port: relay.port, sending: "GET /sse/main/eval/\(data) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await eventually("an answer arrives") {
                client.received.contains("\n\n") || client.received.contains(" 503 ")
            }
            try await client.close()
            return client.received.contains("\"value\":\(number),")
        }
        await eventually("the first config is served") { try await serves(1) }
        try await redis.stop()
        for _ in 0..<10 { #expect(try await serves(1)) }
        cdn.set(TestConfig.answer(2))
        await eventually("a change is served without Redis") { try await serves(2) }
        try await redis.start()
        cdn.set(TestConfig.answer(3))
        await eventually("a change is served with Redis") { try await serves(3) }
        await eventually("the cache works") {
            try await relay.get("/status").body.contains("\"isWorking\":true")
        }
        redis.pause()
        try await relay.expectEnd(within: 20)
        redis.resume()
    }

    @Test("SIGHUP with an invalid file changes nothing, and says so; the next one is followed")
    func invalidReload() async throws {
        try await withFolder { folder in
            let config = folder.appending(path: "flags.json")
            try Data(RelayConfig.json().utf8).write(to: config)
            let settings = folder.appending(path: "settings.json")
            func write(_ json: String) throws { try Data(json.utf8).write(to: settings, options: .atomic) }
            try write(#"{"config": ["one=\#(config.path)", "two=\#(config.path)"]}"#)
            let relay = try await Relay(["--settings", settings.path])
            for (number, invalid) in ["{", #"{"confg": []}"#, #"{"config": []}"#, #"{"sdkKey": ["x=short"]}"#]
                .enumerated()
            {
                try write(invalid)
                relay.process.signal(SIGHUP)
                await eventually("the error is printed") {
                    relay.process.errors.components(separatedBy: "stay in force").count == number + 2
                }
                #expect(try await relay.get("/api/two/keys").status == 200)
            }
            try write(#"{"config": ["one=\#(config.path)"]}"#)
            relay.process.signal(SIGHUP)
            await eventually("the config is removed") { try await relay.get("/api/two/keys").status == 404 }
            #expect(try await relay.get("/api/one/keys").status == 200)
            try await relay.expectEnd(within: 20)
        }
    }
}
