import AsyncHTTPClient
import ConfigCatEvaluation
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

/// Each response that a CDN can give, over a real socket.
@Suite("Fetching", .cleanup)
struct FetchingIntegrationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var answer: TestCDN.Answer
        var event: Int
        var code: RefreshErrorCode

        var testDescription: String { name }
    }

    static let bodyLimit = 4 << 20

    static let faults: [Case] = [
        Case(name: "403", answer: .response(status: 403), event: 1100, code: .invalidSdkKey),
        Case(name: "404", answer: .response(status: 404), event: 1100, code: .invalidSdkKey),
        Case(name: "500", answer: .response(status: 500), event: 1101, code: .unexpectedHttpResponse),
        Case(
            name: "503 with a body", answer: .response(status: 503, body: Array("busy".utf8)), event: 1101,
            code: .unexpectedHttpResponse),
        Case(name: "204", answer: .response(status: 204), event: 1101, code: .unexpectedHttpResponse),
        Case(name: "an empty body", answer: .response(status: 200), event: 1105, code: .invalidHttpResponseContent),
        Case(
            name: "HTML", answer: .response(status: 200, body: Array("<html></html>".utf8)), event: 1105,
            code: .invalidHttpResponseContent),
        Case(
            name: "JSON that is not a config", answer: .response(status: 200, body: Array("[]".utf8)), event: 1105,
            code: .invalidHttpResponseContent),
        Case(
            name: "a truncated body", answer: .truncated(body: Array(#"{"f":{"#.utf8), length: 1000), event: 1103,
            code: .httpRequestFailure),
        Case(
            name: "wrong gzip",
            answer: .response(status: 200, headers: ["Content-Encoding": "gzip"], body: Array("no gzip".utf8)),
            event: 1105,
            code: .invalidHttpResponseContent),
        Case(
            name: "a body over the limit",
            answer: .response(status: 200, body: Array(repeating: UInt8(ascii: " "), count: bodyLimit + 1)),
            event: 1105,
            code: .invalidHttpResponseContent),
        Case(
            name: "a decompression bomb",
            answer: .response(status: 200, headers: ["Content-Encoding": "gzip"], body: Gzip.bomb(megabytes: 64)),
            event: 1105,
            code: .invalidHttpResponseContent),
        Case(name: "a stalled connection", answer: .stall, event: 1102, code: .httpRequestTimeout),
        Case(name: "a dropped connection", answer: .drop, event: 1103, code: .httpRequestFailure),
    ]

    private func client(
        _ cdn: TestCDN?, _ recorder: LogRecorder, _ configure: (inout ConfigCatOptions) -> Void = { _ in }
    ) throws -> ConfigCatClient {
        try makeClient(cdn, recorder: recorder) { options in
            // These times are long enough for a slow machine under a sanitizer.
            options.http.readTimeout = .seconds(60)
            options.http.connectTimeout = .seconds(60)
            options.http.bodyLimit = Self.bodyLimit
            configure(&options)
        }
    }

    @Test("each fault has its event and error code, and the config stays", arguments: faults)
    func fault(_ test: Case) async throws {
        let recorder = LogRecorder()
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try client(cdn, recorder) { options in
            if test.code == .httpRequestTimeout { options.http.readTimeout = .seconds(3) }
        }
        #expect(await client.forceRefresh().success)
        cdn.set(test.answer)
        let result = await client.forceRefresh()
        #expect(!result.success && result.errorCode == test.code, "\(result.error ?? "")")
        #expect(recorder.ids == [test.event])
        #expect(recorder.messages.allSatisfy { !$0.contains(testKey) })
        #expect(await client.getValue(for: "number", defaultValue: 0) == 1)
        cdn.set(TestConfig.answer(2))
        #expect(await client.forceRefresh().success)
        #expect(await client.getValue(for: "number", defaultValue: 0) == 2)
        client.close()
    }

    @Test(
        "the ETag is sent back as received, weak or not, and the headers name the SDK",
        arguments: ["\"1\"", "W/\"1\""])
    func notModified(_ eTag: String) async throws {
        let recorder = LogRecorder()
        let cdn = try await TestCDN(.config(TestConfig.json(1), eTag: eTag))
        let client = try client(cdn, recorder)
        #expect(await client.forceRefresh().success)
        let first = client.snapshot().fetchTime
        try await Task.sleep(for: .milliseconds(5))
        #expect(await client.forceRefresh().success)
        #expect(client.snapshot().fetchTime > first)
        let requests = cdn.requests
        let path = "/configuration-files/\(testKey)/config_v6.json"
        try #require(requests.map(\.path) == [path, path])
        #expect(requests[0].headers.first(name: "If-None-Match") == nil)
        #expect(requests[1].headers.first(name: "If-None-Match") == eTag)
        #expect(
            requests[0].headers.first(name: "X-ConfigCat-UserAgent") == "ConfigCat-Swift-Server/m-\(SDKVersion.current)"
        )
        #expect(requests[0].headers.first(name: "User-Agent") == "ConfigCat-Swift-Server/m-\(SDKVersion.current)")
        #expect(requests[0].headers.first(name: "Accept-Encoding")?.contains("gzip") == true)
        #expect(recorder.ids == [])
        client.close()
    }

    @Test("gzip is decompressed; without an ETag, the content decides whether the config has changed")
    func gzip() async throws {
        let cdn = try await TestCDN(
            .response(
                status: 200, headers: ["Content-Encoding": "gzip"], body: Gzip.stored(Array(TestConfig.json(7).utf8))))
        let changes = Counter()
        let client = try client(cdn, LogRecorder()) { $0.hooks.addOnConfigChanged { (_: Config) in changes.add() } }
        #expect(await client.forceRefresh().success)
        #expect(await client.getValue(for: "number", defaultValue: 0) == 7)
        #expect(await client.forceRefresh().success)
        cdn.set(.response(status: 200, body: Array(TestConfig.json(8).utf8)))
        #expect(await client.forceRefresh().success)
        await eventually("handlers are called for two changes") { changes.value == 2 }
        #expect(changes.value == 2)
        client.close()
    }

    @Test("a missing server, an unknown host, and TLS with an unknown authority are connection failures")
    func connections() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let port = cdn.port
        await cdn.stop()
        for url in ["http://127.0.0.1:\(port)", "http://no-such-host.invalid"] {
            let recorder = LogRecorder()
            let client = try client(nil, recorder) { $0.baseUrl = url }
            let result = await client.forceRefresh()
            #expect(result.errorCode == .httpRequestFailure, "\(result.error ?? "")")
            #expect(recorder.ids == [1103])
            client.close()
        }
    }

    @Test("TLS certificates are verified; an additional authority can be trusted")
    func tls() async throws {
        let certificate = try await TestCertificate.make()
        defer { certificate.remove() }
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.certificatePath).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.keyPath, format: .pem)))
        let cdn = try await TestCDN(TestConfig.answer(1), tls: try NIOSSLContext(configuration: configuration))
        let url = "https://localhost:\(cdn.port)"

        let recorder = LogRecorder()
        let stranger = try client(nil, recorder) { $0.baseUrl = url }
        #expect(await stranger.forceRefresh().errorCode == .httpRequestFailure)
        #expect(recorder.ids == [1103])
        stranger.close()

        let friend = try client(nil, LogRecorder()) { options in
            options.baseUrl = url
            options.http.caCertificateFile = certificate.certificatePath
        }
        let result = await friend.forceRefresh()
        #expect(result.success, "\(result.error ?? "")")
        friend.close()
        await cdn.stop()
        #expect(throws: ConfigCatError.self) {
            try client(nil, LogRecorder()) { $0.http.caCertificateFile = "/nowhere.pem" }
        }
    }

    @Test("requests go through a proxy, with credentials that appear in no log")
    func proxy() async throws {
        let recorder = LogRecorder()
        let proxy = try await TestCDN(TestConfig.answer(3))
        let client = try client(nil, recorder) { options in
            options.baseUrl = "http://cdn.example.invalid"
            options.http.proxy = ProxyOptions(host: "127.0.0.1", port: proxy.port, username: "user", password: "geheim")
        }
        #expect(await client.forceRefresh().success)
        #expect(
            proxy.requests.map(\.path) == ["cdn.example.invalid:80", "/configuration-files/\(testKey)/config_v6.json"])
        let credentials = Data("user:geheim".utf8).base64EncodedString()
        #expect(proxy.requests.first?.headers.first(name: "Proxy-Authorization") == "Basic \(credentials)")
        client.close()
        proxy.set(.response(status: 407))
        let refused = try self.client(nil, recorder) { options in
            options.baseUrl = "http://cdn.example.invalid"
            options.http.proxy = ProxyOptions(host: "127.0.0.1", port: proxy.port, username: "user", password: "geheim")
        }
        #expect(await refused.forceRefresh().errorCode == .httpRequestFailure)
        refused.close()
        #expect(recorder.messages.allSatisfy { !$0.contains("geheim") && !$0.contains(credentials) })
    }

    @Test("an HTTP client from the options is used, and not shut down")
    func givenClient() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let http = HTTPClient(eventLoopGroupProvider: .singleton)
        let client = try client(cdn, LogRecorder()) { $0.http.client = http }
        #expect(await client.forceRefresh().success)
        client.close()
        let response = try await http.get(url: cdn.url + "/x").get()
        #expect(response.status == .ok)
        try await http.shutdown()
    }

    // MARK: - Data governance

    @Test("the redirect mode and the base URL decide whether a redirect is followed")
    func redirects() {
        func decisions(custom: String?, _ url: String?, _ mode: RedirectMode) -> (DataGovernanceRoute.Decision, String)
        {
            var route = DataGovernanceRoute(custom: custom, dataGovernance: .global)
            let decision = route.follow(url: url, mode: mode)
            return (decision, route.baseURL)
        }
        let global = "https://cdn-global.configcat.com"
        let eu = "https://cdn-eu.configcat.com"
        #expect(decisions(custom: nil, nil, .force) == (.done, global))
        #expect(decisions(custom: nil, global, .force) == (.done, global))
        #expect(decisions(custom: nil, eu, .none) == (.done, eu))
        #expect(decisions(custom: nil, eu, .should) == (.fetchAgainAndWarn, eu))
        #expect(decisions(custom: nil, eu, .force) == (.fetchAgain, eu))
        #expect(decisions(custom: "http://own/", eu, .none) == (.done, "http://own"))
        #expect(decisions(custom: "http://own//", eu, .should) == (.done, "http://own"))
        #expect(decisions(custom: "http://own", eu, .force) == (.fetchAgain, eu))
    }

    @Test("a forced redirect is followed, and a redirect loop ends after three requests")
    func redirectLoop() async throws {
        let recorder = LogRecorder()
        let (first, second) = (try await TestCDN(.drop), try await TestCDN(.drop))
        func answer(_ value: Int, _ cdn: TestCDN) -> TestCDN.Answer {
            .config(TestConfig.json(value, preferences: #"{"u":"\#(cdn.url)","r":2}"#), eTag: "\"\(value)\"")
        }
        first.set(answer(1, second))
        second.set(answer(2, second))
        let client = try client(first, recorder)
        #expect(await client.forceRefresh().success)
        #expect(await client.getValue(for: "number", defaultValue: 0) == 2)
        #expect((first.requests.count, second.requests.count) == (1, 1))
        #expect(await client.forceRefresh().success)
        #expect((first.requests.count, second.requests.count) == (1, 2))
        #expect(recorder.ids == [])

        second.set(answer(3, first))
        #expect(await client.forceRefresh().success)
        #expect((first.requests.count, second.requests.count) == (2, 4))
        #expect(recorder.ids == [1104])
        #expect(await client.getValue(for: "number", defaultValue: 0) == 3)
        client.close()
        await first.stop()
        await second.stop()
    }
}

/// A counter for handlers.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    var value: Int { count.load(ordering: .sequentiallyConsistent) }
    func add() { count.add(1, ordering: .sequentiallyConsistent) }
}

/// A self-signed certificate for localhost, created with the openssl tool.
struct TestCertificate {
    let folder: URL
    var certificatePath: String { folder.appending(path: "cert.pem").path }
    var keyPath: String { folder.appending(path: "key.pem").path }

    static func make() async throws -> TestCertificate {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let certificate = TestCertificate(folder: folder)
        let process = try ChildProcess(
            tool: "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", certificate.keyPath,
                "-out", certificate.certificatePath,
            ])
        try await process.ended()
        return certificate
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }
}
