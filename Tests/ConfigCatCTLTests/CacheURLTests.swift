import ConfigCatCache
import Testing

@Suite("Cache URL")
struct CacheURLTests {
    private func redis(_ text: String) throws -> RedisCacheURL { try RedisCacheURL(text) }

    @Test("URLs of local caches are parsed")
    func local() throws {
        #expect(try CacheURL("memory:") == .memory)
        #expect(try CacheURL("file:///var/cache/my%20flags") == .file(directory: "/var/cache/my flags"))
        #expect(try CacheURL("sqlite:flags.db") == .sqlite(path: "flags.db"))
    }

    @Test("URLs of Redis are parsed in all their forms")
    func redisForms() throws {
        #expect(try redis("redis://localhost") == RedisCacheURL(host: "localhost"))
        let full = try redis(
            "rediss://me:p%40ss%2F@[::1]:6380/3?prefix=app:&expiry=60&ca=/ca.pem&cert=/c.pem&key=/k.pem")
        #expect(full.servers == .hosts([.init(name: "::1", port: 6380)]))
        #expect(full.username == "me" && full.password == "p@ss/" && full.database == 3 && full.usesTLS)
        #expect(full.keyPrefix == "app:" && full.expirySeconds == 60)
        #expect(full.caCertificateFile == "/ca.pem" && full.certificateFile == "/c.pem")
        #expect(try redis("redis://:secret@a,b:7000").password == "secret")
        #expect(
            try redis("redis://a,b:7000").servers
                == .hosts([.init(name: "a", port: 6379), .init(name: "b", port: 7000)]))
        #expect(try redis("redis+unix:///run/redis.sock?db=2").servers == .socket(path: "/run/redis.sock"))
        #expect(try redis("redis+unix:///run/redis.sock?db=2").database == 2)
        let sentinel = try redis("redis+sentinel://h1:1,h2/main/4")
        #expect(
            sentinel.servers
                == .sentinels([.init(name: "h1", port: 1), .init(name: "h2", port: 26379)], master: "main"))
        #expect(sentinel.database == 4)
    }

    @Test(
        "the error for a malformed URL names the invalid part, and never contains the password",
        arguments: [
            ("hunter2", "no scheme"), ("ftp://x", "'ftp'"), ("redis:x", "//"), ("redis://", "host"),
            ("redis://:hunter2@", "host"), ("redis://:hunter2@h:port", "port"), ("redis://h:0", "port"),
            ("redis://h:70000", "port"), ("redis://h/x", "'x'"), ("redis://h/-1", "'-1'"),
            ("redis://u:hunter2/@h", "%2F"), ("redis://u:hunter2?@h", "%3F"), ("redis://u@h", "password"),
            ("redis://u:%zz@h", "password"), ("redis://h?color=red", "'color'"), ("redis://h?expiry=0", "expiry"),
            ("redis://h?ca=/x", "rediss"), ("rediss://h?cert=/x", "together"), ("redis+unix://h/x", "host"),
            ("redis+unix://", "path"), ("redis+sentinel://h", "master"), ("file://h/x", "'h'"), ("sqlite:", "path"),
            ("memory:x", "colon"), ("redis://u/hunter2@\u{301}h", "%2F"), ("redis://h?hunter2@\u{200D}=x", "%3F"),
        ])
    func malformed(_ text: String, names part: String) {
        let error = #expect(throws: CacheURLError.self) { try CacheURL(text) }
        #expect(
            error?.message.contains(part) == true && error?.message.contains("hunter2") == false,
            "\(error?.message ?? "")")
    }

    @Test("a delimiter is recognised even if a combining mark or an invisible joiner follows it")
    func delimiters() throws {
        let url = try redis("redis://:secret@\u{301}h,\u{200D}i:7000")
        #expect(url.password == "secret")
        #expect(url.servers == .hosts([.init(name: "\u{301}h", port: 6379), .init(name: "\u{200D}i", port: 7000)]))
        #expect(try CacheURL("file:///\u{301}b") == .file(directory: "/\u{301}b"))
        #expect(try CacheURL("sqlite:é.db") == .sqlite(path: "é.db"))
    }

    @Test("no description contains the user name or the password")
    func descriptions() throws {
        let url = try CacheURL("redis://me:hunter2@h")
        var dumped = ""
        dump(url, to: &dumped)
        for text in ["\(url)", String(reflecting: url), dumped] {
            #expect(!text.contains("hunter2") && !text.contains("me:") && text.contains("h:6379"))
        }
    }
}
