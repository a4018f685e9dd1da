import ConfigCatCache
import ConfigCatFileCache
import ConfigCatRedisCache
import ConfigCatSQLiteCache
import Foundation
import ConfigCatTestSupport
import Testing

/// Processes that evaluate once and end: cron jobs, command lines, functions.
@Suite("Short-lived processes")
struct ShortLivedProcessIntegrationTests {
    private static let runs = 50
    private static let config = #"{"f":{"enabled":{"t":0,"v":{"b":true}}}}"#

    @Test(
        "each process leaves its download in the cache, and neither a lease nor a temporary file",
        arguments: ["file", "sqlite", "redis"], [false, true])
    func evaluate(_ kind: String, isTerminated: Bool) async throws {
        if kind == "redis", !RedisServer.isAvailable { return }
        let cdn = try await ServedConfig(Self.config)
        try await withFolder { folder in
            let server = kind == "redis" ? try await RedisServer() : nil
            let url =
                switch kind {
                case "file": "file://\(folder.path)"
                case "sqlite": "sqlite://\(folder.path)/cache.db"
                default: server?.url ?? ""
                }
            let cache: any LeasingConfigCache =
                switch kind {
                case "file": try .file(directory: folder.path)
                case "sqlite": try .sqlite(path: folder.path + "/cache.db")
                default: try .redis(url)
                }
            for run in 0..<Self.runs {
                let number = String(run + 1000)
                let sdkKey = "configcat-sdk-1/SHORT_LIVED_PROCE-\(number)/\(number)567890123456789012"
                let process = try ChildProcess(
                    Tools.built("configcatctl"),
                    ["evaluate", "enabled", "--sdk-key", sdkKey, "--base-url", cdn.url, "--cache", url])
                if isTerminated {
                    while process.isRunning, process.output.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
                    process.signal(SIGTERM)
                }
                while process.isRunning { try await Task.sleep(for: .milliseconds(2)) }
                #expect(process.output == "true\n")
                let key = CacheKey.key(forSDKKey: sdkKey)
                #expect(try await cache.read(for: key)?.hasSuffix(Self.config) == true)
                #expect(
                    try await cache.acquireLease(for: key, token: "other", duration: .milliseconds(5000)) == .granted)
            }
            let leftOver = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
                $0.hasPrefix(".tmp-")
            }
            #expect(leftOver.isEmpty)
            await (cache as? any ClosableConfigCache)?.close()
            try await server?.stop()
        }
    }

    @Test("SIGTERM during the download ends the process with the signal's exit code")
    func terminatedEarly() async throws {
        let sdkKey = "configcat-sdk-1/SHORT_LIVED_PROCE-0000/0000567890123456789012"
        // On a busy machine, the request may time out before the signal is sent.
        for _ in 0..<5 {
            let silent = try SilentServer()
            let process = try ChildProcess(
                Tools.built("configcatctl"), ["evaluate", "enabled", "--sdk-key", sdkKey, "--base-url", silent.url])
            await eventually("the process sends a request") { silent.hasConnection() }
            let wasRunning = process.isRunning
            process.signal(SIGTERM)
            let code = try await process.ended()
            guard wasRunning, code != 1 else { continue }
            #expect(code == 128 + SIGTERM)
            return
        }
        Issue.record("no process was running when its signal was sent")
    }

    /// A server that accepts connections and never responds.
    private final class SilentServer {
        private let listener: Int32
        let url: String

        init() throws {
            let port = freePort()
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            listener = descriptor
            guard result == 0, listen(descriptor, 8) == 0 else { throw POSIXError(.EADDRINUSE) }
            url = "http://127.0.0.1:\(port)"
        }

        deinit { close(listener) }

        func hasConnection() -> Bool {
            var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            return poll(&waiting, 1, 0) > 0
        }
    }
}
