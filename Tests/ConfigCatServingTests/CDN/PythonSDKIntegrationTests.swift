import ConfigCatTestSupport
import Foundation
import NIOHTTP1
import Testing

@testable import ConfigCatServing

/// ConfigCat's SDK for Python, in the versions that people use, gets its config from the server.
@Suite("ConfigCat's SDK for Python and the server", .cleanup)
struct PythonSDKIntegrationTests {
    private static let versions = [nil] + PythonSDK.olderVersions

    @Test(
        "it downloads the config, is confirmed with status 304, and gets an override and a change", arguments: versions)
    func follow(version: String?) async throws {
        guard await PythonSDK.has(version: version) else {
            withKnownIssue("\(version ?? "the newest version") is not installed: \(PythonSDK.whySkipped)") {
                Issue.record("skipped")
            }
            return
        }
        try await withFolder { folder in
            let file = folder.appending(path: "flags.json")
            func write(_ number: Int) throws {
                let json =
                    #"{"p":{"u":"https://elsewhere.invalid","r":2,"s":"c2FsdA=="},"f":{"number":{"t":2,"v":{"i":\#(number)}}}}"#
                try Data(json.utf8).write(to: file, options: .atomic)
            }
            try write(1)
            let server = try await TestServer { $0.configs = [try ConfigDeclaration(file: file.path)] }
            let cache = folder.appending(path: "cache")
            try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
            let client = try PythonSDK.client(cache: cache.path, cdn: server.url, sdkKey: testKey, version: version)
            let journal = try server.config.journal
            await eventually("it has the value") { client.lines.last == "1" }
            #expect(journal.clients().first?.sdk?.hasPrefix("ConfigCat-Python/") == true)
            await eventually("its version is confirmed") { journal.clients().first?.status == 304 }
            let put = try await server.send(
                .PUT, "/api/dev/configs/flags/overrides/number", headers: ["Content-Type": "application/json"],
                body: #"{"value":42}"#)
            #expect(put.status == 200)
            await eventually("it has the override") { client.lines.last == "42" }
            #expect(try await server.send(.DELETE, "/api/dev/configs/flags/overrides/number").status == 204)
            await eventually("it has the config's value again") { client.lines.last == "1" }
            try write(7)
            await eventually("it has the change") { client.lines.last == "7" }
            await eventually("the journal knows that it has the newest version") {
                try journal.clients().first?.version == server.config.document?.number
            }
            client.signal(SIGTERM)
        }
    }
}
