import AsyncHTTPClient
import ConfigCatEvaluation
import ConfigCatTestSupport
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import ConfigCatServing

@Suite("configcatctl serve in adverse conditions", .cleanup)
struct ServingAdversityIntegrationTests {
    private static let json = #"{"flags":{"main":true,"text":"a"}}"#
    private let overrides = "/api/dev/configs/flags/overrides"

    @Test("a reload does not open a server to the network that other hosts can reach", arguments: [true, false])
    func unprotectedReload(isRelay: Bool) async throws {
        let server = try await TestServer(json: Self.json) { options in
            options.host = "0.0.0.0"
            options.token = "a token of the tests"
        }
        var new = server.server.options
        new.token = nil
        if isRelay { new.isRelay = true } else { new.host = "127.0.0.1" }
        await #expect(throws: DeclarationError.self) { _ = try await server.server.reload(new) }
        #expect(try await server.send(.GET, "/api/dev/configs").status == 401)
    }

    @Test("a new token is in force at once, also while an upstream does not answer")
    func tokenBeforeRefresh() async throws {
        // Accepts connections, and never responds.
        let silent = try await ScriptedServer()
        defer { withExtendedLifetime(silent) {} }
        let server = try await TestServer { options in
            options.configs = [try ConfigDeclaration(sdkKey: "web=" + testKey)]
            options.baseURL = "http://\(silent.host)"
            options.token = "an old token of the tests"
        }
        var new = server.server.options
        new.token = "a new token of the tests"
        let isReloaded = Mutex(false)
        let reload = Task { [new] in
            _ = try await server.server.reload(new)
            isReloaded.withLock { $0 = true }
        }
        await eventually("the new token is in force") {
            try await server.send(
                .GET, "/api/dev/configs", headers: ["Authorization": "Bearer a new token of the tests"]
            ).status == 200
        }
        #expect(!isReloaded.withLock { $0 })
        await server.stop()
        reload.cancel()
        _ = await reload.result
    }

    @Test("a reload with a file that cannot be read changes nothing; one with a good file serves it")
    func reloadedFiles() async throws {
        let server = try await TestServer(json: Self.json)
        var new = server.server.options
        new.configs = [try ConfigDeclaration(file: "flags=/nowhere/flags.json")]
        await #expect(throws: DeclarationError.self) { _ = try await server.server.reload(new) }
        #expect(try await server.send(.GET, configPath()).status == 200)
        try await withFolder { folder in
            let file = folder.appending(path: "other.json")
            try Data(#"{"flags":{"other":1}}"#.utf8).write(to: file)
            new.configs = [try ConfigDeclaration(file: "flags=\(file.path)")]
            #expect(try await server.server.reload(new).isEmpty)
            #expect(try await server.send(.GET, configPath()).text.contains("other"))
        }
    }

    @Test("a key that is asked for many times is answered once, and unknown keys do not list all others")
    func repeatedKeys() async throws {
        let server = try await TestServer(json: Self.json)
        let keys = Array(repeating: #""text""#, count: 100_000).joined(separator: ",")
        let response = try await server.send(
            .POST, "/api/dev/configs/flags/evaluate", headers: ["Content-Type": "application/json"],
            body: #"{"keys":[\#(keys),"gone"]}"#)
        #expect(response.status == 200)
        let values = try JSONValue(response.body)["values"]?.array ?? []
        #expect(values.map { $0["key"]?.text } == ["text", "gone"])
        #expect(values.last?["error"]?.text == "the config has no setting 'gone'")
    }

    @Test("an export that is longer than other bodies may be can be imported")
    func longImport() async throws {
        let server = try await TestServer(json: Self.json)
        let text = String(repeating: "x", count: 60_000)
        var set = OverrideSet()
        for user in 0..<30 {
            let override = try Override(key: "text", user: "\(user)", value: .string(text), updated: Date())
            set[override.id] = override
        }
        try await server.config.change(.merge(Array(set), replacing: true), in: server.server.overrides)
        let exported = try await server.send(.GET, "/api/dev/configs/flags/export").text
        #expect(try await server.send(.DELETE, overrides).status == 204)
        let response = try await server.send(
            .POST, "/api/dev/configs/flags/import", headers: ["Content-Type": "application/json"], body: exported)
        #expect(response.status == 200)
        #expect(try server.config.overrides.map(\.value) == set.map(\.value))
    }

    @Test("gzip that is refused by name is not used because of *", arguments: ["gzip;q=0, *", "*, gzip;q=0.0"])
    func refusedGzip(_ accepted: String) async throws {
        let json = #"{"flags":{"text":"\#(String(repeating: "x", count: 2_000))"}}"#
        let server = try await TestServer(json: json)
        let refused = try await server.send(.GET, configPath(), headers: ["Accept-Encoding": accepted])
        #expect(refused.headers.first(name: "content-encoding") == nil)
        let other = try await server.send(.GET, configPath(), headers: ["Accept-Encoding": "br, *;q=0.5"])
        #expect(other.headers.first(name: "content-encoding") == "gzip")
    }

    @Test("members that occur twice, escaped names and deep nesting refer nobody elsewhere, and are served")
    func oddDocuments() async throws {
        let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        let json = #"""
            {"p":{"u":"https://a.example","r":2},"\u0070":{"u":"https://b.example","\u0075":"https://c.example","r":1,"r":2,
            "s":"salt"},"x":\#(deep),"f":{"main":{"t":0,"v":{"b":true}},"int":{"t":2,"v":{"i":1E2}}}}
            """#
        let server = try await TestServer(json: json)
        let body = try await server.send(.GET, configPath()).text
        let config = try Config(json: body)
        #expect(!body.contains("b.example") && !body.contains("c.example"))
        #expect(config.baseURL == nil && config.redirectMode == .none)
        #expect(config["int"]?.value == .int(100))
    }

    @Test("sessions last while the token stays the same")
    func sameToken() {
        let access = AccessControl(token: "a token of the tests")
        let cookie = access.token?.cookie
        access.replace(with: "a token of the tests")
        #expect(access.token?.cookie == cookie)
        access.replace(with: "another token of the tests")
        #expect(access.token?.cookie != cookie)
    }

    @Test("a webhook's key may not be empty, and a name that begins like a loopback address is none")
    func options() throws {
        #expect(throws: DeclarationError.self) {
            try FlagServerOptions(
                arguments: [.config: ["web=flags.json"], .webhookKey: ["web="]], settingsPath: nil, environment: [:])
        }
        #expect(throws: DeclarationError.self) {
            try FlagServerOptions(
                arguments: [.config: ["flags.json"], .host: ["127.a.example.com"]], settingsPath: nil, environment: [:])
        }
    }

    // MARK: - Processes

    private func withFile(_ body: (String) async throws -> Void) async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "flags.json")
            try Data(Self.json.utf8).write(to: file)
            try await body(file.path)
        }
    }

    @Test("without a home, overrides are in memory; a file that becomes invalid is reported on the console")
    func console() async throws {
        try await withFile { path in
            let process = try ChildProcess(
                Tools.built("configcatctl"), ["serve", "--config", path, "--port", "0"],
                environment: ["HOME": "", "XDG_STATE_HOME": ""])
            _ = try await process.line(1)
            #expect(process.errors.contains("Overrides are kept in memory only"))
            try Data("{".utf8).write(to: URL(filePath: path))
            await eventually("the problem is reported") {
                process.errors.contains("The last valid config stays in use")
            }
            process.signal(SIGTERM)
            #expect(try await process.ended() == 0)
        }
    }

    @Test("a client that sends its request slowly does not keep the server from ending")
    func slowSender() async throws {
        try await withFile { path in
            let process = try ChildProcess(
                Tools.built("configcatctl"), ["serve", "--config", path, "--port", "0", "--ephemeral"])
            let banner = try #require(try await process.line(1))
            let url = try #require(banner.split(separator: " ").map(String.init).first { $0.hasPrefix("http") })
            let sent = Counter()
            let body = SlowBody { sent.value.add(1, ordering: .relaxed) }
            let target = url + overrides + "/main"
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    var request = HTTPClientRequest(url: target)
                    request.method = .PUT
                    request.headers = ["Content-Type": "application/json"]
                    request.body = .stream(body, length: .known(Int64(1_000_000)))
                    _ = try? await HTTPClient.shared.execute(request, timeout: .seconds(600))
                }
                await eventually("the request is under way") { sent.value.load(ordering: .relaxed) > 3 }
                process.signal(SIGTERM)
                let code = try await process.ended()
                #expect(code == 0)
                group.cancelAll()
            }
        }
    }

    private final class Counter: Sendable {
        let value = Atomic(0)
    }

    /// A space every 100 ms, without end.
    private struct SlowBody: AsyncSequence, Sendable {
        let onSend: @Sendable () -> Void

        func makeAsyncIterator() -> Iterator { Iterator(onSend: onSend) }

        struct Iterator: AsyncIteratorProtocol {
            let onSend: @Sendable () -> Void

            mutating func next() async throws -> ByteBuffer? {
                try await Task.sleep(for: .milliseconds(100))
                onSend()
                return ByteBuffer(string: " ")
            }
        }
    }

    @Test("configcatctl override shows no token, and does not trap on a port that cannot be")
    func overrideCommand() async throws {
        let list = ["override", "list", "--server"]
        let secret = try ChildProcess(
            Tools.built("configcatctl"), list + ["http://127.0.0.1:1"],
            environment: ["CONFIGCAT_TOKEN": "a secret of the tests\n"])
        #expect(try await secret.ended() == 1)
        #expect(!secret.errors.contains("secret of the tests") && secret.errors.contains("the token has characters"))
        for url in ["http://127.0.0.1:99999", "http://[::1]:99999/", "http://127.0.0.1:-1"] {
            let process = try ChildProcess(Tools.built("configcatctl"), list + [url])
            #expect(try await process.ended() == 1)
            #expect(process.errors.contains("the port is invalid"))
        }
    }
}
