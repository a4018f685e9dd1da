import Crypto
import Foundation
import Testing

@testable import ConfigCatEvaluation

@Suite("Evaluation")
struct EvaluatorTests {
    /// Returns a config with one flag, whose only rule has this user condition.
    private func config(_ condition: String, salt: String? = "salt") throws -> Config {
        let preferences = salt.map { "{\"s\":\"\($0)\"}" } ?? "{}"
        return try Config(
            json:
                #"{"p":\#(preferences),"f":{"flag":{"t":0,"v":{"b":false},"r":[{"c":[{"u":\#(condition)}],"s":{"v":{"b":true}}}]}}}"#
        )
    }

    private func matches(_ condition: String, _ attribute: ConfigCatUser.AttributeValue) throws -> Bool {
        let user = ConfigCatUser(identifier: "1", custom: ["A": attribute])
        return try config(condition).details("flag", for: user, warn: nil).get().value == .bool(true)
    }

    private func warnings(_ condition: String, _ user: ConfigCatUser?) throws -> [Int] {
        var ids: [Int] = []
        _ = try config(condition).details("flag", for: user) { ids.append($0.id) }
        return ids
    }

    @Test("strings are compared byte by byte, without Unicode normalisation or case folding")
    func bytes() throws {
        let precomposed = "\u{E9}"
        let decomposed = "e\u{301}"
        let condition = #"{"a":"A","c":28,"s":"\#(precomposed)"}"#
        #expect(try matches(condition, .string(precomposed)))
        #expect(try !matches(condition, .string(decomposed)))
        #expect(try !matches(#"{"a":"A","c":0,"l":["\#(precomposed)"]}"#, .string(decomposed)))
        #expect(try !matches(#"{"a":"A","c":34,"l":["\#(precomposed)"]}"#, .stringArray([decomposed])))
        #expect(try !matches(#"{"a":"A","c":28,"s":"a"}"#, "A"))
    }

    @Test("keys and attribute names are compared byte by byte")
    func names() throws {
        let config = try Config(
            json: "{\"f\":{\"\u{E9}\":{\"t\":2,\"v\":{\"i\":1}},\"e\u{301}\":{\"t\":2,\"v\":{\"i\":2}}}}")
        #expect(try config.details("\u{E9}", for: nil, warn: nil).get().value == .int(1))
        #expect(try config.details("e\u{301}", for: nil, warn: nil).get().value == .int(2))
        let user = ConfigCatUser(identifier: "", custom: ["\u{E9}": "first", "e\u{301}": "second"])
        #expect(user.attribute(for: "\u{E9}")?.text == "first")
        #expect(user.attribute(for: "e\u{301}")?.text == "second")
    }

    @Test("a predefined attribute hides a custom one of the same name")
    func predefined() throws {
        let user = ConfigCatUser(identifier: "1", email: nil, custom: ["Email": "a@b.c", "Identifier": "2"])
        #expect(user.attribute(for: "Email")?.text == nil)
        #expect(user.attribute(for: "Identifier")?.text == "1")
        #expect(user.description == #"{"Identifier":"1"}"#)
        #expect(try warnings(#"{"a":"Email","c":28,"s":"a@b.c"}"#, user) == [3003])
    }

    @Test("a missing user and a missing, invalid or converted attribute have different event ids")
    func warningIDs() throws {
        let condition = #"{"a":"A","c":10,"d":1}"#
        #expect(try warnings(condition, nil) == [3001])
        #expect(try warnings(condition, ConfigCatUser(identifier: "1")) == [3003])
        #expect(try warnings(condition, ConfigCatUser(identifier: "1", custom: ["A": ""])) == [3003])
        #expect(try warnings(condition, ConfigCatUser(identifier: "1", custom: ["A": "x"])) == [3004])
        #expect(try warnings(condition, ConfigCatUser(identifier: "1", custom: ["A": "1"])) == [])
        #expect(try warnings(#"{"a":"A","c":28,"s":"1"}"#, ConfigCatUser(identifier: "1", custom: ["A": 1])) == [3005])
    }

    @Test("a negated comparator is not true if the attribute is missing or invalid")
    func negation() throws {
        #expect(try !matches(#"{"a":"A","c":29,"s":"x"}"#, ""))
        #expect(try !matches(#"{"a":"A","c":5,"l":["1.0.0"]}"#, "no version"))
        #expect(try !matches(#"{"a":"A","c":35,"l":["x"]}"#, "no array"))
        #expect(try !matches(#"{"a":"A","c":11,"d":1}"#, "no number"))
    }

    @Test("an invalid item of a semver list makes the condition false, and an empty item is ignored")
    func semverItems() throws {
        for comparator in [4, 5] {
            #expect(try !matches(#"{"a":"A","c":\#(comparator),"l":["1.0.0","1.x"]}"#, "1.0.0"))
            #expect(try !matches(#"{"a":"A","c":\#(comparator),"l":["1.0.0","1.x"]}"#, "2.0.0"))
        }
        #expect(try matches(#"{"a":"A","c":4,"l":[" "," 1.0.0 "]}"#, " 1.0.0+build "))
        #expect(try matches(#"{"a":"A","c":5,"l":["",""]}"#, "1.0.0"))
        for comparator in 6...9 {
            #expect(try !matches(#"{"a":"A","c":\#(comparator),"s":"1.0"}"#, "1.0.0"))
        }
    }

    @Test("numbers, including NaN, are compared according to IEEE 754")
    func numbers() throws {
        #expect(try matches(#"{"a":"A","c":10,"d":0.3}"#, 0.3))
        #expect(try !matches(#"{"a":"A","c":10,"d":0.3}"#, .double(0.1 + 0.2)))
        #expect(try !matches(#"{"a":"A","c":10,"d":1}"#, .double(.nan)))
        #expect(try matches(#"{"a":"A","c":11,"d":1}"#, .double(.nan)))
        #expect(try !matches(#"{"a":"A","c":12,"d":1}"#, "NaN"))
        #expect(try matches(#"{"a":"A","c":14,"d":1}"#, "Infinity"))
        #expect(try matches(#"{"a":"A","c":10,"d":1}"#, .init(Float(1))))
        #expect(try matches(#"{"a":"A","c":10,"d":200}"#, .init(UInt8(200))))
    }

    @Test("a date can be a Date, a number or a string, and is not before an equal date")
    func dates() throws {
        let before = #"{"a":"A","c":18,"d":1700000000}"#
        #expect(try matches(before, .date(Date(timeIntervalSince1970: 1_699_999_999.999))))
        #expect(try !matches(before, .date(Date(timeIntervalSince1970: 1_700_000_000))))
        #expect(try matches(before, 1_699_999_999))
        #expect(try matches(before, "1699999999,5"))
        #expect(try matches(#"{"a":"A","c":19,"d":1700000000}"#, 1_700_000_000.5))
    }

    @Test("hashed values are salted with the config's salt and the setting's key")
    func hashes() throws {
        // printf janesaltflag | sha256sum
        let hex = "7a98eac1fea2332ebcecf55c4832cf7b739396e17ed2fd656a0e0cb00794a69d"
        #expect(try matches(#"{"a":"A","c":20,"s":"\#(hex)"}"#, "jane"))
        #expect(try !matches(#"{"a":"A","c":20,"s":"\#(hex.uppercased())"}"#, "jane"))
        #expect(try matches(#"{"a":"A","c":22,"l":["4_\#(hex)"]}"#, "jane doe"))
        #expect(try matches(#"{"a":"A","c":24,"l":["4_\#(hex)"]}"#, "mary jane"))
        #expect(try !matches(#"{"a":"A","c":22,"l":["4_\#(hex)"]}"#, "jan"))
        #expect(try matches(#"{"a":"A","c":26,"l":["\#(hex)"]}"#, .stringArray(["mary", "jane"])))
    }

    @Test("a stored hash is used only for the string that it was computed from")
    func rememberedHashes() throws {
        func digest(_ text: String) -> String {
            SHA256.hash(data: Array("\(text)saltflag".utf8)).map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
        }
        // Three bytes each: an array's first element, and the beginning and the end of the array as a string.
        let conditions = [
            #"{"a":"A","c":26,"l":["\#(digest("abc"))"]}"#, #"{"a":"A","c":22,"l":["3_\#(digest("[\"a"))"]}"#,
            #"{"a":"A","c":24,"l":["9_\#(digest("none"))","3_\#(digest("e\"]"))","0_\#(digest("none"))"]}"#,
            #"{"a":"A","c":27,"l":["\#(digest("[\"a"))","\#(digest("e\"]"))"]}"#,
            #"{"a":"A","c":20,"s":"\#(digest(#"["abc","cde"]"#))"}"#, #"{"a":"A","c":26,"l":["\#(digest("cde"))"]}"#,
        ]
        for conditions in [conditions, conditions.reversed()] {
            let config = try config(conditions.joined(separator: #"},{"u":"#))
            for attribute in [ConfigCatUser.AttributeValue.stringArray(["abc", "cde"]), #"["abc","cde"]"#] {
                let user = ConfigCatUser(identifier: "1", custom: ["A": attribute])
                #expect(try config.details("flag", for: user, warn: nil).get().value == .bool(true))
            }
        }
    }

    @Test("a hashed comparator without a salt is an invalid config model")
    func missingSalt() throws {
        let config = try config(#"{"a":"A","c":16,"l":["00"]}"#, salt: nil)
        let failure = #expect(throws: EvaluationFailure.self) { try config.details("flag", for: nil, warn: nil).get() }
        #expect(failure?.code == .invalidConfigModel)
        #expect(failure?.message.contains("targeting rule 1, condition 1") == true)
    }

    @Test(
        "a malformed condition fails and names its place, with and without a user",
        arguments: [
            #"{"a":"A","c":99,"l":["x"]}"#, #"{"a":"A","l":["x"]}"#, #"{"c":0,"l":["x"]}"#, #"{"a":"A","c":0}"#,
            #"{"a":"A","c":0,"s":"x"}"#,
            #"{"a":"A","c":0,"l":["x",1]}"#, #"{"a":"A","c":10,"d":"1"}"#, #"{"a":"A","c":28,"s":null}"#,
            #"{"a":"A","c":22,"l":["nohash"]}"#,
            #"{"a":"A","c":22,"l":["x_00"]}"#, #"{"a":"A","c":0.5,"l":[]}"#, "[]", "1",
        ])
    func malformedConditions(_ condition: String) throws {
        for user in [nil, ConfigCatUser(identifier: "1", custom: ["A": "x"])] {
            let config = try config(condition)
            let failure = #expect(throws: EvaluationFailure.self) {
                try config.details("flag", for: user, warn: nil).get()
            }
            #expect(failure?.code == .invalidConfigModel)
            #expect(failure?.message.hasPrefix("setting 'flag', targeting rule 1, condition 1: ") == true)
        }
    }

    @Test("a malformed setting does not affect others, and malformed rules after a matching one are ignored")
    func isolation() throws {
        let config = try Config(
            json: #"""
                {"f": {
                  "good": {"t": 0, "v": {"b": true}},
                  "list": [], "null": null, "text": "x",
                  "noType": {"v": {"b": true}}, "otherType": {"t": 0, "v": {"s": "x"}}, "fraction": {"t": 2, "v": {"i": 1.5}},
                  "rulesObject": {"t": 0, "v": {"b": true}, "r": {}},
                  "early": {"t": 0, "v": {"b": false}, "r": [{"c": [], "s": {"v": {"b": true}}}, 7, {"c": [{"u": 1}]}]},
                  "wholeDouble": {"t": 3, "v": {"d": 5}},
                  "depends": {"t": 0, "v": {"b": true}, "r": [{"c": [{"p": {"f": "noType", "c": 0, "v": {"b": true}}}], "s": {"v": {"b": false}}}]}
                }}
                """#)
        func value(_ key: String) -> SettingValue? { try? config.details(key, for: nil, warn: nil).get().value }
        #expect(value("good") == .bool(true))
        #expect(value("early") == .bool(true))
        #expect(value("wholeDouble") == .double(5))
        for key in ["list", "null", "text", "noType", "otherType", "fraction", "rulesObject", "depends"] {
            #expect(value(key) == nil, "\(key)")
        }
    }

    @Test("users are distributed by the shares of percentage options, and a sum that is too small is an error")
    func options() throws {
        func config(_ shares: [Double]) throws -> Config {
            let options = shares.enumerated().map { #"{"p":\#($1),"v":{"i":\#($0)}}"# }.joined(separator: ",")
            return try Config(json: #"{"f":{"flag":{"t":2,"v":{"i":-1},"p":[\#(options)]}}}"#)
        }
        // The SHA-1 of the key and the identifier chooses the option, so the counts of many users are near the shares.
        let shared = try config([10, 0, 90])
        var counts = [0, 0, 0]
        for index in 0..<2000 {
            guard
                case .int(let value) = try shared.details("flag", for: ConfigCatUser(identifier: "\(index)"), warn: nil)
                    .get().value
            else { continue }
            counts[value] += 1
        }
        #expect((140...260).contains(counts[0]) && counts[1] == 0)
        let user = ConfigCatUser(identifier: "x")
        #expect(throws: EvaluationFailure.self) { try config([0, 0]).details("flag", for: user, warn: nil).get() }
        #expect(try config([0, 0]).details("flag", for: nil, warn: nil).get().value == .int(-1))
    }

    @Test("an empty identifier does not count as missing for percentage options")
    func emptyIdentifier() throws {
        let config = try Config(json: #"{"f":{"flag":{"t":2,"v":{"i":-1},"p":[{"p":100,"v":{"i":1}}]}}}"#)
        #expect(try config.details("flag", for: ConfigCatUser(identifier: ""), warn: nil).get().value == .int(1))
    }

    @Test("a chain of prerequisite flags that is too deep is an error, but many paths through a chain are not")
    func prerequisiteLimits() throws {
        func chain(_ count: Int, rulesPerFlag: Int) throws -> Config {
            let flags = (0..<count).map { index in
                let condition = #"{"c":[{"p":{"f":"f\#(index + 1)","c":0,"v":{"b":true}}}],"s":{"v":{"b":true}}}"#
                let rules =
                    index + 1 == count ? "" : Array(repeating: condition, count: rulesPerFlag).joined(separator: ",")
                return #""f\#(index)":{"t":0,"v":{"b":false},"r":[\#(rules)]}"#
            }
            return try Config(json: #"{"f":{\#(flags.joined(separator: ","))}}"#)
        }
        for config in [
            try chain(100, rulesPerFlag: 1), try chain(129, rulesPerFlag: 1), try chain(60, rulesPerFlag: 9),
        ] {
            #expect(try config.details("f0", for: nil, warn: nil).get().value == .bool(false))
        }
        for config in [try chain(130, rulesPerFlag: 1), try chain(100_000, rulesPerFlag: 1)] {
            let failure = #expect(throws: EvaluationFailure.self) {
                try config.details("f0", for: nil, warn: nil).get()
            }
            #expect(failure?.code == .invalidConfigModel)
            #expect(failure?.message == "prerequisite flags are nested deeper than 128 levels")
        }
    }

    @Test("if keys are canonically equal, all values contain the last setting, under its own key")
    func canonicallyEqualKeys() throws {
        let (short, long) = ("\u{E9}", "e\u{301}")
        for (first, last) in [(short, long), (long, short)] {
            let config = try Config(
                json:
                    #"{"f":{"a":{"t":2,"v":{"i":0}},"\#(first)":{"t":2,"v":{"i":1}},"b":{"t":2,"v":{"i":2}},"\#(last)":{"t":2,"v":{"i":3}},"c":{"t":2,"v":{"i":4}}}}"#
            )
            let values = config.values(for: nil, warn: nil) { _, _ in }
            #expect(values.count == 4)
            let found = try #require(values.first { $0.key == short })
            #expect(found.key.utf8.elementsEqual(last.utf8))
            #expect(found.value as? Int == 3)
            #expect(values["c"] as? Int == 4)
            #expect(config.keys.count == 5)
        }
    }

    @Test("lists of config JSON v5 are split at each comma byte, and their items are trimmed")
    func splitting() throws {
        func matches(_ list: String, _ attribute: String, _ comparator: Int = 0) throws -> Bool {
            let config = try Config(
                json:
                    #"{"f":{"a":{"t":0,"v":false,"r":[{"a":"A","t":\#(comparator),"c":"\#(list)","v":true}]}}}"#)
            let user = ConfigCatUser(identifier: "1", custom: ["A": .string(attribute)])
            return try config.details("a", for: user, warn: nil).get().value == .bool(true)
        }
        // A comma followed by a combining mark is one Character.
        #expect(try matches("a,\u{301}b", "a"))
        #expect(try matches("a,\u{301}b", "\u{301}b"))
        #expect(try !matches("a,\u{301}b", "a,\u{301}b"))
        #expect(try matches("a\r,\nb".replacing("\r", with: "\\r").replacing("\n", with: "\\n"), "b"))
        #expect(try matches(" \u{3000}a\u{A0} ,, \u{2C} b", "a"))
        #expect(try matches(" \u{3000}a\u{A0} ,, \u{2C} b", "b"))
        #expect(try matches(#"\u0061\u002C \u0062 "#, "b"))
        #expect(try matches("1.0.0,\u{301}2, 3.0.0 ", "1.0.0", 4) == false)
        #expect(try matches("1.0.0, 3.0.0 ,", "3.0.0", 4))
    }

    @Test("the type of a prerequisite flag has to be that of its comparison value")
    func prerequisiteTypes() throws {
        let config = try Config(
            json:
                #"{"f":{"a":{"t":2,"v":{"i":1}},"flag":{"t":0,"v":{"b":false},"r":[{"c":[{"p":{"f":"a","c":0,"v":{"d":1}}}],"s":{"v":{"b":true}}}]}}}"#
        )
        let failure = #expect(throws: EvaluationFailure.self) { try config.details("flag", for: nil, warn: nil).get() }
        #expect(failure?.message.contains("type mismatch") == true)
    }

    @Test("the failure for an unknown key names at most 50 available keys")
    func unknownKey() throws {
        let flags = (0..<60).map { #""key\#($0)":{"t":0,"v":{"b":true}}"# }.joined(separator: ",")
        let config = try Config(json: "{\"f\":{\(flags)}}")
        let failure = #expect(throws: EvaluationFailure.self) { try config.details("x", for: nil, warn: nil).get() }
        #expect(failure?.code == .settingKeyMissing)
        #expect(failure?.message.contains("'key49', ... <10 more>]") == true)
    }
}
