import ConfigCat
import ConfigCatTestSupport
import Configuration
import ConfigurationTesting
import Foundation
import Synchronization
import Testing

@testable import ConfigCatConfiguration

@Suite("ConfigCatProvider", .cleanup)
struct ConfigCatProviderIntegrationTests {
    /// Returns a client with local values only.
    private func client(_ values: [String: Any]) throws -> ConfigCatClient {
        try makeClient(nil) { $0.flagOverrides = LocalDictionaryDataSource(source: values, behaviour: .localOnly) }
    }

    private func reader(_ values: [String: Any], else others: [AbsoluteConfigKey: ConfigValue] = [:]) throws
        -> ConfigReader
    {
        ConfigReader(providers: [ConfigCatProvider(client: try client(values)), InMemoryProvider(values: others)])
    }

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    @Test("it passes swift-configuration's compatibility test")
    func compatibility() async throws {
        let (magic, magic2) = (Self.base64("magic"), Self.base64("magic2"))
        let values: [String: Any] = [
            "string": "Hello", "other.string": "Other Hello", "int": 42, "other.int": 24, "double": 3.14,
            "other.double": 2.72, "bool": true, "other.bool": false, "bytes": magic, "other.bytes": magic2,
            "stringy.array": #"["Hello", "World"]"#, "other.stringy.array": #"["Hello", "Swift"]"#,
            "inty.array": "[42, 24]", "other.inty.array": "[16, 32]", "doubly.array": "[3.14, 2.72]",
            "other.doubly.array": "[0.9, 1.8]", "booly.array": "[true, false]",
            "other.booly.array": "[false, true, true]", "byteChunky.array": "[\"\(magic)\", \"\(magic2)\"]",
            "other.byteChunky.array": "[\"\(magic)\", \"\(magic2)\", \"\(magic)\"]",
        ]
        try await ProviderCompatTest(provider: ConfigCatProvider(client: try client(values))).runTest()
    }

    @Test("a missing setting, or a missing config, lets the next provider answer, without errors in the log")
    func missing() async throws {
        let reader = try reader(["a.b": 1], else: ["x.y": 2, "a.b": 3])
        #expect(try reader.requiredInt(forKey: "a.b") == 1)
        #expect(try reader.requiredInt(forKey: "x.y") == 2)
        #expect(reader.int(forKey: "z") == nil)

        let recorder = LogRecorder()
        let empty = try makeClient(try await TestCDN(.drop), recorder: recorder)
        let provider = ConfigCatProvider(client: empty)
        #expect(try provider.value(forKey: "number", type: .int) == LookupResult(encodedKey: "number", value: nil))
        #expect(recorder.messages.isEmpty)
        #expect(provider.description == "ConfigCatProvider[no config]")
    }

    @Test(
        "a wrong type throws an error that names the key",
        arguments: [
            ("bool", ConfigType.string), ("bool", .int), ("int", .double), ("double", .int), ("int", .bool),
            ("string", .bool), ("string", .int), ("int", .bytes), ("string", .bytes), ("string", .stringArray),
            ("strings", .intArray), ("strings", .boolArray), ("strings", .byteChunkArray), ("fractions", .intArray),
            ("deep", .stringArray), ("bool", .boolArray),
        ])
    func wrongType(key: String, type: ConfigType) throws {
        let deep = String(repeating: "[", count: 100_000)
        let provider = ConfigCatProvider(
            client: try client([
                "bool": true, "int": 1, "double": 1.5, "string": "no base64!", "strings": #"["a!"]"#,
                "fractions": "[1.5]", "deep": deep,
            ]))
        let error = #expect(throws: ConfigCatProviderError.self) {
            try provider.value(forKey: AbsoluteConfigKey([key]), type: type)
        }
        #expect(error?.key == key)
        #expect(error?.description.contains("'\(key)'") == true)
        #expect(error?.description.contains("base64!") == false)
    }

    @Test("an empty string is an empty list of bytes, and an empty array an array of any kind")
    func empty() throws {
        let provider = ConfigCatProvider(client: try client(["text": "", "array": "[]"]))
        #expect(try provider.value(forKey: "text", type: .bytes).value?.content == .bytes([]))
        #expect(try provider.value(forKey: "array", type: .stringArray).value?.content == .stringArray([]))
        #expect(try provider.value(forKey: "array", type: .byteChunkArray).value?.content == .byteChunkArray([]))
    }

    /// A config whose setting `plan` is the name of the first attribute in the list that equals `yes`.
    private static func targeted(_ attributes: [String]) -> TestCDN.Answer {
        let rules = attributes.map {
            #"{"c":[{"u":{"a":"\#($0)","c":28,"s":"yes"}}],"s":{"v":{"s":"\#($0)"}}}"#
        }
        return .config(
            #"{"f":{"plan":{"t":1,"v":{"s":"none"},"r":[\#(rules.joined(separator: ","))]}}}"#, eTag: "\"t\"")
    }

    @Test("the context of a key is the user; a scoped reader serves one request")
    func context() async throws {
        let client = try makeClient(
            try await TestCDN(Self.targeted(["Identifier", "Email", "Country", "Plan", "email", "identifier"]))
        ) { $0.defaultUser = ConfigCatUser(identifier: "x", custom: ["Plan": "yes"]) }
        _ = await client.forceRefresh()
        let reader = ConfigReader(provider: ConfigCatProvider(client: client))
        func plan(_ context: [String: ConfigContextValue]) -> String? {
            reader.scoped(to: ConfigKey([], context: context)).string(forKey: "plan")
        }
        #expect(plan([:]) == "Plan", "the default user")
        #expect(plan(["identifier": "yes"]) == "Identifier")
        #expect(plan(["Identifier": "yes"]) == "Identifier")
        #expect(plan(["email": "yes"]) == "Email")
        #expect(plan(["Email": "yes", "email": "no"]) == "none", "the name in lower case counts")
        #expect(plan(["country": "yes"]) == "Country")
        #expect(plan(["Plan": "yes"]) == "Plan")
        #expect(plan(["plan": "yes"]) == "none", "custom names are exact")
        #expect(plan(["identifier": 5, "Plan": false]) == "none")
    }

    @Test("numbers and Booleans of a context are attributes")
    func contextTypes() throws {
        let user = ConfigCatUser(context: ["identifier": 7, "b": true, "i": 3, "d": 1.5, "s": "x"])
        #expect(user?.description == #"{"Identifier":"7","b":"true","d":1.5,"i":3,"s":"x"}"#)
        #expect(ConfigCatUser(context: [:]) == nil)
    }

    @Test("a watch gives the current value and then each change, and ends when the client is closed")
    func watch() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn)
        let provider = ConfigCatProvider(client: client)
        let values = Mutex<[ConfigContent?]>([])
        let watching = Task {
            try await provider.watchValue(forKey: "number", type: .int) { updates in
                for await update in updates {
                    let content = try update.get().value?.content
                    values.withLock { $0.append(content) }
                }
            }
        }
        await eventually("the first value is read") { values.withLock { $0.count } == 1 }
        for number in 1...3 {
            cdn.set(TestConfig.answer(number))
            _ = await client.forceRefresh()
            await eventually("the change is read") { values.withLock { $0.last } == .int(number) }
        }
        // The setting does not change.
        cdn.set(.config(TestConfig.json(3) + " ", eTag: "\"other\""))
        _ = await client.forceRefresh()
        client.close()
        try await watching.value
        #expect(values.withLock(\.self) == [nil, .int(1), .int(2), .int(3)])
    }

    @Test("a watch of a value of another type gives errors, and continues")
    func watchErrors() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn)
        _ = await client.forceRefresh()
        let provider = ConfigCatProvider(client: client)
        let results = Mutex<[Bool]>([])
        let watching = Task {
            try await provider.watchValue(forKey: "number", type: .string) { updates in
                for await update in updates { results.withLock { $0.append((try? update.get()) != nil) } }
            }
        }
        await eventually("an error is read") { results.withLock(\.self) == [false] }
        cdn.set(.config(#"{"f":{"number":{"t":1,"v":{"s":"text"}}}}"#, eTag: "\"s\""))
        _ = await client.forceRefresh()
        await eventually("the value is read") { results.withLock(\.self) == [false, true] }
        client.close()
        try await watching.value
    }

    @Test("no change is lost between the first value of a watch and the later ones")
    func noLostChange() async throws {
        let cdn = try await TestCDN(TestConfig.answer(0))
        let client = try makeClient(cdn)
        _ = await client.forceRefresh()
        let provider = ConfigCatProvider(client: client)
        for number in 1...20 {
            try await provider.watchValue(forKey: "number", type: .int) { updates in
                var iterator = updates.makeAsyncIterator()
                cdn.set(TestConfig.answer(number))
                async let refreshed = client.forceRefresh()
                var last: ConfigContent?
                while last != .int(number), let update = try await iterator.next() {
                    let content = try update.get().value?.content
                    #expect(content == .int(number - 1) || content == .int(number))
                    last = content
                }
                _ = await refreshed
                #expect(last == .int(number))
            }
        }
    }

    @Test("a watch ends when its task is cancelled, before and after its first value")
    func cancelledWatch() async throws {
        let client = try client(["number": 1])
        let provider = ConfigCatProvider(client: client)
        let count = Mutex(0)
        let watching = Task {
            try await provider.watchSnapshot { updates in
                for await _ in updates { count.withLock { $0 += 1 } }
            }
        }
        await eventually("the first snapshot is read") { count.withLock { $0 } == 1 }
        watching.cancel()
        try await watching.value
        let cancelled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await provider.watchValue(forKey: "number", type: .int) { updates in
                var count = 0
                for await _ in updates { count += 1 }
                return count
            }
        }
        #expect(try await cancelled.value == 0)
    }

    @Test("a snapshot does not change, and the next one follows the config")
    func snapshots() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn)
        _ = await client.forceRefresh()
        let provider = ConfigCatProvider(client: client, name: "flags")
        #expect(provider.providerName == "ConfigCatProvider[flags]")
        #expect(provider.description == "ConfigCatProvider[flags][2 settings]")
        try await provider.watchSnapshot { updates in
            var iterator = updates.makeAsyncIterator()
            let first = try #require(await iterator.next())
            cdn.set(TestConfig.answer(2))
            _ = await client.forceRefresh()
            let second = try #require(await iterator.next())
            #expect(try first.value(forKey: "number", type: .int).value?.content == .int(1))
            #expect(try second.value(forKey: "number", type: .int).value?.content == .int(2))
            #expect(second.providerName == provider.providerName)
        }
    }

    @Test("fetching refreshes; many fetches share one download")
    func fetch() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn)
        let time = TestTime()
        let refresher = LimitedRefresher(now: { time.milliseconds }) { _ = await client.forceRefresh() }
        let provider = ConfigCatProvider(client: client, refresher: refresher)
        func fetch() async throws -> ConfigContent? {
            try await provider.fetchValue(forKey: "number", type: .int).value?.content
        }
        let values = try await withThrowingTaskGroup(of: ConfigContent?.self) { group in
            for _ in 0..<50 { group.addTask { try await fetch() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(values == Array(repeating: .int(1), count: 50))
        #expect(cdn.requests.count == 1)
        cdn.set(TestConfig.answer(2))
        time.advance(999)
        #expect(try await fetch() == .int(1))
        time.advance(1)
        #expect(try await fetch() == .int(2))
        #expect(cdn.requests.count == 2)
    }

    @Test("a refresh that fails leaves the value in memory")
    func failedFetch() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn)
        _ = await client.forceRefresh()
        cdn.set(.drop)
        let provider = ConfigCatProvider(client: client)
        #expect(try await provider.fetchValue(forKey: "number", type: .int).value?.content == .int(1))
        #expect(cdn.requests.count >= 2)
    }

    @Test("a fetch whose task is cancelled ends at once")
    func cancelledFetch() async throws {
        let cdn = try await TestCDN(.stall)
        let client = try makeClient(cdn)
        let provider = ConfigCatProvider(client: client)
        let fetching = Task { try await provider.fetchValue(forKey: "number", type: .int) }
        await eventually("the download is in flight") { !cdn.requests.isEmpty }
        fetching.cancel()
        await #expect(throws: CancellationError.self) { try await fetching.value }
    }

    @Test("a closed client still provides what it has, and its watches give one value")
    func closed() async throws {
        let client = try makeClient(try await TestCDN(TestConfig.answer(1)))
        _ = await client.forceRefresh()
        await client.shutdown()
        let provider = ConfigCatProvider(client: client)
        #expect(try provider.value(forKey: "number", type: .int).value?.content == .int(1))
        #expect(try await provider.fetchValue(forKey: "number", type: .int).value?.content == .int(1))
        let count = try await provider.watchValue(forKey: "number", type: .int) { updates in
            var count = 0
            for await _ in updates { count += 1 }
            return count
        }
        #expect(count == 1)
    }

    @Test("nothing that a provider prints contains the SDK key")
    func secrets() async throws {
        let client = try makeClient(try await TestCDN(TestConfig.answer(1)))
        _ = await client.forceRefresh()
        let provider = ConfigCatProvider(client: client)
        let reader = ConfigReader(provider: provider)
        for text in ["\(provider)", "\(reader)", "\(provider.snapshot().providerName)"] {
            #expect(!text.contains(testKey) && !text.contains("TEST_KEY"))
        }
    }

    @Test("the application's own watch follows a change of the config")
    func readerWatch() async throws {
        let cdn = try await TestCDN(TestConfig.answer(1))
        let client = try makeClient(cdn)
        let reader = ConfigReader(providers: [
            ConfigCatProvider(client: client), InMemoryProvider(values: ["number": 99]),
        ])
        try await reader.watchInt(forKey: "number", default: 0) { updates in
            for await number in updates {
                if number == 99 {
                    _ = await client.forceRefresh()
                } else {
                    #expect(number == 1)
                    break
                }
            }
        }
    }
}

/// A clock that the test advances.
private final class TestTime: Sendable {
    private let time = Mutex<Int64>(0)
    var milliseconds: Int64 { time.withLock(\.self) }
    func advance(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }
}
