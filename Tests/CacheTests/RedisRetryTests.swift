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
        "what follows an error, at first and in the end",
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

    @Test("a broken connection is replaced once, one that could not be made is not tried again")
    func connections() {
        let broken = RedisCacheError(.connection, "broken")
        var retry = RedisRetry()
        if case .reconnect = retry.next(after: broken, wasConnected: true) {} else { Issue.record("no second try") }
        if case .fail = retry.next(after: broken, wasConnected: true) {} else { Issue.record("a third try") }
        var other = RedisRetry()
        if case .fail = other.next(after: broken, wasConnected: false) {} else { Issue.record("a second try") }
    }

    @Test("the pauses between attempts double up to a second, and differ")
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
