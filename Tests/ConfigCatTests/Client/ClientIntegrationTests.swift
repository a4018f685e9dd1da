import ConfigCatCache
import ConfigCatEvaluation
import Foundation
import Logging
import Synchronization
import ConfigCatTestSupport
import Testing

@testable import ConfigCat

@Suite("Client", .cleanup)
struct ClientIntegrationTests {
    static let cacheKey = CacheKey.key(forSDKKey: testKey)

    // MARK: - Modes

    @Test("in auto polling mode, evaluations wait for the first config, and use a new one after the interval")
    func auto() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let clock = TestClock()
        let client = try makeClient(
            cdn, mode: PollingModes.autoPoll(autoPollIntervalInSeconds: 1, maxInitWaitTimeInSeconds: 600),
            host: clock.host)
        #expect(await client.getValue(for: "number", defaultValue: 0) == 1)
        #expect(await client.waitForReady() == .hasUpToDateFlagData)
        #expect(client.snapshot().cacheState == .hasUpToDateFlagData)
        cdn.set(TestConfig.answer(2))
        clock.advance(seconds: 1)
        await eventually("the change arrives") { await client.getValue(for: "number", defaultValue: 0) == 2 }
    }

    @Test("in auto polling mode, evaluations wait at most maxInitWaitTimeInSeconds for a CDN that does not answer")
    func maxInitWait() async throws {
        let recorder = LogRecorder()
        let cdn = try await TestCDN(.stall)
        let mode = PollingModes.autoPoll(autoPollIntervalInSeconds: 60, maxInitWaitTimeInSeconds: 0)
        let client = try makeClient(cdn, mode: mode, recorder: recorder)
        #expect(await client.getValue(for: "number", defaultValue: 5) == 5)
        #expect(await client.waitForReady() == .noFlagData)
        #expect(recorder.ids == [4200, 1000])
    }

    @Test("in lazy mode, 1,000 concurrent evaluations with an expired entry make one request")
    func lazy() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let clock = TestClock()
        let client = try makeClient(
            cdn, mode: PollingModes.lazyLoad(cacheRefreshIntervalInSeconds: 60), host: clock.host)
        for round in 1...2 {
            await withTaskGroup(of: Int.self) { group in
                for _ in 0..<1000 { group.addTask { await client.getValue(for: "number", defaultValue: 0) } }
                for await value in group { #expect(value == 1) }
            }
            #expect(cdn.requests.count == round)
            #expect(client.snapshot().cacheState == .hasUpToDateFlagData)
            clock.advance(seconds: 60)
            #expect(client.snapshot().cacheState == .hasCachedFlagDataOnly)
        }
    }

    @Test("in manual mode, only forceRefresh downloads, and concurrent calls share one request")
    func manual() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn)
        #expect(await client.waitForReady() == .noFlagData)
        #expect(await client.getValue(for: "number", defaultValue: 0) == 0)
        #expect(cdn.requests.isEmpty)
        let results = await withTaskGroup(of: Bool.self, returning: [Bool].self) { group in
            for _ in 0..<20 { group.addTask { await client.forceRefresh().success } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results == Array(repeating: true, count: 20))
        #expect(cdn.requests.count < 20)
        #expect(await client.getValue(for: "number", defaultValue: 0) == 1)
    }

    @Test("a refresh whose task is cancelled returns at once")
    func cancelledRefresh() async throws {
        let cdn = try await TestCDN(.stall)
        let client = try makeClient(cdn)
        let task = Task { await client.forceRefresh() }
        await eventually("the request is made") { !cdn.requests.isEmpty }
        task.cancel()
        #expect(await task.value.errorCode == .unexpectedError)
    }

    // MARK: - Online, offline, closed

    @Test("an offline client makes no requests, and polls at once when it is online again")
    func offline() async throws {
        let recorder = LogRecorder()
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn, mode: patientPolling, recorder: recorder) { $0.offline = true }
        #expect(client.isOffline)
        #expect(await client.waitForReady() == .noFlagData)
        let result = await client.forceRefresh()
        #expect(result.errorCode == .offlineClient && !result.success)
        #expect(recorder.ids == [3200])
        #expect(cdn.requests.isEmpty)
        client.setOnline()
        #expect(!client.isOffline)
        await eventually("polling resumes") { await client.getValue(for: "number", defaultValue: 0) == 1 }
        client.setOffline()
        #expect(client.isOffline)
    }

    @Test("a closed client evaluates its last config, and makes no requests")
    func close() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn, mode: PollingModes.lazyLoad())
        let changes = client.configChanges
        #expect(await client.getValue(for: "number", defaultValue: 0) == 1)
        client.close()
        client.close()
        #expect(await client.getValue(for: "number", defaultValue: 0) == 1)
        #expect(await client.forceRefresh().errorCode == .unexpectedError)
        #expect(client.isOffline)
        #expect(cdn.requests.count == 1)
        var seen = 0
        for await _ in changes { seen += 1 }
        #expect(seen == 1)
    }

    @Test("closing 1,000 clients closes their file descriptors and ends their threads")
    func closeMany() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        func count(_ folder: String) -> Int {
            (try? FileManager.default.contentsOfDirectory(atPath: folder).count) ?? 0
        }
        // The first round creates what all clients share.
        for round in 0..<2 {
            let before = (count("/proc/self/fd"), count("/proc/self/task"))
            let clients = try (0..<(round == 0 ? 10 : 1000)).map { _ in
                try makeClient(cdn, mode: patientPolling)
            }
            for client in clients { await client.waitForReady() }
            for client in clients { client.close() }
            guard round == 1, before.0 > 0 else { continue }
            // Other tests run at the same time, with their own descriptors and threads.
            await eventually("descriptors go") { count("/proc/self/fd") < before.0 + 100 }
            await eventually("threads go") { count("/proc/self/task") < before.1 + 50 }
        }
    }

    @Test("a closed client is released")
    func release() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        weak var released: ConfigCatClient?
        do {
            let client = try makeClient(cdn, mode: patientPolling, isReleased: true) { $0.configCache = TestCache() }
            released = client
            await client.waitForReady()
            client.close()
        }
        await eventually("the client is released") { released == nil }
    }

    // MARK: - Creation

    @Test(
        "a malformed SDK key is rejected, and masked in the message",
        arguments: [
            "", "key", "22/22", "configcat-sdk-1/TEST_KEY-0123456789012",
            "configcat-sdk-2/TEST_KEY-0123456789012/1234567890123456789012",
            "TEST_KEY-0123456789012/123456789012345678901", "TEST_KEY-0123456789012/1234567890123456789012/",
            "configcat-proxy/x",
            "TEST KEY-0123456789012/1234567890123456789012",
        ])
    func invalidKeys(_ key: String) {
        let error = #expect(throws: ConfigCatError.self) { try ConfigCatClient.get(sdkKey: key) }
        #expect(error?.code == .invalidSdkKey)
        if key.count > 12 { #expect(error?.message.contains(key) == false) }
    }

    @Test("SDK keys of each form are accepted")
    func validKeys() throws {
        for key in ["TEST_KEY-0123456789012/1234567890123456789012", testKey] {
            _ = try SDKKey(key, isProxyAllowed: false, isLocalOnly: false)
        }
        _ = try SDKKey("configcat-proxy/my-sdk", isProxyAllowed: true, isLocalOnly: false)
        _ = try SDKKey("anything", isProxyAllowed: false, isLocalOnly: true)
    }

    @Test("options out of range are rejected, with a message that names the range")
    func invalidOptions() {
        func message(_ configure: (inout ConfigCatOptions) -> Void) -> String {
            var options = ConfigCatOptions()
            configure(&options)
            do {
                _ = try ConfigCatClient.get(sdkKey: testKey, options: options)
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(message { $0.pollingMode = PollingModes.autoPoll(autoPollIntervalInSeconds: 0) }.contains("from 1"))
        #expect(
            message { $0.pollingMode = PollingModes.autoPoll(autoPollIntervalInSeconds: .max) }.contains("to 2147483"))
        #expect(message { $0.pollingMode = PollingModes.autoPoll(maxInitWaitTimeInSeconds: -1) }.contains("from 0"))
        #expect(message { $0.pollingMode = PollingModes.lazyLoad(cacheRefreshIntervalInSeconds: 0) }.contains("from 1"))
        let huge = Duration.seconds(Int64.max) * 10
        for time in [.zero, .milliseconds(999), .seconds(-1), .seconds(2_147_484), huge, .zero - huge] as [Duration] {
            #expect(message { $0.pollingMode = .autoPoll(interval: time) }.contains("from 1 to 2147483"), "\(time)")
            #expect(message { $0.pollingMode = .lazyLoad(refreshInterval: time) }.contains("from 1 to"), "\(time)")
        }
        for time in [.nanoseconds(-1), .milliseconds(2_147_483_001), huge] as [Duration] {
            #expect(message { $0.pollingMode = .autoPoll(maxInitWait: time) }.contains("from 0 to 2147483"), "\(time)")
        }
        for time in [huge, .zero - huge] {
            #expect(message { $0.leaseDuration = time }.contains("leaseDuration"))
            #expect(message { $0.http.readTimeout = time }.contains("readTimeout"))
        }
        #expect(message { $0.pollingJitter = 2 }.contains("from 0 to 1"))
        #expect(message { $0.http.readTimeout = .zero }.contains("readTimeout"))
        #expect(message { $0.http.connectTimeout = .seconds(Int64.max) }.contains("at most a day"))
        #expect(message { $0.http.bodyLimit = 0 }.contains("bodyLimit"))
        #expect(message { $0.http.proxy = ProxyOptions(host: "h", port: 0) }.contains("port"))
        for url in [
            "nonsense", "ftp://host", "http://", "http://host:99999", "https://host name", "http://user@host",
            "http://[::1", "http://h?x",
        ] {
            #expect(message { $0.baseUrl = url }.contains("baseUrl"), "\(url)")
        }
    }

    @Test("a second call for an SDK key returns the same client, and warns if it ignores options")
    func registry() async throws {
        let recorder = LogRecorder()
        let key = "configcat-sdk-1/TEST_KEY3-123456789012/1234567890123456789012"
        let cdn = try await TestCDN(TestConfig.answer(1))
        let first = try ConfigCatClient.get(sdkKey: key) { options in
            options.baseUrl = cdn.url
            options.pollingMode = patientPolling
            options.logger = recorder.logger(.warning)
        }
        #expect(try ConfigCatClient.get(sdkKey: key) === first)
        #expect(recorder.ids == [])
        #expect(try ConfigCatClient.get(sdkKey: key, options: .default) === first)
        #expect(recorder.ids == [3000])
        #expect(await first.getValue(for: "number", defaultValue: 0) == 1)
        first.close()
        let second = try ConfigCatClient.get(sdkKey: key) { $0.baseUrl = cdn.url }
        #expect(second !== first)
        second.close()
    }

    // MARK: - Users, flags, details

    @Test("a client evaluates declared flags, uses the default user, and returns all values")
    func evaluation() async throws {
        let cdn = try await TestCDN(
            .config(
                #"{"f":{"word":{"t":1,"v":{"s":"all"},"i":"w0","r":[{"c":[{"u":{"a":"Email","c":28,"s":"jane@example.com"}}],"s":{"v":{"s":"jane"},"i":"w1"}}]}}}"#,
                eTag: "\"1\""))
        let jane = ConfigCatUser(identifier: "1", email: "jane@example.com")
        let client = try makeClient(cdn, mode: patientPolling) { $0.defaultUser = jane }
        let word = FeatureFlag("word", defaultValue: "none")
        #expect(await client.value(of: word) == "jane")
        client.clearDefaultUser()
        #expect(await client.value(of: word) == "all")
        #expect(await client.value(of: word, user: jane) == "jane")
        let held = client.snapshot()
        client.setDefaultUser(user: jane)
        #expect(await client.value(of: word) == "jane")
        #expect(held.value(of: word) == "all")
        let details = await client.getValueDetails(for: "word", defaultValue: "")
        #expect(details.variationId == "w1" && details.fetchTime.timeIntervalSinceNow > -60)
        #expect(await client.getAnyValue(for: "word", defaultValue: nil) as? String == "jane")
        #expect(await client.getAnyValueDetails(for: "word", defaultValue: nil).value as? String == "jane")
        #expect(await client.getAllKeys() == ["word"])
        #expect(await client.getAllValues()["word"] as? String == "jane")
        #expect(await client.getAllValueDetails().map(\.variationId) == ["w1"])
        #expect(await client.getKeyAndValue(for: "w0")?.key == "word")
    }

    // MARK: - Hooks

    @Test("handlers are called in order: the first config, ready, later ones; a late ready handler is called at once")
    func hooks() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let events = Recorder<String>()
        let client = try makeClient(cdn, mode: patientPolling) { options in
            options.hooks.addOnReady { (state: ClientCacheState) in events.add("ready \(state)") }
            options.hooks.addOnConfigChanged { (config: Config) in
                events.add("changed \(config["number"]?.value?.description ?? "")")
            }
            options.hooks.addOnConfigChanged { (_: Config) in throw TestCache.Fault(description: "thrown by a handler")
            }
            options.hooks.addOnFlagEvaluated { events.add("evaluated \($0.key) \($0.value)") }
            options.hooks.addOnError { (message: String, error: (any Error)?) in
                events.add("error \(error == nil ? "" : "with cause")")
            }
        }
        await client.waitForReady()
        _ = await client.getValue(for: "number", defaultValue: 0)
        cdn.set(TestConfig.answer(2))
        await client.forceRefresh()
        cdn.set(.response(status: 200, body: Array("no JSON".utf8)))
        await client.forceRefresh()
        await eventually("all handlers are called") { events.all.count == 5 }
        #expect(
            events.all == [
                "changed 1", "ready hasUpToDateFlagData", "evaluated number 1", "changed 2", "error with cause",
            ])
        let late = Recorder<ClientCacheState>()
        client.hooks.addOnReady { (state: ClientCacheState) in late.add(state) }
        await eventually("a late handler is called") { late.all == [.hasUpToDateFlagData] }
    }

    @Test("a removed handler is not called for later events; a slow one delays no evaluation")
    func slowHandlers() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn, mode: patientPolling)
        let calls = Counter()
        let gate = DispatchSemaphore(value: 0)
        let subscription = client.hooks.addOnFlagEvaluated { _ in
            calls.add()
            gate.wait()
        }
        for _ in 0..<100 { #expect(await client.getValue(for: "number", defaultValue: 0) == 1) }
        // The first call has not returned, or has not begun.
        #expect(calls.value <= 1)
        client.hooks.remove(subscription)
        for _ in 0..<100 { gate.signal() }
        await eventually("the handler is called for each evaluation") { calls.value == 100 }
        _ = await client.getValue(for: "number", defaultValue: 0)
        #expect(calls.value == 100)
    }

    @Test("a handler sees each evaluation by the snapshot of a user, also of values that it remembers")
    func userSnapshot() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn, mode: patientPolling)
        await client.waitForReady()
        let flags = client.snapshot(for: ConfigCatUser(identifier: "1"))
        let flag = FeatureFlag("number", defaultValue: 0)
        for _ in 0..<3 { #expect(flags.value(of: flag) == 1) }
        let users = Recorder<String?>()
        let subscription = client.hooks.addOnFlagEvaluated { users.add($0.user?.identifier) }
        for _ in 0..<3 { #expect(flags.value(of: flag) == 1 && flags.getValue(for: "number", defaultValue: 0) == 1) }
        await eventually("the handler is called for each evaluation") { users.all == Array(repeating: "1", count: 6) }
        client.hooks.remove(subscription)
        cdn.set(TestConfig.answer(2))
        await client.forceRefresh()
        #expect(flags.value(of: flag) == 1)
        #expect(client.snapshot(for: ConfigCatUser(identifier: "1")).value(of: flag) == 2)
    }

    @Test("the sequence of config changes has their source, ETag and changed keys")
    func changes() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn)
        let changes = client.configChanges
        await client.forceRefresh()
        await client.forceRefresh()
        cdn.set(TestConfig.answer(2))
        await client.forceRefresh()
        client.close()
        var seen: [String] = []
        for await change in changes { seen.append("\(change.source) \(change.eTag) \(change.changedKeys)") }
        #expect(seen == [#"cdn "1" ["number", "other"]"#, #"cdn "2" ["number"]"#])
    }

    // MARK: - Cache

    @Test("a download is written to the cache in the form that all SDKs share, and read by an offline client")
    func cache() async throws {
        let cache = TestCache()
        let clock = TestClock()
        let cdn = try await TestCDN(TestConfig.answer(1))
        let writer = try makeClient(cdn, host: clock.host) { $0.configCache = cache }
        await writer.forceRefresh()
        await eventually("the entry is written") { cache.writes.count == 1 }
        #expect(
            cache.value(for: "f83ba5d45bceb4bb704410f51b704fb6dfa19942") == "1700000000000\n\"1\"\n"
                + TestConfig.json(1))
        clock.advance(seconds: 1)
        await writer.forceRefresh()
        await eventually("a 304 refreshes the time") {
            cache.writes.last == "1700000001000\n\"1\"\n" + TestConfig.json(1)
        }

        let reader = try makeClient(nil, mode: patientPolling, host: clock.host) { options in
            options.configCache = cache
            options.offline = true
        }
        #expect(await reader.waitForReady() == .hasUpToDateFlagData)
        #expect(await reader.getValue(for: "number", defaultValue: 0) == 1)
        cdn.set(TestConfig.answer(2))
        await writer.forceRefresh()
        await eventually("the change is written") { cache.writes.count == 3 }
        #expect(await reader.forceRefresh().success)
        #expect(await reader.getValue(for: "number", defaultValue: 0) == 2)
        let reads = cache.reads
        for _ in 0..<100 { _ = await reader.getValue(for: "number", defaultValue: 0) }
        #expect(cache.reads == reads)
    }

    @Test("an entry with any fetch time can be used", arguments: [Int64.min, -1, 0, 1, Int64.max])
    func fetchTimes(_ time: Int64) async throws {
        let cache = TestCache()
        cache.set("\(time)\n\"9\"\n" + TestConfig.json(9), for: Self.cacheKey)
        let client = try makeClient(nil, mode: patientPolling) { options in
            options.configCache = cache
            options.offline = true
        }
        #expect(await client.waitForReady() == (time == .max ? .hasUpToDateFlagData : .hasCachedFlagDataOnly))
        #expect(await client.getValue(for: "number", defaultValue: 0) == 9)
    }

    @Test("a fresh entry in the cache makes a download unnecessary")
    func freshCache() async throws {
        let cache = TestCache()
        let clock = TestClock()
        cache.set("\(clock.wall - 10_000)\n\"9\"\n" + TestConfig.json(9), for: Self.cacheKey)
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn, mode: patientPolling, host: clock.host) { $0.configCache = cache }
        #expect(await client.getValue(for: "number", defaultValue: 0) == 9)
        #expect(cdn.requests.isEmpty)
    }

    @Test(
        "unreadable content in the cache is logged as event 2200, and does not prevent a download",
        arguments: ["x", "1\n2", "x\n\"1\"\n{}", "1700000000000\n\"1\"\n{", "1700000000000\n\"1\"\n[]", "\n\n"])
    func garbage(_ text: String) async throws {
        let recorder = LogRecorder()
        let cache = TestCache()
        cache.set(text, for: Self.cacheKey)
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn, mode: patientPolling, recorder: recorder) { $0.configCache = cache }
        #expect(await client.getValue(for: "number", defaultValue: 0) == 1)
        #expect(recorder.ids == [2200])
    }

    @Test("errors of a cache are logged as events 2200 and 2201, and do not prevent a download")
    func throwingCache() async throws {
        let recorder = LogRecorder()
        let cache = TestCache()
        cache.fail(reads: "no read", writes: "no write")
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn, recorder: recorder) { $0.configCache = cache }
        await client.waitForReady()
        #expect(await client.forceRefresh().success)
        #expect(await client.getValue(for: "number", defaultValue: 0) == 1)
        await eventually("the failures are logged") { Set(recorder.ids) == [2200, 2201] }
        #expect(
            recorder.messages.contains { $0.contains("no read") }
                && recorder.messages.contains { $0.contains("no write") })
    }

    @Test("in auto polling mode, a cache that hangs delays no evaluation, and does not prevent the download")
    func hangingCache() async throws {
        let recorder = LogRecorder()
        let cache = TestCache()
        cache.hang(true)
        let cdn = try await TestCDN(TestConfig.answer(1))
        let mode = PollingModes.autoPoll(autoPollIntervalInSeconds: 60, maxInitWaitTimeInSeconds: 0)
        let client = try makeClient(cdn, mode: mode, recorder: recorder) { options in
            options.configCache = cache
            options.cacheTimeout = .seconds(2)
        }
        #expect(await client.getValue(for: "number", defaultValue: 0) == 0)
        await eventually("the download ends without the cache") {
            await client.getValue(for: "number", defaultValue: 0) == 1
        }
        #expect(recorder.ids.contains(2200))
    }
}

/// The values that handlers record, in order.
final class Recorder<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    var all: [Value] { values.withLock { $0 } }
    func add(_ value: Value) { values.withLock { $0.append(value) } }
}
