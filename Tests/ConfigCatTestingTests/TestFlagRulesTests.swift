import ConfigCat
import ConfigCatEvaluation
import ConfigCatTestSupport
import ConfigCatTesting
import Foundation
import Logging
import Testing

@Suite("Rules of test flags")
struct TestFlagRulesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var condition: TestFlagCondition
        var met: ConfigCatUser
        var unmet: ConfigCatUser
        var testDescription: String { "\(condition)" }
    }

    private static func custom(_ value: any Sendable) -> ConfigCatUser {
        ConfigCatUser(identifier: "x", custom: ["A": value])
    }

    private static let noon = Date(timeIntervalSince1970: 1_800_000_000)

    private static let cases = [
        Case(condition: .identifier(isOneOf: "a", "jane"), met: jane, unmet: ConfigCatUser(identifier: "b")),
        Case(condition: .identifier(startsWith: "ja"), met: jane, unmet: ConfigCatUser(identifier: "aj")),
        Case(condition: .identifier(endsWith: "ne"), met: jane, unmet: ConfigCatUser(identifier: "en")),
        Case(condition: .identifier(contains: "an"), met: jane, unmet: ConfigCatUser(identifier: "na")),
        Case(
            condition: .email(isOneOf: "jane@example.com"), met: jane,
            unmet: ConfigCatUser(identifier: "j", email: "Jane@example.com")),
        Case(condition: .email(startsWith: "jane@"), met: jane, unmet: ConfigCatUser(identifier: "j", email: "j@")),
        Case(
            condition: .email(endsWith: "@example.com"), met: jane, unmet: ConfigCatUser(identifier: "j", email: "j")),
        Case(condition: .email(contains: "@"), met: jane, unmet: ConfigCatUser(identifier: "j", email: "j")),
        Case(condition: .country(isOneOf: "HU"), met: jane, unmet: ConfigCatUser(identifier: "j", country: "DE")),
        Case(condition: .custom("A", isOneOf: "x\"y"), met: custom("x\"y"), unmet: custom("x")),
        Case(condition: .custom("A", startsWith: "x"), met: custom("xy"), unmet: custom("yx")),
        Case(condition: .custom("A", endsWith: "x"), met: custom("yx"), unmet: custom("xy")),
        Case(condition: .custom("A", contains: "x"), met: custom("yxy"), unmet: custom("y")),
        Case(condition: .custom("A", includes: "x"), met: custom(["y", "x"]), unmet: custom(["xy"])),
        Case(condition: .custom("A", equals: 5), met: custom(5), unmet: custom(5.5)),
        Case(condition: .custom("A", lessThan: 5), met: custom(4.9), unmet: custom(5)),
        Case(condition: .custom("A", greaterThan: 0.1), met: custom(0.2), unmet: custom(0.1)),
        Case(condition: .custom("A", versionBefore: "2.0.0"), met: custom("2.0.0-beta"), unmet: custom("2.0.0")),
        Case(condition: .custom("A", versionAfter: "2.0.0"), met: custom("2.0.1"), unmet: custom("2.0.0")),
        Case(
            condition: .custom("A", before: noon.timeIntervalSince1970), met: custom(noon - 1), unmet: custom(noon)),
        Case(condition: .custom("A", after: noon.timeIntervalSince1970), met: custom(noon + 1), unmet: custom(noon)),
    ]

    @Test("a rule applies to the users who meet its condition, its opposite to the others", arguments: cases)
    func conditions(_ test: Case) async {
        let flags = TestFlags {
            $0.set("flag", to: true, where: test.condition)
            $0.set("opposite", to: true, where: .not(test.condition))
            $0.set("same", to: true, where: .not(.not(test.condition)))
        }
        let snapshot = flags.client().snapshot()
        func get(_ key: String, _ user: ConfigCatUser) -> Bool {
            snapshot.getValue(for: key, defaultValue: false, user: user)
        }
        #expect(get("flag", test.met) && !get("flag", test.unmet))
        #expect(!get("opposite", test.met) && get("opposite", test.unmet))
        #expect(get("same", test.met) && !get("same", test.unmet))
        let details = snapshot.getValueDetails(for: "flag", defaultValue: false, user: test.met)
        #expect(details.matchedTargetingRule?.position == 0 && details.matchedTargetingRule?.conditions.count == 1)
        #expect(flags.values.json.contains("\"flag\""))
    }

    @Test("a user without the attribute meets neither a condition nor its opposite")
    func missingAttributes() {
        let flags = TestFlags {
            $0.set("a", to: true, where: .custom("A", isOneOf: "x"))
            $0.set("b", to: true, where: .not(.custom("A", isOneOf: "x")))
        }
        let snapshot = flags.client { $0.logLevel = .critical }.snapshot(for: jane)
        #expect(!snapshot.getValue(for: "a", defaultValue: true) && !snapshot.getValue(for: "b", defaultValue: true))
    }

    @Test("rules apply in their order; one with the conditions of another replaces it; setting a value removes all")
    func order() async {
        let flags = TestFlags()
        let client = flags.client()
        flags.set(.searchEngine, to: "vector", where: .email(endsWith: "@example.com"))
        #expect(await client.value(of: .searchEngine, user: jane) == "vector")
        #expect(await client.value(of: .searchEngine) == "plain", "the declared default is for the others")
        flags.set(.searchEngine, to: "both", where: .identifier(isOneOf: "jane"), .country(isOneOf: "DE"))
        flags.set(.searchEngine, to: "late", where: .identifier(isOneOf: "jane"), otherwise: "other")
        #expect(await client.value(of: .searchEngine, user: jane) == "vector")
        #expect(await client.value(of: .searchEngine) == "other")
        flags.set(.searchEngine, to: "hybrid", where: .email(endsWith: "@example.com"))
        #expect(await client.value(of: .searchEngine, user: jane) == "hybrid")
        let john = ConfigCatUser(identifier: "jane", country: "DE")
        #expect(await client.value(of: .searchEngine, user: john) == "both")
        flags.set(.searchEngine, to: "all")
        #expect(await client.value(of: .searchEngine, user: jane) == "all")
    }

    @Test("a rule with a value of another type replaces the setting; a new setting has an empty value")
    func otherType() async {
        let flags = TestFlags { $0["flag"] = true }
        let client = flags.client()
        flags.set("flag", to: 5, where: .identifier(isOneOf: "jane"))
        #expect(await client.getValue(for: "flag", defaultValue: 1, user: jane) == 5)
        #expect(await client.getValue(for: "flag", defaultValue: 1) == 0)
    }

    @Test("percentages give users the shares that production gives them")
    func percentages() async throws {
        let flags = TestFlags()
        let client = flags.client()
        try flags.set(.newCheckout, percentages: [(20, true), (80, false)])
        let real = ConfigCatClientSnapshot(
            config: try Config(
                json: #"""
                    {"f":{"newCheckout":{"t":0,"v":{"b":false},"p":[{"p":20,"v":{"b":true}},{"p":80,"v":{"b":false}}]}}}
                    """#))
        var count = 0
        for index in 0..<2000 {
            let user = ConfigCatUser(identifier: "user\(index)")
            let details = await client.getValueDetails(for: "newCheckout", defaultValue: false, user: user)
            #expect(details.value == real.value(of: .newCheckout, user: user))
            #expect(details.matchedPercentageOption?.percentage == (details.value ? 20 : 80))
            count += details.value ? 1 : 0
        }
        #expect((300...500).contains(count))
    }

    @Test("rules come before percentages, which can be by another attribute")
    func rulesAndPercentages() async throws {
        let flags = TestFlags()
        let client = flags.client()
        flags.set(.limit, to: 1, where: .identifier(isOneOf: "jane"))
        try flags.set(.limit, percentages: [(0, 2), (100, 3)], by: "Country")
        #expect(await client.value(of: .limit, user: jane) == 1)
        let john = ConfigCatUser(identifier: "john", country: "DE")
        #expect(await client.value(of: .limit, user: john) == 3)
        #expect(await client.value(of: .limit, user: ConfigCatUser(identifier: "no country")) == 10)
    }

    @Test(
        "percentages that do not add up to 100 are an error that names the setting",
        arguments: [[], [50], [50, 51], [-20, 120], [.nan], [.infinity]] as [[Double]])
    func badPercentages(_ percentages: [Double]) {
        let flags = TestFlags { $0[.limit] = 5 }
        let error = #expect(throws: TestFlagsError.self) {
            try flags.set(.limit, percentages: percentages.map { (percentage: $0, value: 1) })
        }
        #expect(error?.code == .invalidPercentages && error?.message.contains("'limit'") == true)
        #expect(flags.values[.limit] == 5)
    }

    // MARK: - Files

    private static let document = #"""
        {"p": {"s": "salt", "r": 0}, "s": [{"n": "Staff", "r": [{"a": "Email", "c": 32, "l": ["@example.com"]}]}],
         "f": {
           "newCheckout": {"t": 0, "v": {"b": false}, "r": [{"c": [{"s": {"s": 0, "c": 0}}], "s": {"v": {"b": true}}}]},
           "freeShipping": {"t": 0, "v": {"b": false},
             "r": [{"c": [{"p": {"f": "newCheckout", "c": 0, "v": {"b": true}}}], "s": {"v": {"b": true}}}]},
           "limit": {"t": 2, "v": {"i": 3}}, "malformed": {"t": 9}}}
        """#

    @Test("a config file is loaded with its segments and prerequisites, and can be changed afterwards")
    func file() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "flags.json").path
            try Data(Self.document.utf8).write(to: URL(filePath: path))
            let flags = TestFlags { $0["old"] = true }
            let client = flags.client { $0.logLevel = .critical }
            try flags.load(contentsOfFile: path)
            #expect(await client.getAllKeys() == ["newCheckout", "freeShipping", "limit", "malformed"])
            #expect(await client.value(of: .newCheckout, user: jane))
            #expect(await client.value(of: .freeShipping, user: jane))
            #expect(await !client.value(of: .freeShipping, user: ConfigCatUser(identifier: "x", email: "x")))
            #expect(await client.value(of: .limit) == 3)
            #expect(flags.values[.limit] == 3)
            let details = await client.getValueDetails(for: "malformed", defaultValue: 1)
            #expect(details.errorCode == .invalidConfigModel)

            flags.set(.newCheckout, to: false)
            #expect(await !client.value(of: .freeShipping, user: jane), "the prerequisite is off")
            flags.set(.limit, to: 4, where: .identifier(isOneOf: "jane"))
            #expect(await client.value(of: .limit, user: jane) == 4)
            #expect(await client.value(of: .limit) == 3, "the value of the file is for the others")
            flags.setAll(to: true)
            #expect(await client.value(of: .freeShipping))
            flags.remove(.limit)
            #expect(await client.value(of: .limit) == 10)
            #expect(await client.getAllKeys() == ["newCheckout", "freeShipping", "malformed"])
        }
    }

    @Test("config JSON v5 and plain values are loaded too")
    func otherLayouts() async throws {
        var values = TestFlagValues()
        try values.load(json: #"{"flags": {"limit": 5, "searchEngine": "vector", "rate": 0.5}}"#)
        #expect(values[.limit] == 5 && values[.searchEngine] == "vector" && values["rate"] == 0.5)
        try values.load(
            json: #"{"f":{"limit":{"t":2,"v":1,"r":[{"o":0,"a":"Email","t":2,"c":"@example.com","v":2}],"p":[]}}}"#)
        let flags = TestFlags { $0 = values }
        #expect(await flags.client().value(of: .limit, user: jane) == 2)
        #expect(await flags.client().value(of: .limit) == 1)
    }

    @Test("a file that is absent or not a config is an error, and changes nothing")
    func badFiles() async throws {
        let flags = TestFlags { $0[.limit] = 5 }
        #expect(throws: OverrideError.self) { try flags.load(contentsOfFile: "/nonexistent/flags.json") }
        #expect(throws: (any Error).self) { try flags.update { try $0.load(json: "{") } }
        #expect(throws: (any Error).self) { try flags.update { try $0.load(json: "[]") } }
        let sha1 = #"{"f":{"limit":{"t":2,"v":1,"r":[{"o":0,"a":"Email","t":16,"c":"00","v":2}],"p":[]}}}"#
        let error = #expect(throws: TestFlagsError.self) { try flags.update { try $0.load(json: sha1) } }
        #expect(error?.code == .invalidConfig && error?.message.contains("'limit'") == true)
        #expect(flags.values[.limit] == 5 && flags.values.keys == ["limit"])
    }

    @Test("a config of thousands of settings is loaded and changed")
    func large() async throws {
        let settings = (0..<5000).map { "\"flag\($0)\":{\"t\":0,\"v\":{\"b\":false}}" }.joined(separator: ",")
        let flags = TestFlags()
        try flags.update { try $0.load(json: "{\"f\":{\(settings)}}") }
        flags.setAll(to: true)
        let values = await flags.client().getAllValues()
        #expect(values.count == 5000 && values.values.allSatisfy { $0 as? Bool == true })
    }
}
