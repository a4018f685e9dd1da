import ConfigCatEvaluation
import Foundation
import Testing

@testable import ConfigCatServing

@Suite("Overlaid documents")
struct OverlaidDocumentTests {
    static func override(
        _ key: String, _ value: SettingValue, user: String? = nil, isEnabled: Bool = true
    ) throws -> Override {
        try Override(key: key, user: user, value: value, isEnabled: isEnabled, updated: Date(timeIntervalSince1970: 1))
    }

    static let json = """
        {"p":{"u":"https://cdn-eu.configcat.com","r":2,"s":"salt","x":1},"new":[1.50],
         "s":[{"n":"Beta","r":[{"a":"Email","c":0,"l":["b@x.io"]}]}],
         "f":{
          "main":{"t":0,"v":{"b":false},"i":"off","a":"Country",
            "r":[{"c":[{"s":{"s":0,"c":0}}],"s":{"v":{"b":true},"i":"on"}}],
            "p":[{"p":50,"v":{"b":true},"i":"half"},{"p":50,"v":{"b":false}}]},
          "sub":{"t":1,"v":{"s":"no"},"r":[{"c":[{"p":{"f":"main","c":0,"v":{"b":true}}}],"s":{"v":{"s":"yes"}}}]},
          "int":{"t":2,"v":{"i":1}}, "double":{"t":3,"v":{"d":1.5}}, "bad":{"t":2,"v":{"s":"x"}},
          "odd":{"t":7,"v":{"s":"x"}}, "untouched":{"t":1,"v":{"s":"\\ud800"},"z":1.0}}}
        """

    static func overlay(_ overrides: Override...) throws -> (config: Config, document: OverlaidDocument) {
        let document = OverlaidDocument(try Samples.upstream(json), overrides: OverrideSet(overrides))
        return (try Config(json: document.json.json), document)
    }

    @Test("an upstream document refers nobody elsewhere, and keeps all else")
    func upstream() throws {
        let upstream = try Samples.upstream(Self.json)
        #expect(upstream.json["p"]?.json == #"{"r":0,"s":"salt","x":1}"#)
        #expect(upstream.json["new"]?.json == "[1.50]")
        #expect(upstream.json["f"]?["untouched"]?.json == #"{"t":1,"v":{"s":"\ud800"},"z":1.0}"#)
        #expect(try Config(json: upstream.json.json).baseURL == nil)
        #expect(try Samples.upstream(#"{"f":{}}"#).json.json == #"{"f":{}}"#)
        #expect(try Samples.upstream(#"{"p":{"s":"x"},"p":{"r":1},"f":{}}"#).json.json == #"{"p":{"r":0},"f":{}}"#)
    }

    @Test("an upstream document evaluates as before", arguments: Samples.paths)
    func upstreamSamples(_ path: String) throws {
        let config = try Samples.config(path)
        let upstream = try UpstreamDocument(config)
        #expect(!config.keys.isEmpty)
        guard upstream.losses.isEmpty else { return }
        let served = try Config(json: upstream.json.json)
        for key in config.keys {
            for user in Samples.users {
                #expect(Samples.result(key, in: served, for: user) == Samples.result(key, in: config, for: user))
            }
        }
    }

    @Test("an override for everybody replaces rules and options, and prerequisites follow")
    func everybody() throws {
        let (config, document) = try Self.overlay(Self.override("main", .bool(true)))
        for user in Samples.users {
            #expect(Samples.result("main", in: config, for: user) == "bool true on")
            #expect(Samples.result("sub", in: config, for: user) == (user == nil ? "string yes -" : "string yes -"))
        }
        #expect(document.problems.isEmpty)
        #expect(document.json["f"]?["main"]?.json == #"{"t":0,"v":{"b":true},"i":"on","a":"Country"}"#)
        #expect(document.json["s"] == (try Samples.upstream(Self.json)).json["s"])
        #expect(document.json["f"]?["sub"] == (try Samples.upstream(Self.json)).json["f"]?["sub"])
    }

    @Test("an override for one user precedes targeting and the override for everybody")
    func user() throws {
        let one = try Self.override("main", .bool(true), user: "a, 'b' ")
        let (config, _) = try Self.overlay(one)
        let upstream = try Config(json: Self.json)
        #expect(Samples.result("main", in: config, for: ConfigCatUser(identifier: "a, 'b' ")) == "bool true on")
        #expect(Samples.result("sub", in: config, for: ConfigCatUser(identifier: "a, 'b' ")) == "string yes -")
        for user in Samples.users {
            #expect(Samples.result("main", in: config, for: user) == Samples.result("main", in: upstream, for: user))
        }
        let (both, _) = try Self.overlay(one, Self.override("main", .bool(false)))
        #expect(Samples.result("main", in: both, for: ConfigCatUser(identifier: "a, 'b' ")) == "bool true on")
        #expect(Samples.result("main", in: both, for: ConfigCatUser(identifier: "x")) == "bool false off")
        #expect(Samples.result("main", in: both, for: nil) == "bool false off")
    }

    @Test("users with the same value share a rule, and users are compared as bytes")
    func users() throws {
        let (config, document) = try Self.overlay(
            Self.override("int", .int(5), user: "e\u{301}"), Self.override("int", .int(6), user: "\u{e9}"),
            Self.override("int", .int(5), user: "z"))
        #expect(document.json["f"]?["int"]?["r"]?.array?.count == 2)
        #expect(Samples.result("int", in: config, for: ConfigCatUser(identifier: "e\u{301}")) == "int 5 -")
        #expect(Samples.result("int", in: config, for: ConfigCatUser(identifier: "\u{e9}")) == "int 6 -")
        #expect(Samples.result("int", in: config, for: ConfigCatUser(identifier: "z")) == "int 5 -")
        #expect(Samples.result("int", in: config, for: ConfigCatUser(identifier: "y")) == "int 1 -")
    }

    @Test("overrides of a missing or malformed setting, or of another type, have no effect and a problem")
    func problems() throws {
        let overrides = [
            try Self.override("main", .string("true")), try Self.override("gone", .bool(true), isEnabled: false),
            try Self.override("bad", .int(1), user: "u"), try Self.override("odd", .string("x")),
            try Self.override("int", .double(5)),
        ]
        let document = OverlaidDocument(try Samples.upstream(Self.json), overrides: OverrideSet(overrides))
        #expect(document.json == (try Samples.upstream(Self.json)).json)
        let texts = overrides.map { document.problems[$0.id] ?? "none" }
        #expect(texts[0] == "the setting 'main' is of type Bool, and the value is of type String")
        #expect(texts[1] == "the config has no setting 'gone'")
        #expect(texts[2].hasPrefix("the setting 'bad' is malformed: "))
        #expect(texts[3].hasPrefix("the setting 'odd' is malformed: "))
        #expect(texts[4] == "the setting 'int' is of type Int, and the value is of type Double")
    }

    @Test("a disabled override has no effect")
    func disabled() throws {
        let document = OverlaidDocument(
            try Samples.upstream(Self.json),
            overrides: OverrideSet([try Self.override("main", .bool(true), isEnabled: false)]))
        #expect(document.problems.isEmpty)
        #expect(document.json == (try Samples.upstream(Self.json)).json)
    }

    @Test("of a key that occurs twice, the last one is overridden")
    func duplicateKeys() throws {
        let upstream = try Samples.upstream(#"{"f":{"a":{"t":2,"v":{"i":1}},"a":{"t":1,"v":{"s":"x"},"v":{"s":"y"}}}}"#)
        let document = OverlaidDocument(upstream, overrides: OverrideSet([try Self.override("a", .string("new"))]))
        #expect(Samples.result("a", in: try Config(json: document.json.json), for: nil) == "string new -")
        #expect(document.json.json == #"{"f":{"a":{"t":2,"v":{"i":1}},"a":{"t":1,"v":{"s":"new"}}}}"#)
    }

    @Test(
        "values arrive as they are",
        arguments: [
            ("int", SettingValue.int(-2_147_483_648)), ("int", .int(2_147_483_647)), ("double", .double(5)),
            ("double", .double(1e300)), ("double", .double(-0.1)), ("sub", .string("")),
            ("sub", .string("<script>\"\\\u{0}\u{1F600}e\u{301}")),
            ("sub", .string(String(repeating: "x", count: 65_535))),
        ])
    func values(_ key: String, _ value: SettingValue) throws {
        let (config, _) = try Self.overlay(try Self.override(key, value))
        #expect(config[key]?.value == value)
    }

    @Test(
        "a value that some SDKs cannot read is refused",
        arguments: [
            SettingValue.int(2_147_483_648), .double(.infinity), .double(.nan),
            .string(String(repeating: "x", count: 65_536)),
        ])
    func refused(_ value: SettingValue) {
        #expect(throws: OverrideError.self) { try Self.override("a", value) }
    }

    @Test("overrides of every setting of the samples hold for every user", arguments: Samples.paths)
    func samples(_ path: String) throws {
        let upstream = try UpstreamDocument(Samples.config(path))
        let settings = upstream.config.settings.filter { $0.type != nil && $0.problem == nil }
        let value: (SettingType) -> SettingValue = { type in
            switch type {
            case .bool: .bool(true)
            case .string: .string("new")
            case .int: .int(77)
            case .double: .double(7.25)
            }
        }
        let overrides = try settings.map { try Self.override($0.key, value($0.type ?? .bool), user: "12345") }
        let config = try Config(json: OverlaidDocument(upstream, overrides: OverrideSet(overrides)).json.json)
        for setting in settings {
            let expected = value(setting.type ?? .bool)
            for user in Samples.users {
                let result = Samples.result(setting.key, in: config, for: user)
                if user?.identifier == "12345" {
                    #expect(result.hasPrefix("\(expected.type) \(expected) "))
                } else if !path.hasSuffix("circulardependency_v6.json"), !hasPrerequisites(setting) {
                    #expect(result == Samples.result(setting.key, in: upstream.config, for: user))
                }
            }
        }
    }

    private func hasPrerequisites(_ setting: Setting) -> Bool {
        setting.targetingRules.contains { rule in
            rule.conditions.contains { if case .prerequisite = $0.kind { true } else { false } }
        }
    }
}

@Suite("OverrideSet")
struct OverrideSetTests {
    private func override(_ key: String, _ user: String? = nil, _ value: Int = 1) throws -> Override {
        try Override(key: key, user: user, value: .int(value), updated: Date(timeIntervalSince1970: 1))
    }

    @Test("overrides are in the order of bytes, everybody first")
    func order() throws {
        let overrides = [
            try override("b"), try override("a", "z"), try override("a"), try override("a", "b"), try override("Z"),
            try override("\u{e9}"), try override("e\u{301}"),
        ]
        for set in [OverrideSet(overrides), OverrideSet(overrides.reversed())] {
            #expect(set.map(\.key) == ["Z", "a", "a", "a", "b", "e\u{301}", "\u{e9}"])
            #expect(set.map { $0.user ?? "-" } == ["-", "-", "b", "z", "-", "-", "-"])
            #expect(set.overrides(of: "a").map { $0.user ?? "-" } == ["-", "b", "z"])
            #expect(set.overrides(of: "\u{e9}").count == 1)
            #expect(set.overrides(of: "missing").isEmpty)
        }
    }

    @Test("setting, replacing and removing find the same override")
    func access() throws {
        var set = OverrideSet()
        for number in 0..<50 {
            set[Override.ID(key: "k\(number % 10)", user: number < 10 ? nil : "u\(number)")] =
                try override("k\(number % 10)", number < 10 ? nil : "u\(number)", number)
        }
        #expect(set.count == 50)
        set[Override.ID(key: "k3", user: "u13")] = try override("k3", "u13", 99)
        #expect(set.count == 50)
        #expect(set[Override.ID(key: "k3", user: "u13")]?.value == .int(99))
        set[Override.ID(key: "k3", user: "u13")] = nil
        set[Override.ID(key: "k3", user: "u14")] = nil
        #expect(set.count == 49)
        #expect(set[Override.ID(key: "k3", user: "u13")] == nil)
    }

    @Test("an empty identifier, and more overrides than the limit, are refused")
    func limits() throws {
        #expect(throws: OverrideError.self) { try override("a", "") }
        var set = OverrideSet()
        let many = try (0...OverrideSet.maximumCount).map { try override("k\($0)") }
        #expect(throws: OverrideError.self) { try OverrideChange.merge(many, replacing: true).apply(to: &set) }
        #expect(set.isEmpty)
        try OverrideChange.merge(Array(many.dropLast()), replacing: true).apply(to: &set)
        #expect(throws: OverrideError.self) { try OverrideChange.set(many[many.count - 1]).apply(to: &set) }
        try OverrideChange.set(many[0]).apply(to: &set)
        #expect(set.count == OverrideSet.maximumCount)
    }
}
