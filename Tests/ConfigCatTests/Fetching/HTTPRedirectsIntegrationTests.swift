import ConfigCat
import ConfigCatTestSupport
import Testing

@Suite("Redirects of HTTP", .cleanup)
struct HTTPRedirectsIntegrationTests {
    @Test("a redirect of HTTP is followed, also to a relative URL")
    func httpRedirects() async throws {
        let (first, second) = (try await TestCDN(.drop), try await TestCDN(.drop))
        second.set(.config(TestConfig.json(2), eTag: "\"2\""))
        let client = try makeClient(first)
        for status in [301, 302, 303, 307, 308] {
            first.set(.response(status: status, headers: ["Location": "\(second.url)/other/config.json?a=b"]))
            #expect(await client.forceRefresh().success)
            #expect(second.requests.last?.path == "/other/config.json?a=b")
        }
        #expect(await client.getValue(for: "number", defaultValue: 0) == 2)
        // The second response to the same URL ends the loop.
        first.set(.response(status: 302, headers: ["Location": "/elsewhere"]))
        let before = first.requests.count
        #expect(await client.forceRefresh().errorCode == .httpRequestFailure)
        #expect(first.requests[before...].map(\.path).last == "/elsewhere")
    }

    @Test(
        "a redirect to a URL that cannot be requested is an error, and ends no process",
        arguments: [
            "http://127.0.0.1:99999/x", "http://127.0.0.1:0/", "ftp://127.0.0.1/", "http:///x", "file:///etc/passwd",
        ])
    func invalidRedirects(location: String) async throws {
        let cdn = try await TestCDN(.response(status: 302, headers: ["Location": location]))
        let client = try makeClient(cdn)
        #expect(await client.forceRefresh().errorCode == .httpRequestFailure)
        // The same for the URL to which a config refers.
        cdn.set(.config(TestConfig.json(1, preferences: #"{"u":"\#(location)","r":2}"#), eTag: "\"1\""))
        _ = await client.forceRefresh()
        #expect(await client.forceRefresh().errorCode == .httpRequestFailure)
    }
}
