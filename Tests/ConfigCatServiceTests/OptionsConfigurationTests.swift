import ConfigCatInMemoryCache
import ConfigCatTestSupport
import Configuration
import Foundation
import Logging
import Synchronization
import Testing

@testable import ConfigCat

@Suite("Options from configuration", .cleanup)
struct OptionsConfigurationTests {
    private func variables(_ variables: [String: String]) -> ConfigReader {
        ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
    }

    /// Reads JSON as swift-configuration's provider of JSON files does.
    private func file(_ json: String) throws -> ConfigReader {
        ConfigReader(provider: try JSONFile(json))
    }

    private static let all = [
        "CONFIGCAT_POLLING_MODE": "auto", "CONFIGCAT_POLL_INTERVAL": "30s", "CONFIGCAT_MAX_INIT_WAIT": "500ms",
        "CONFIGCAT_POLLING_JITTER": "0.25", "CONFIGCAT_LEASE_DURATION": "10", "CONFIGCAT_DATA_GOVERNANCE": "euOnly",
        "CONFIGCAT_BASE_URL": "https://cdn.example.com/flags", "CONFIGCAT_OFFLINE": "true",
        "CONFIGCAT_LOG_LEVEL": "error", "CONFIGCAT_CACHE": "memory:",
        "CONFIGCAT_DEFAULT_USER_IDENTIFIER": "batch", "CONFIGCAT_DEFAULT_USER_EMAIL": "b@example.com",
        "CONFIGCAT_DEFAULT_USER_COUNTRY": "HU",
        "CONFIGCAT_DEFAULT_USER_CUSTOM": #"{"Plan": "Pro", "Orders": 3, "Groups": ["a", "b"]}"#,
        "CONFIGCAT_OVERRIDES_FILE": "/etc/flags.json", "CONFIGCAT_OVERRIDES_BEHAVIOUR": "remoteOverLocal",
        "CONFIGCAT_HTTP_CONNECT_TIMEOUT": "2.5", "CONFIGCAT_HTTP_READ_TIMEOUT": "1m",
        "CONFIGCAT_HTTP_BODY_LIMIT": "1048576", "CONFIGCAT_HTTP_CA_CERTIFICATE_FILE": "/etc/ca.pem",
        "CONFIGCAT_HTTP_PROXY_HOST": "proxy.internal", "CONFIGCAT_HTTP_PROXY_PORT": "3128",
        "CONFIGCAT_HTTP_PROXY_USERNAME": "jane", "CONFIGCAT_HTTP_PROXY_PASSWORD": "secret",
    ]

    private func check(_ options: ConfigCatOptions) throws {
        guard case .auto(let interval, let wait) = options.pollingMode.kind else {
            Issue.record("the mode is \(options.pollingMode.kind)")
            return
        }
        #expect(interval == .seconds(30) && wait == .milliseconds(500))
        #expect(options.pollingJitter == 0.25)
        #expect(options.leaseDuration == .seconds(10))
        #expect(options.dataGovernance == .euOnly)
        #expect(options.baseUrl == "https://cdn.example.com/flags")
        #expect(options.offline)
        #expect(options.logLevel == .error)
        #expect(options.configCache is InMemoryConfigCache)
        #expect(
            options.defaultUser?.description
                == #"{"Identifier":"batch","Email":"b@example.com","Country":"HU","Groups":["a","b"],"Orders":3,"Plan":"Pro"}"#
        )
        let source = try #require(options.flagOverrides as? LocalFileDataSource)
        #expect(source.path == "/etc/flags.json" && source.behaviour == .remoteOverLocal)
        #expect(options.http.connectTimeout == .milliseconds(2500))
        #expect(options.http.readTimeout == .seconds(60))
        #expect(options.http.bodyLimit == 1_048_576)
        #expect(options.http.caCertificateFile == "/etc/ca.pem")
        #expect(options.http.proxy?.description == "proxy.internal:3128")
        #expect(options.http.proxy?.username == "jane" && options.http.proxy?.password == "secret")
    }

    @Test("environment variables set every option")
    func environment() throws {
        // Apart from the SDK key and the interval of lazy loading, which auto polling does not use.
        #expect(
            Set(Self.all.keys)
                == Set(OptionKey.allCases.map(\.environmentName)).subtracting([
                    "CONFIGCAT_SDK_KEY", "CONFIGCAT_CACHE_REFRESH_INTERVAL",
                ]))
        try check(try ConfigCatOptions(reader: variables(Self.all)) { _ in .inMemory() })
    }

    @Test("a JSON file sets every option, with numbers and Booleans")
    func json() async throws {
        let reader = try file(
            #"""
            {"configcat": {
              "pollingMode": "auto", "pollInterval": 30, "maxInitWait": 0.5, "pollingJitter": 0.25, "leaseDuration": 10,
              "dataGovernance": "euOnly", "baseUrl": "https://cdn.example.com/flags", "offline": true,
              "logLevel": "error", "cache": "memory:",
              "defaultUser": {"identifier": "batch", "email": "b@example.com", "country": "HU",
                "custom": "{\"Plan\": \"Pro\", \"Orders\": 3, \"Groups\": [\"a\", \"b\"]}"},
              "overrides": {"file": "/etc/flags.json", "behaviour": "remoteOverLocal"},
              "http": {"connectTimeout": 2.5, "readTimeout": "1m", "bodyLimit": 1048576,
                "caCertificateFile": "/etc/ca.pem",
                "proxy": {"host": "proxy.internal", "port": 3128, "username": "jane", "password": "secret"}}
            }}
            """#)
        try check(try ConfigCatOptions(reader: reader) { _ in .inMemory() })
    }

    @Test("values in memory set options, and a scoped reader those of another client")
    func scoped() throws {
        let reader = ConfigReader(
            provider: InMemoryProvider(values: [
                "configcat.offline": true, "billing.configcat.pollingMode": "lazy",
                "billing.configcat.cacheRefreshInterval": 5, "configcat.pollingMode": "manual",
            ]))
        let options = try ConfigCatOptions(reader: reader)
        #expect(options.offline)
        guard case .manual = options.pollingMode.kind else { Issue.record("not manual"); return }
        let billing = try ConfigCatOptions(reader: reader.scoped(to: "billing"))
        #expect(!billing.offline)
        guard case .lazy(.seconds(5)) = billing.pollingMode.kind else { Issue.record("not lazy"); return }
    }

    @Test("without settings, options have their defaults; empty strings are not settings")
    func defaults() throws {
        for reader in [variables([:]), variables(Self.all.mapValues { _ in "" })] {
            let options = try ConfigCatOptions(reader: reader)
            let expected = ConfigCatOptions()
            guard case .auto(.seconds(60), .seconds(5)) = options.pollingMode.kind else {
                Issue.record("not auto")
                return
            }
            #expect(options.pollingJitter == expected.pollingJitter)
            #expect(options.leaseDuration == expected.leaseDuration)
            #expect(options.http.connectTimeout == expected.http.connectTimeout)
            #expect(options.http.readTimeout == expected.http.readTimeout)
            #expect(options.http.bodyLimit == expected.http.bodyLimit)
            #expect(options.baseUrl.isEmpty && !options.offline && options.logLevel == nil)
            #expect(options.configCache == nil && options.defaultUser == nil && options.flagOverrides == nil)
            #expect(options.http.proxy == nil && options.http.caCertificateFile == nil)
        }
    }

    @Test(
        "an error names the full key and what it should be",
        arguments: [
            ("CONFIGCAT_POLLING_MODE", "Auto", "configcat.pollingMode is 'Auto'; it has to be auto, lazy or manual"),
            ("CONFIGCAT_POLL_INTERVAL", "30 s", "configcat.pollInterval is '30 s'; it has to be a number of seconds"),
            ("CONFIGCAT_POLL_INTERVAL", "999ms", "from 1s to 2147483s"),
            ("CONFIGCAT_POLL_INTERVAL", "-1", "configcat.pollInterval is '-1'"),
            ("CONFIGCAT_POLL_INTERVAL", "1e400", "configcat.pollInterval is '1e400'"),
            ("CONFIGCAT_POLL_INTERVAL", "nan", "configcat.pollInterval is 'nan'"),
            ("CONFIGCAT_POLL_INTERVAL", String(repeating: "9", count: 400) + "h", "configcat.pollInterval is '9"),
            ("CONFIGCAT_MAX_INIT_WAIT", "5 minutes", "configcat.maxInitWait is '5 minutes'"),
            (
                "CONFIGCAT_POLLING_JITTER", "1.1",
                "configcat.pollingJitter is '1.1'; it has to be a number from 0.0 to 1.0"
            ),
            ("CONFIGCAT_POLLING_JITTER", "nan", "configcat.pollingJitter is 'nan'"),
            ("CONFIGCAT_LEASE_DURATION", "0", "from 1s to 600s"),
            ("CONFIGCAT_DATA_GOVERNANCE", "eu", "configcat.dataGovernance is 'eu'; it has to be global or euOnly"),
            ("CONFIGCAT_BASE_URL", "cdn.example.com", "configcat.baseUrl is 'cdn.example.com'; it has to be a URL"),
            ("CONFIGCAT_OFFLINE", "maybe", "configcat.offline is 'maybe'; it has to be true or false"),
            ("CONFIGCAT_LOG_LEVEL", "warn", "trace, debug, info, notice, warning, error or critical"),
            (
                "CONFIGCAT_DEFAULT_USER_EMAIL", "a@b",
                "configcat.defaultUser.email is set without configcat.defaultUser.identifier"
            ),
            ("CONFIGCAT_DEFAULT_USER_CUSTOM", "[]", "configcat.defaultUser.custom is '[]'; it has to be a JSON object"),
            (
                "CONFIGCAT_OVERRIDES_BEHAVIOUR", "localOnly",
                "configcat.overrides.behaviour is set without configcat.overrides.file"
            ),
            (
                "CONFIGCAT_HTTP_BODY_LIMIT", "0",
                "configcat.http.bodyLimit is '0'; it has to be a whole number from 1 to"
            ),
            ("CONFIGCAT_HTTP_BODY_LIMIT", "99999999999999999999", "configcat.http.bodyLimit is '9999"),
            ("CONFIGCAT_HTTP_PROXY_HOST", "proxy", "configcat.http.proxy.port is not set"),
            ("CONFIGCAT_HTTP_PROXY_PORT", "3128", "configcat.http.proxy.port is set without configcat.http.proxy.host"),
            ("CONFIGCAT_HTTP_PROXY_PORT", "70000", "a whole number from 1 to 65535"),
            ("CONFIGCAT_HTTP_CONNECT_TIMEOUT", "2d", "configcat.http.connectTimeout is '2d'"),
            ("CONFIGCAT_CACHE", "redis://u:hunter2@h", "configcat.cache is set, but"),
        ])
    func errors(name: String, value: String, message: String) {
        let error = #expect(throws: ConfigCatError.self) {
            try ConfigCatOptions(reader: variables([name: value]))
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("hunter2") == false)
    }

    @Test("values of a wrong type are errors, not absent")
    func wrongTypes() async throws {
        let reader = try file(
            #"{"configcat": {"offline": 5, "pollInterval": [1], "baseUrl": 7, "logLevel": ["a"], "cache": 12345}}"#)
        let error = #expect(throws: ConfigCatError.self) { try ConfigCatOptions(reader: reader) }
        let message = error?.message ?? ""
        #expect(message.hasPrefix("5 settings are wrong:"), "\(message)")
        for part in [
            "configcat.offline is 5;", "configcat.pollInterval is an array;", "configcat.baseUrl is 7;",
            "configcat.logLevel is an array;", "configcat.cache is invalid;",
        ] {
            #expect(message.contains("\n- \(part)"))
        }
        #expect(!message.contains("12345"))
    }

    @Test("no error contains a secret")
    func secrets() async throws {
        struct Leak: Error, CustomStringConvertible { let description: String }
        let url = "redis://jane:hunter2@host:6379"
        for text in [url, "login of jane failed", "the password hunter2 is wrong"] {
            let error = #expect(throws: ConfigCatError.self) {
                try ConfigCatOptions(reader: variables(["CONFIGCAT_CACHE": url])) { _ in throw Leak(description: text) }
            }
            #expect(error?.message == "configcat.cache cannot be opened: Leak")
        }
        let error = #expect(throws: ConfigCatError.self) {
            try ConfigCatOptions(reader: variables(["CONFIGCAT_CACHE": url])) { _ in throw Leak(description: "no disk")
            }
        }
        #expect(error?.message == "configcat.cache cannot be opened: no disk")
        let reader = try file(#"{"configcat": {"http": {"proxy": {"host": "h", "port": 1, "password": 4711}}}}"#)
        let typeError = #expect(throws: ConfigCatError.self) { try ConfigCatOptions(reader: reader) }
        #expect(typeError?.message.contains("configcat.http.proxy.password is invalid") == true)
        #expect(typeError?.message.contains("4711") == false)
    }

    @Test("secrets are secret for access reporters, too")
    func accessReports() throws {
        final class Reporter: AccessReporter {
            let events = Mutex<[String]>([])
            func report(_ event: AccessEvent) { events.withLock { $0.append("\(event) \(event.providerResults)") } }
        }
        let reporter = Reporter()
        let values = [
            "CONFIGCAT_SDK_KEY": testKey, "CONFIGCAT_CACHE": "redis://jane:hunter2@h",
            "CONFIGCAT_HTTP_PROXY_PASSWORD": "hunter3",
        ]
        let reader = ConfigReader(
            provider: EnvironmentVariablesProvider(environmentVariables: values), accessReporter: reporter)
        #expect(throws: ConfigCatError.self) { try ConfigCatClient.get(reader: reader) }
        let events = reporter.events.withLock(\.self)
        #expect(events.contains { $0.contains("configcat.cache") && $0.contains("REDACTED") })
        #expect(!events.contains { $0.contains("hunter") || $0.contains("TEST_KEY") })
    }

    @Test("a cache that the program does not support is an error; it is not opened if other settings are wrong")
    func cacheErrors() {
        let error = #expect(throws: ConfigCatError.self) {
            try ConfigCatOptions(reader: variables(["CONFIGCAT_CACHE": "carrier-pigeon:"])) { _ in nil }
        }
        #expect(error?.message == "configcat.cache is not the URL of a cache that the program supports")
        #expect(throws: ConfigCatError.self) {
            try ConfigCatOptions(reader: variables(["CONFIGCAT_CACHE": "memory:", "CONFIGCAT_OFFLINE": "x"])) { _ in
                Issue.record("the cache is opened")
                return nil
            }
        }
    }

    @Test("a client comes from settings alone; a closure adds what settings cannot express")
    func client() async throws {
        let cdn = try await TestCDN(TestConfig.answer(7))
        let key = "configcat-sdk-1/CONFIGURATION_KEY-0123/1234567890123456789012"
        let recorder = LogRecorder()
        let client = try ConfigCatClient.get(
            reader: variables(["CONFIGCAT_SDK_KEY": key, "CONFIGCAT_BASE_URL": cdn.url]),
            logger: recorder.logger(.warning)
        ) { $0.defaultUser = ConfigCatUser(identifier: "u") }
        Cleanup.add { client.close() }
        #expect(await client.getValue(for: "number", defaultValue: 0) == 7)
        #expect(cdn.requests.first?.path.contains(key) == true)
    }

    @Test("the SDK key is required, and is masked in errors")
    func sdkKey() {
        func message(_ values: [String: String]) -> String {
            (#expect(throws: ConfigCatError.self) { try ConfigCatClient.get(reader: variables(values)) })?.message ?? ""
        }
        #expect(message([:]) == "configcat.sdkKey is not set; it has to be an SDK key")
        let bad = message(["CONFIGCAT_SDK_KEY": "configcat-sdk-1/hunter2hunter2/x"])
        #expect(bad.hasPrefix("configcat.sdkKey is invalid: the SDK key 'config"))
        #expect(!bad.contains("hunter2"))
        let both = message(["CONFIGCAT_OFFLINE": "x"])
        #expect(both.contains("2 settings are wrong") && both.contains("configcat.sdkKey is not set"))
    }

    @Test(
        "unknown keys are reported with the nearest known one",
        arguments: [
            ("CONFIGCAT_POL_INTERVAL", "CONFIGCAT_POLL_INTERVAL"), ("CONFIGCAT_SDKKEY", "CONFIGCAT_SDK_KEY"),
            ("CONFIGCAT_BASE_URI", "CONFIGCAT_BASE_URL"), ("configcat.http.readTimout", "configcat.http.readTimeout"),
            ("configcat.baseURL", "configcat.baseUrl"), ("configcat.somethingElse", nil), ("CONFIGCAT_", nil),
            ("configcat." + String(repeating: "x", count: 100_000), nil),
        ])
    func unknown(name: String, suggestion: String?) {
        let known = ["CONFIGCAT_SDK_KEY", "configcat.sdkKey", "PATH", "configcatctl", "my.configcat.x"]
        let unknown = ConfigCatOptions.unknownKeys(in: known + [name])
        #expect(unknown == [UnknownConfigurationKey(name: name, suggestion: suggestion)])
        #expect(unknown.first?.description.contains("'\(suggestion ?? name)'") == true)
    }

    @Test("every key has the environment variable that swift-configuration reads")
    func environmentNames() {
        for key in OptionKey.allCases {
            #expect(variables([key.environmentName: "x"]).string(forKey: key.configKey) == "x")
            #expect(ConfigCatOptions.unknownKeys(in: [key.environmentName, key.rawValue]).isEmpty)
        }
        #expect(Set(ConfigCatOptions.configurationKeys).count == OptionKey.allCases.count)
    }

    @Test("a client warns of unknown environment variables, but only of those that its reader reads")
    func warning() {
        let names = ["CONFIGCAT_POL_INTERVAL", "CONFIGCAT_OTHER", "CONFIGCAT_SDK_KEY"]
        let reader = variables(["CONFIGCAT_POL_INTERVAL": "30", "CONFIGCAT_SDK_KEY": "x"])
        let found = ConfigCatOptions.unknownVariables(of: reader, in: names)
        #expect(found.map(\.name) == ["CONFIGCAT_POL_INTERVAL"])
    }

    @Test(
        "durations are seconds, or have a unit",
        arguments: [
            ("0", Duration.zero), ("30", .seconds(30)), ("1.5", .milliseconds(1500)), ("500ms", .milliseconds(500)),
            ("0.1s", .milliseconds(100)), ("5m", .seconds(300)), ("1h", .seconds(3600)), ("007", .seconds(7)),
        ])
    func durations(text: String, duration: Duration) {
        #expect(DurationText.duration(text) == duration)
    }

    @Test(
        "what is not a duration is rejected",
        arguments: [
            "", "s", ".5", "5.", "1.2.3", "+5", "-5", "5 s", "5S", "0x10", "1e3", "inf", "nan", "٣", "5d",
            "99999999999",
        ])
    func noDurations(text: String) {
        #expect(DurationText.duration(text) == nil)
    }
}

/// A provider that answers as swift-configuration's for JSON files, which is behind a trait: numbers and Booleans are
/// converted into each other, and other wrong types throw.
private struct JSONFile: ConfigProvider, ConfigSnapshot {
    private struct WrongType: Error {}

    let providerName = "JSONFile"
    private var values: [String: any Sendable] = [:]

    init(_ json: String) throws {
        func add(_ value: Any, _ key: String) {
            if let object = value as? [String: Any] {
                for (name, value) in object { add(value, key.isEmpty ? name : "\(key).\(name)") }
            } else if let text = value as? String {
                values[key] = text
            } else if let list = value as? [Any] {
                values[key] = list.map { "\($0)" }
            } else if let number = value as? NSNumber {
                values[key] = number.doubleValue
            }
        }
        add(try JSONSerialization.jsonObject(with: Data(json.utf8)), "")
    }

    func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
        let name = key.components.joined(separator: ".")
        guard let value = values[name] else { return LookupResult(encodedKey: name, value: nil) }
        let content: ConfigContent? =
            switch (type, value) {
            case (.string, let text as String): .string(text)
            case (.stringArray, let list as [String]): .stringArray(list)
            case (.int, let number as Double): Int(exactly: number).map { .int($0) }
            case (.double, let number as Double): .double(number)
            case (.bool, let number as Double): .bool(number != 0)
            default: nil
            }
        guard let content else { throw WrongType() }
        return LookupResult(encodedKey: name, value: ConfigValue(content, isSecret: false))
    }

    func fetchValue(forKey key: AbsoluteConfigKey, type: ConfigType) async throws -> LookupResult {
        try value(forKey: key, type: type)
    }

    nonisolated(nonsending) func watchValue<Return: ~Copyable>(
        forKey key: AbsoluteConfigKey, type: ConfigType,
        updatesHandler:
            nonisolated(nonsending) (ConfigUpdatesAsyncSequence<Result<LookupResult, any Error>, Never>)
            async throws -> Return
    ) async throws -> Return {
        try await watchValueFromValue(forKey: key, type: type, updatesHandler: updatesHandler)
    }

    func snapshot() -> any ConfigSnapshot { self }

    nonisolated(nonsending) func watchSnapshot<Return: ~Copyable>(
        updatesHandler:
            nonisolated(nonsending) (ConfigUpdatesAsyncSequence<any ConfigSnapshot, Never>) async throws -> Return
    ) async throws -> Return {
        try await watchSnapshotFromSnapshot(updatesHandler: updatesHandler)
    }
}
