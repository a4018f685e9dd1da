import ConfigCatCommandLine
import Testing

@Suite("Cache URL")
struct CacheURLTests {
    @Test("URLs of local caches are parsed")
    func local() throws {
        #expect(try CacheURL("memory:") == .memory)
        #expect(try CacheURL("file:///var/cache/my%20flags") == .file(directory: "/var/cache/my flags"))
        #expect(try CacheURL("sqlite:flags.db") == .sqlite(path: "flags.db"))
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
            ("hunter2:x@h:6379", "scheme"), ("hunter2@h:6379", "scheme"), ("default:hunter2@h", "scheme"),
            ("sqlite://u:hunter2@h/db", "host"), ("file://u:hunter2/@h/db", "host"), ("redis:u:hunter2@h", "//"),
        ])
    func malformed(_ text: String, names part: String) {
        let error = #expect(throws: CacheURLError.self) { try CacheURL(text) }
        #expect(
            error?.message.contains(part) == true && error?.message.contains("hunter2") == false,
            "\(error?.message ?? "")")
    }

    @Test("a delimiter of a path is recognised even if a combining mark follows it")
    func delimiters() throws {
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
