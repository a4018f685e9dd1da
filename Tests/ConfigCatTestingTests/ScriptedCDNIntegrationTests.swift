import ConfigCat
import ConfigCatTestSupport
import ConfigCatTesting
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("Scripted CDN", .cleanup)
struct ScriptedCDNIntegrationTests {
    private func cdn(_ responses: ScriptedCDN.Response...) async throws -> ScriptedCDN {
        let cdn = try await ScriptedCDN(responses, tls: nil)
        Cleanup.add { await cdn.shutdown() }
        return cdn
    }

    private func client(
        _ cdn: ScriptedCDN, _ configure: (inout ConfigCatOptions) -> Void = { _ in }
    ) throws -> ConfigCatClient {
        try makeClient(nil) { options in
            options.baseUrl = cdn.url
            configure(&options)
        }
    }

    private let json = TestFlagValues(.limit, 5).json

    @Test("responses are sent in order, and the last one is repeated")
    func order() async throws {
        let cdn = try await cdn(.response(status: 503), .config(json), .response(status: 500))
        let client = try client(cdn)
        #expect(await client.forceRefresh().errorCode == .unexpectedHttpResponse)
        #expect(await client.forceRefresh().success)
        #expect(await client.value(of: .limit) == 5)
        for _ in 0..<2 { #expect(await !client.forceRefresh().success) }
        #expect(cdn.requests.count == 4)
        cdn.respond(with: .config(TestFlagValues(.limit, 6).json))
        #expect(await client.forceRefresh().success)
        #expect(await client.value(of: .limit) == 6)
        cdn.respond()
        #expect(await client.forceRefresh().errorCode == .invalidSdkKey, "without a script, the status is 404")
    }

    @Test("a request that names the ETag of the config is answered with status 304")
    func notModified() async throws {
        let cdn = try await cdn(.config(json))
        let client = try client(cdn)
        for _ in 0..<2 { #expect(await client.forceRefresh().success) }
        #expect(cdn.requests.map { $0.header("if-none-match") == nil } == [true, false])
        #expect(cdn.requests.allSatisfy { $0.method == "GET" && $0.path.hasSuffix("/config_v6.json") })
        var request = URLRequest(url: try #require(URL(string: cdn.url)))
        request.setValue(cdn.requests.last?.header("If-None-Match"), forHTTPHeaderField: "If-None-Match")
        let (data, response) = try await URLSession.shared.data(for: request)
        #expect((response as? HTTPURLResponse)?.statusCode == 304 && data.isEmpty)
        cdn.respond(with: .config(TestFlagValues(.limit, 7).json))
        #expect(await client.forceRefresh().success)
        #expect(await client.value(of: .limit) == 7, "another config has another ETag")
    }

    @Test("a dropped connection and a body that ends early are errors of the client, and the config stays")
    func faults() async throws {
        let cdn = try await cdn(.config(json), .drop, .truncated(body: Array("{".utf8), length: 0))
        let client = try client(cdn)
        #expect(await client.forceRefresh().success)
        for _ in 0..<2 { #expect(await client.forceRefresh().errorCode == .httpRequestFailure) }
        #expect(await client.value(of: .limit) == 5)
    }

    @Test("in an outage, open connections end and new ones fail; afterwards the script goes on")
    func outage() async throws {
        let cdn = try await cdn(.config(json), .config(TestFlagValues(.limit, 6).json))
        let client = try client(cdn)
        #expect(await client.forceRefresh().success)
        cdn.startOutage()
        for _ in 0..<3 { #expect(await !client.forceRefresh().success) }
        cdn.endOutage()
        #expect(await client.forceRefresh().success)
        #expect(await client.value(of: .limit) == 6)
    }

    @Test("an outage ends a request that is stalled")
    func stalledOutage() async throws {
        let cdn = try await cdn(.stall)
        let client = try client(cdn)
        async let result = client.forceRefresh()
        try await cdn.waitForRequests(1)
        cdn.startOutage()
        #expect(await result.errorCode == .httpRequestFailure)
    }

    @Test("a delayed response arrives after the delay; a delay out of range becomes the nearest in range")
    func delay() async throws {
        let cdn = try await cdn(
            .config(json).delayed(by: .milliseconds(200)), .config(json).delayed(by: .seconds(-1)))
        let client = try client(cdn)
        let start = ContinuousClock.now
        #expect(await client.forceRefresh().success)
        #expect(ContinuousClock.now - start >= .milliseconds(200))
        #expect(await client.forceRefresh().success)
        cdn.respond(with: .config(json).delayed(by: .seconds(Int64.max)))
        async let result = client.forceRefresh()
        try await cdn.waitForRequests(3)
        await cdn.shutdown()
        #expect(await !result.success)
    }

    @Test("a shutdown ends connections and waits; a second one does nothing; the port is free afterwards")
    func shutdown() async throws {
        let cdn = try await cdn(.stall)
        let client = try client(cdn)
        async let result = client.forceRefresh()
        try await cdn.waitForRequests(1)
        let waiting = Task { try await cdn.waitForRequests(2) }
        await cdn.shutdown()
        await cdn.shutdown()
        #expect(await !result.success)
        await #expect(throws: CancellationError.self) { try await waiting.value }
        await #expect(throws: CancellationError.self) { try await cdn.waitForRequests(2) }
        try await cdn.waitForRequests(1)
        #expect(await client.forceRefresh().errorCode == .httpRequestFailure)
    }

    @Test("a cancelled wait for requests ends")
    func cancelledWait() async throws {
        let cdn = try await cdn(.stall)
        let waiting = Task { try await cdn.waitForRequests(1) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        try await cdn.waitForRequests(0)
    }

    @Test("a CDN that is released closes its port")
    func release() async throws {
        var cdn: ScriptedCDN? = try await ScriptedCDN(.config(json))
        let url = try #require(cdn?.url)
        let client = try makeClient(nil) { $0.baseUrl = url }
        #expect(await client.forceRefresh().success)
        cdn = nil
        await eventually("the client cannot connect") { await !client.forceRefresh().success }
    }

    @Test("many clients are served at once")
    func manyClients() async throws {
        let cdn = try await cdn(.config(json))
        let clients = try (0..<30).map { _ in try client(cdn) }
        await withTaskGroup(of: Bool.self) { group in
            for client in clients { group.addTask { await client.forceRefresh().success } }
            for await isSuccess in group { #expect(isSuccess) }
        }
        #expect(cdn.requests.count == 30)
    }
}

extension TestFlagValues {
    fileprivate init(_ flag: FeatureFlag<Int>, _ value: Int) {
        self.init()
        self[flag] = value
    }
}
