import ConfigCatServing
import Testing

@Suite("Host policy")
struct HostPolicyTests {
    @Test(
        "a server answers to localhost, to addresses and to its own names, in any case and with any port",
        arguments: [
            "localhost", "LOCALHOST:8080", "flags.localhost:1", "127.0.0.1:8080", "10.1.2.3", "[::1]:8080", "[fe80::1]",
            "flags.example.com", "Flags.Example.com:443",
        ])
    func allowed(authority: String) {
        #expect(HostPolicy(names: ["flags.example.com"]).allows(authority))
    }

    @Test(
        "it does not answer to a name that somebody else can give it",
        arguments: [
            "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "1.2.3", "1.2.3.256", "0x7f.1", "",
            "localhost:80:80", "[::1].evil.example", "[evil.example]", "example.com",
        ] + [nil])
    func refused(authority: String?) {
        #expect(!HostPolicy(names: ["flags.example.com"]).allows(authority))
    }

    @Test("a request without an origin comes from no page; one with the server's own from its page")
    func sameOrigin() {
        #expect(HostPolicy.isSameOrigin(nil, "localhost:8080"))
        #expect(HostPolicy.isSameOrigin("http://localhost:8080", "localhost:8080"))
        #expect(HostPolicy.isSameOrigin("https://LOCALHOST:8080", "localhost:8080"))
        for origin in [
            "null", "", "http://localhost", "http://evil.example", "localhost:8080", "file://localhost:8080",
        ] {
            #expect(!HostPolicy.isSameOrigin(origin, "localhost:8080"), "\(origin)")
        }
        #expect(!HostPolicy.isSameOrigin("http://localhost:8080", nil))
    }
}
