import ConfigCatEvaluation
import ConfigCatTestSupport
import ConfigCatTesting
import Configuration
import Foundation
import Synchronization
import Testing

@testable import ConfigCat
@testable import ConfigCatConfiguration

@Suite("Services and configuration under attack", .cleanup)
struct ServiceAdversityIntegrationTests {
    private func variables(_ variables: [String: String]) -> ConfigReader {
        ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
    }

    private func message(_ reader: ConfigReader, cache: ((String) throws -> (any ConfigCache)?)? = nil) -> String {
        (#expect(throws: ConfigCatError.self) { try ConfigCatOptions(reader: reader, cache: cache) })?.message ?? ""
    }

    @Test(
        "an error of a cache does not reveal a password, however it is written",
        arguments: [
            ("redis://u:p%40ss@h:1", "wrong password p@ss"), ("redis://:pa/ss@h", "the port 'pa' is not a number"),
            ("redis://u:hunter2@\u{301}h", "login with hunter2 failed"),
            ("redis://u:hunter2@h", "login with hunter2\u{301} failed"),
            ("redis://h?password=hunter2", "login with hunter2 failed"),
            ("redis://h?password=h%75nter2", "login with hunter2 failed"), ("redis://u:a:b@h", "b is wrong"),
            ("sql:u:hunter2@h", "login with hunter2 failed"),
        ])
    func cacheSecrets(url: String, text: String) {
        struct Failure: Error, CustomStringConvertible { let description: String }
        let message = message(variables(["CONFIGCAT_CACHE": url])) { _ in throw Failure(description: text) }
        #expect(message == "configcat.cache cannot be opened: Failure")
    }

    @Test("an error of a cache is quoted if it reveals nothing")
    func harmlessCacheErrors() {
        struct Failure: Error, CustomStringConvertible { let description: String }
        for url in ["redis://u:hunter2@h:6379/0?db=0", "sqlite:///data/a@b.db", "redis://h:6379"] {
            let message = message(variables(["CONFIGCAT_CACHE": url])) { _ in
                throw Failure(description: "cannot reach 0.0.0.0:6379")
            }
            #expect(message == "configcat.cache cannot be opened: cannot reach 0.0.0.0:6379")
        }
    }

    @Test("an error of the base URL does not reveal a password in it")
    func baseURLSecrets() {
        let url = "https://jane:hunter2@proxy.example.com"
        #expect(!message(variables(["CONFIGCAT_BASE_URL": url])).contains("hunter2"))
        let error = #expect(throws: ConfigCatError.self) {
            try ConfigCatClient.get(sdkKey: testKey) { $0.baseUrl = url }
        }
        #expect(error?.code == .invalidBaseUrl && error?.message.contains("hunter2") == false)
    }

    @Test(
        "a value of any other type is an error, not absent",
        arguments: [
            ConfigContent.intArray([1]), .doubleArray([1]), .boolArray([true]), .stringArray(["a"]), .bytes([1]),
            .byteChunkArray([[1]]),
        ])
    func otherTypes(content: ConfigContent) {
        let key = AbsoluteConfigKey(["configcat", "pollInterval"])
        let provider = InMemoryProvider(values: [key: ConfigValue(content, isSecret: false)])
        #expect(message(ConfigReader(provider: provider)).hasPrefix("configcat.pollInterval is "))
    }

    @Test("a huge value is not quoted as a whole")
    func hugeValue() {
        for character in ["x", "\u{301}", "\u{1F468}\u{200D}"] {
            let huge = "{" + String(repeating: character, count: 1_000_000)
            #expect(message(variables(["CONFIGCAT_DEFAULT_USER_CUSTOM": huge])).utf8.count < 2000)
        }
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(message(variables(["CONFIGCAT_DEFAULT_USER_CUSTOM": deep])).utf8.count < 2000)
        let deepObject = String(repeating: #"{"a":"#, count: 500) + "1" + String(repeating: "}", count: 500)
        #expect(message(variables(["CONFIGCAT_DEFAULT_USER_CUSTOM": deepObject])).contains("JSON object"))
    }

    @Test("custom attributes of the default user may have any name")
    func customNames() throws {
        let options = try ConfigCatOptions(
            reader: variables([
                "CONFIGCAT_DEFAULT_USER_IDENTIFIER": "1", "CONFIGCAT_DEFAULT_USER_EMAIL": "a@b",
                "CONFIGCAT_DEFAULT_USER_CUSTOM":
                    #"{"email": "c@d", "country": 5, "id": "x", "identifier": true, "none": null}"#,
            ]))
        #expect(
            options.defaultUser?.description
                == #"{"Identifier":"1","Email":"a@b","country":5,"email":"c@d","id":"x","identifier":"true"}"#)
    }

    @Test("a watch sees a change that only changes bytes")
    func unicodeChange() async throws {
        let flags = TestFlags {
            $0.set("name", to: "\u{E9}")
            $0.set("list", to: #"["\#u{E9}"]"#)
        }
        let client = flags.client()
        Cleanup.add { client.close() }
        let provider = ConfigCatProvider(client: client)
        for (key, type, text) in [
            ("name", ConfigType.string, "e\u{301}"), ("list", .stringArray, #"["e\#u{301}"]"#),
        ] {
            let values = Mutex<[[UInt8]]>([])
            let watching = Task {
                try await provider.watchValue(forKey: AbsoluteConfigKey([key]), type: type) { updates in
                    for await update in updates {
                        let bytes: [UInt8] =
                            switch try update.get().value?.content {
                            case .string(let text): Array(text.utf8)
                            case .stringArray(let list): list.flatMap { Array($0.utf8) }
                            default: []
                            }
                        values.withLock { $0.append(bytes) }
                    }
                }
            }
            await eventually("the first value is read") { values.withLock { $0.count } == 1 }
            flags.set(key, to: text)
            await eventually("the change is read", within: 5) { values.withLock { $0.count } == 2 }
            watching.cancel()
            try await watching.value
            #expect(values.withLock { $0.last } == Array("e\u{301}".utf8))
        }
    }

    @Test("keys and contexts of any form give a value or an error")
    func hostileKeys() throws {
        let flags = TestFlags {
            $0.set("", to: 1)
            $0.set("a.b", to: 2)
            $0.set("\u{E9}", to: 3)
            $0.set("plan", to: "pro", where: .custom("plan", isOneOf: "\u{E9}"))
        }
        let client = flags.client()
        Cleanup.add { client.close() }
        let reader = ConfigReader(provider: ConfigCatProvider(client: client))
        #expect(reader.int(forKey: ConfigKey([])) == 1)
        #expect(reader.int(forKey: ConfigKey(["a.b"])) == 2)
        #expect(reader.int(forKey: ConfigKey(["\u{E9}"])) == 3)
        #expect(reader.int(forKey: ConfigKey(["e\u{301}"])) == nil)
        #expect(reader.int(forKey: ConfigKey([String(repeating: "x", count: 1_000_000)])) == nil)
        func plan(_ value: ConfigContextValue) -> String? {
            reader.scoped(to: ConfigKey([], context: ["plan": value])).string(forKey: "plan")
        }
        #expect(plan("\u{E9}") == "pro" && plan("e\u{301}") == "")
        for value: ConfigContextValue in [.double(.nan), .double(.infinity), .int(.min), .bool(true)] {
            #expect(plan(value) == "")
            #expect(reader.scoped(to: ConfigKey([], context: ["identifier": value])).string(forKey: "plan") == "")
        }
    }

    @Test("a client that runs outside of a group ends with its task")
    func outsideOfGroup() async throws {
        let cdn = try await ScriptedCDN(.stall)
        Cleanup.add { await cdn.shutdown() }
        let client = try makeClient(nil, mode: PollingModes.autoPoll()) { $0.baseUrl = cdn.url }
        let running = Task { try await client.run() }
        try await cdn.waitForRequests(1)
        #expect(!client.health.isClosed)
        running.cancel()
        try await running.value
        #expect(client.health.isClosed)
        let cancelled = try makeClient(nil) { $0.baseUrl = cdn.url }
        try await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await cancelled.run()
        }.value
        #expect(cancelled.health.isClosed)
    }

    @Test("fetches of closed clients, offline clients and clients of tests end, and give what is in memory")
    func fetches() async throws {
        let flags = TestFlags { $0.set("n", to: 1) }
        let client = flags.client()
        let provider = ConfigCatProvider(client: client)
        let key = AbsoluteConfigKey(["n"])
        #expect(try await provider.fetchValue(forKey: key, type: .int).value?.content == .int(1))
        try await withFlags(flags) {
            $0.set("n", to: 2)
        } operation: {
            let fetched = try await provider.fetchValue(forKey: key, type: .int)
            let read = try provider.snapshot().value(forKey: key, type: .int)
            #expect(fetched.value?.content == .int(2) && read == fetched)
            flags.startOutage()
            let missing = try provider.value(forKey: key, type: .int)
            #expect(missing.value == nil)
        }
        await client.shutdown()
        #expect(try await provider.fetchValue(forKey: key, type: .int).value?.content == .int(1))
    }
}
