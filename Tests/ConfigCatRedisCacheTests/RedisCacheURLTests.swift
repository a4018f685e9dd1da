import ConfigCatRedisCache
import Testing

@Suite("Redis cache URL")
struct RedisCacheURLTests {
    private func redis(_ text: String) throws -> RedisCacheURL { try RedisCacheURL(text) }

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

    @Test("a delimiter is recognised even if a combining mark or an invisible joiner follows it")
    func delimiters() throws {
        let url = try redis("redis://:secret@\u{301}h,\u{200D}i:7000")
        #expect(url.password == "secret")
        #expect(url.servers == .hosts([.init(name: "\u{301}h", port: 6379), .init(name: "\u{200D}i", port: 7000)]))
    }
}
