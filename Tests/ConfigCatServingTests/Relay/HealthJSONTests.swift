import ConfigCatEvaluation
import ConfigCatTestSupport
import Foundation
import Testing

@testable import ConfigCat
@testable import ConfigCatServing

@Suite("Status as JSON", .cleanup)
struct HealthJSONTests {
    private static func entry(version: Int = 1, problem: String? = nil, health: ClientHealth? = nil) -> HealthJSON.Entry
    {
        HealthJSON.Entry(
            id: "main", source: health == nil ? "file" : "sdk", eTag: version == 0 ? nil : "\"1\"", version: version,
            problem: problem, health: health)
    }

    private static func health(failures: Int = 0, isClosed: Bool = false, readError: String? = nil) -> ClientHealth {
        ClientHealth(
            isReady: true, isOffline: false, isClosed: isClosed, isForked: false, isLocalOnly: false,
            configAge: .milliseconds(1500), lastSync: ClientHealth.Sync(source: .cdn, age: .seconds(2)),
            consecutiveFailures: failures,
            lastFailure: failures == 0
                ? nil : ClientHealth.Failure(code: .httpRequestTimeout, message: "no \"answer\"", age: .seconds(3)),
            cache: CacheHealth(readError: readError, writeError: nil, subscription: .active))
    }

    @Test("a config is healthy, initializing, degraded or down")
    func statuses() {
        #expect(Self.entry().status == .healthy)
        #expect(Self.entry(health: Self.health()).status == .healthy)
        #expect(Self.entry(version: 0).status == .initializing)
        #expect(Self.entry(version: 0, health: Self.health(failures: 1)).status == .down)
        #expect(Self.entry(version: 0, problem: "x").status == .down)
        #expect(Self.entry(problem: "x").status == .degraded)
        #expect(Self.entry(health: Self.health(failures: 2)).status == .degraded)
        #expect(Self.entry(health: Self.health(isClosed: true)).status == .degraded)
        #expect(Self.entry(health: Self.health(readError: "x")).status == .degraded)
    }

    @Test("the whole is as the worst config, and ready if all have data")
    func whole() {
        #expect(HealthJSON(entries: []).status == .initializing)
        #expect(!HealthJSON(entries: []).isReady)
        #expect(HealthJSON(entries: [Self.entry(), Self.entry(problem: "x")]).status == .degraded)
        #expect(HealthJSON(entries: [Self.entry(), Self.entry(problem: "x")]).isReady)
        #expect(!HealthJSON(entries: [Self.entry(), Self.entry(version: 0)]).isReady)
    }

    @Test("the JSON has every field")
    func json() {
        let status = HealthJSON(entries: [
            Self.entry(), Self.entry(version: 0, problem: "a\nb", health: Self.health(failures: 1)),
        ])
        #expect(
            status.json == #"""
                {"status":"down","configs":[\#
                {"id":"main","source":"file","status":"healthy","etag":"\"1\"","version":1,"problem":null},\#
                {"id":"main","source":"sdk","status":"down","etag":null,"version":0,"problem":"a\nb",\#
                "isReady":true,"isOffline":false,"isClosed":false,"configAgeSeconds":1.5,\#
                "lastSync":{"source":"cdn","ageSeconds":2.0},"consecutiveFailures":1,\#
                "lastFailure":{"code":1102,"message":"no \"answer\"","ageSeconds":3.0},\#
                "cache":{"isWorking":true,"readError":null,"writeError":null,"subscription":"active"}}]}
                """#)
    }

    @Test("the status of a client whose downloads fail does not contain the SDK key")
    func noSecrets() async throws {
        let client = try makeClient(nil) { $0.baseUrl = "http://127.0.0.1:\(freePort())" }
        _ = await client.forceRefresh()
        #expect(client.health.consecutiveFailures > 0)
        let json = HealthJSON(entries: [Self.entry(version: 0, health: client.health)]).json
        #expect(!json.contains("TEST_KEY-0123456789012"))
        #expect(json.contains("\"status\":\"down\""))
        #expect(try JSONSerialization.jsonObject(with: Data(json.utf8)) is [String: Any])
    }
}
