import ConfigCatCache
import Testing

@testable import ConfigCatRedisCache

@Suite("Redis retries")
struct RedisRetryTests {
    private func step(_ retry: inout RedisRetry, _ text: String) -> String {
        switch retry.next(after: .error(RedisErrorReply(text)), "read key", on: "h:1") {
        case .done: "done"
        case .moved(let host): "moved \(host)"
        case .ask(let host): "ask \(host)"
        case .reconnect: "reconnect"
        case .wait: "wait"
        case .fail(let error): "fail \(error.code)"
        }
    }

    @Test(
        "each error reply leads to the right step, at first and after many repetitions",
        arguments: [
            ("LOADING Redis is loading the dataset in memory", "wait", "fail loading"),
            ("TRYAGAIN Multiple keys request during rehashing of slot", "wait", "fail cluster"),
            ("READONLY You can't write against a read only replica.", "reconnect", "fail readOnly"),
            ("NOAUTH Authentication required.", "reconnect", "fail authentication"),
            ("MOVED 3999 127.0.0.1:6381", "moved 127.0.0.1:6381", "fail cluster"),
            ("MOVED 3999 ::1:6381", "moved [::1]:6381", "fail cluster"),
            ("ASK 3999 host:6381", "ask host:6381", "fail cluster"),
            ("MOVED 3999 nonsense", "fail server", "fail server"),
            ("OOM command not allowed when used memory > 'maxmemory'.", "fail outOfMemory", "fail outOfMemory"),
            ("WRONGTYPE Operation against a key", "fail wrongType", "fail wrongType"),
            ("NOPERM this user has no permissions", "fail notPermitted", "fail notPermitted"),
            ("ERR something", "fail server", "fail server"), ("", "fail server", "fail server"),
        ])
    func errors(_ text: String, first: String, last: String) {
        var retry = RedisRetry()
        #expect(step(&retry, text) == first)
        for _ in 0..<20 { _ = step(&retry, text) }
        #expect(step(&retry, text) == last)
    }

    private func isReconnect(_ step: RedisRetry.Step) -> Bool {
        if case .reconnect = step { true } else { false }
    }

    @Test("a command is repeated once for each host, but not if a new connection to the only host breaks")
    func connections() {
        let broken = RedisCacheError(.connection, "broken")
        for (hosts, isProven, tries) in [(1, true, 1), (1, false, 0), (2, true, 2), (3, false, 3)] {
            var retry = RedisRetry(hosts: hosts)
            for _ in 0..<tries { #expect(isReconnect(retry.next(after: broken, isProven: isProven))) }
            #expect(!isReconnect(retry.next(after: broken, isProven: isProven)))
        }
        for (code, hosts, isRetried) in [
            (RedisCacheError.Code.notRedis, 1, false), (.notRedis, 2, true), (.timeout, 2, false),
            (.queueFull, 2, false), (.closed, 2, false),
        ] {
            var retry = RedisRetry(hosts: hosts)
            #expect(isReconnect(retry.next(after: RedisCacheError(code, ""), isProven: true)) == isRetried)
        }
    }

    @Test("a write that a replica refuses is repeated as often as there are hosts")
    func replicas() {
        var retry = RedisRetry(hosts: 3)
        for _ in 0..<3 { #expect(step(&retry, "READONLY") == "reconnect") }
        #expect(step(&retry, "READONLY") == "fail readOnly")
    }

    @Test("a host that failed is tried last, and an unknown host changes nothing")
    func hosts() {
        let hosts = ["a", "b", "c"].map { RedisCacheURL.Host(name: $0, port: 1) }
        var choice = RedisHostChoice(hosts)
        func line() -> String { choice.line.map(\.name).joined() }
        #expect(line() == "abc")
        choice.failed(hosts[0])
        choice.failed(hosts[0])
        #expect(line() == "bca")
        choice.failed(hosts[1])
        #expect(line() == "cab")
        choice.failed(RedisCacheURL.Host(name: "d", port: 1))
        #expect(line() == "cab")
    }

    @Test("the end of a new connection is the fault of its host; the end of one that has worked is not")
    func faults() {
        func isFault(_ code: RedisCacheError.Code, isProven: Bool) -> Bool {
            RedisHostChoice.isFault(RedisCacheError(code, ""), isProven: isProven)
        }
        #expect(!isFault(.connection, isProven: true) && isFault(.connection, isProven: false))
        for code in [RedisCacheError.Code.timeout, .notRedis, .readOnly] { #expect(isFault(code, isProven: true)) }
        for code in [RedisCacheError.Code.queueFull, .closed, .notPermitted, .outOfMemory] {
            #expect(!isFault(code, isProven: false))
        }
    }

    @Test("the pauses between attempts grow up to a second, and differ")
    func backoff() {
        var backoff = ReconnectBackoff()
        var random = SystemRandomNumberGenerator()
        let delays = (0..<20).map { _ in backoff.failed(using: &random) }
        #expect(delays[0] <= .milliseconds(50) && delays[0] >= .milliseconds(25))
        #expect(delays.allSatisfy { $0 <= .seconds(1) } && delays[10] >= .milliseconds(500))
        #expect(Set(delays[10...]).count > 1)
        backoff.succeeded()
        #expect(backoff.failed(using: &random) <= .milliseconds(50))
    }
}
