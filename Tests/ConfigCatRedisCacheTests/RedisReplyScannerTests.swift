import NIOCore
import Testing

@testable import ConfigCatRedisCache

@Suite("Redis reply scanner")
struct RedisReplyScannerTests {
    /// Returns how many replies end in a string that arrives in pieces; nil if it is refused.
    private func completed(_ text: String, pieces length: Int) -> Int? {
        var scanner = RedisReplyScanner()
        var rest = Array(text.utf8)[...]
        var completed = 0
        while !rest.isEmpty {
            let piece = Array(rest.prefix(length))
            rest = rest.dropFirst(length)
            do {
                completed += try piece.withUnsafeBytes { bytes throws(RedisCacheError) in try scanner.scan(bytes) }
            } catch {
                return nil
            }
        }
        return completed
    }

    @Test(
        "the ends of replies are found, in whatever pieces they arrive",
        arguments: [
            ("+OK\r\n", 1), ("-ERR x\r\n:12\r\n", 2), ("$5\r\nhello\r\n", 1), ("$5\r\nhello\r", 0), ("$5\r\nhello", 0),
            ("$0\r\n\r\n", 1), ("$-1\r\n*-1\r\n*0\r\n", 3), ("+a\rb\nc\r\n", 1), ("+a\r\r\n", 1), ("+OK\r", 0),
            ("*2\r\n$1\r\na\r\n:1\r\n", 1), ("*2\r\n$1\r\na\r\n", 0), ("$4\r\n*9\r\n\r\n", 1),
            ("*3\r\n*2\r\n:1\r\n:2\r\n*0\r\n*1\r\n*1\r\n+x\r\n+next\r\n", 2), ("", 0),
        ])
    func ends(_ text: String, count: Int) {
        for length in [1, 2, 3, 7, 1000] { #expect(completed(text, pieces: length) == count) }
    }

    @Test(
        "a reply that a server never sends is refused as soon as its header shows that",
        arguments: [
            "*1000000000\r\n", "*4097\r\n", "*4000\r\n*97\r\n", "$67108865\r\n", "$99999999999999999999", "$-2\r\n",
            "*-2\r\n", "$\r\n", "*-\r\n", "$+1\r\n", "$1 \r\n", "$--1\r\n", "$1\n", "HTTP", "\r\n", "%1\r\n", "_\r\n",
            "*2\r\n$1\r\na\r\nb", String(repeating: "*1\r\n", count: 8), "*1\r\n$67108860\r\n", "$-10\r\n",
        ])
    func refusals(_ text: String) {
        for length in [1, 2, 3, 7, 1000] { #expect(completed(text, pieces: length) == nil) }
    }

    @Test("the limits of elements, depth and length apply to each reply separately")
    func limitsArePerReply() {
        let array = "*4096\r\n" + String(repeating: ":1\r\n", count: 4096)
        let deep = String(repeating: "*1\r\n", count: 7) + "+x\r\n"
        let line = "+" + String(repeating: "x", count: RedisReplyScanner.lineLimit - 3) + "\r\n"
        #expect(completed(array + array + deep + deep + line + line, pieces: 1000) == 6)
        #expect(completed("+x" + line.dropFirst(), pieces: 1000) == nil)
    }

    @Test("the payload of a bulk string is skipped by its length, whatever it contains")
    func payloads() {
        for payload in ["*1000000000\r\n", "\r\n\r\n", "$5\r\n", String(repeating: "é", count: 5000)] {
            #expect(completed("$\(payload.utf8.count)\r\n\(payload)\r\n+OK\r\n", pieces: 3) == 2)
        }
    }

    @Test("the reader returns the replies that hiredis reads, in whatever pieces they arrive")
    func reader() throws {
        let text = "+OK\r\n$5\r\nhello\r\n*3\r\n:1\r\n$-1\r\n*1\r\n-ERR x\r\n*-1\r\n"
        for length in [1, 4, 1000] {
            let reader = try #require(RedisReplyReader())
            var replies: [RedisReply] = []
            var buffer = ByteBuffer(string: text)
            while let piece = buffer.readSlice(length: min(length, max(1, buffer.readableBytes))) {
                try reader.feed(piece)
                while let reply = try reader.next() { replies.append(reply) }
            }
            let expected: [RedisReply] = [
                .string("OK"), .string("hello"),
                .array([.integer(1), .null, .array([.error(RedisErrorReply("ERR x"))])]), .null,
            ]
            #expect(replies == expected)
        }
    }
}
