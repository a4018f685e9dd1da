import Testing

@testable import ConfigCatEvaluation

@Suite("Validation and conversion")
struct ConfigValidatorTests {
    private func findings(_ settings: String, _ segments: String = "[]") throws -> [String] {
        let config = try Config(json: #"{"p":{"s":"salt"},"s":\#(segments),"f":{\#(settings)}}"#)
        return ConfigValidator.findings(in: config).map { finding in
            [finding.setting ?? "", finding.place, finding.problem].filter { !$0.isEmpty }.joined(separator: ": ")
        }
    }

    private func rule(_ conditions: String, _ value: String = #""s":{"v":{"b":true}}"#) -> String {
        #"{"c":[\#(conditions)],\#(value)}"#
    }

    private func flag(_ rules: String...) -> String {
        #"{"t":0,"v":{"b":false},"r":[\#(rules.joined(separator: ","))]}"#
    }

    @Test("a sound config has no findings")
    func sound() throws {
        #expect(try findings(#""a":\#(flag(rule(#"{"u":{"a":"Email","c":28,"s":"x"}}"#)))"#) == [])
    }

    @Test("each fault is found where it is")
    func faults() throws {
        #expect(
            try findings(#""a":\#(flag(rule(#"{"u":{"a":"Email","c":77,"s":"x"}}"#)))"#) == [
                "a: targeting rule 1, condition 1: the comparator is missing or unknown (77)"
            ])
        #expect(try findings(#""a":{"t":0,"v":{"i":1}}"#) == ["a: a value is not of the setting's type, bool"])
        #expect(
            try findings(#""a":\#(flag(rule(#"{"p":{"f":"gone","c":0,"v":{"b":true}}}"#)))"#) == [
                "a: targeting rule 1, condition 1: the prerequisite flag 'gone' does not exist"
            ])
        #expect(
            try findings(#""a":\#(flag(rule(#"{"s":{"s":3,"c":0}}"#)))"#) == [
                "a: targeting rule 1, condition 1: the segment reference is invalid"
            ])
        #expect(
            try findings(#""a":{"t":0,"v":{"b":true},"p":[{"p":30,"v":{"b":true}},{"p":30,"v":{"b":false}}]}"#) == [
                "a: percentage options: the shares add up to 60%, not 100%"
            ])
        #expect(
            try findings(#""a":{"t":0,"v":{"b":true}},"a":{"t":0,"v":{"b":true}}"#) == [
                "a: the key occurs more than once; the last one counts"
            ])
        #expect(
            try findings("", #"[{"n":"S","r":[{"a":"Email","c":99}]}]"#) == [
                "segment 1 'S', condition 1: the comparator is missing or unknown (99)"
            ])
        #expect(
            try findings(#""b":{"t":2,"v":{"i":1}},"a":\#(flag(rule(#"{"p":{"f":"b","c":0,"v":{"b":true}}}"#)))"#)
                .first?.contains("type mismatch") == true)
    }

    @Test("a circle of prerequisites is found once")
    func cycles() throws {
        func depending(on key: String) -> String { flag(rule(#"{"p":{"f":"\#(key)","c":0,"v":{"b":true}}}"#)) }
        let settings =
            #""a":\#(depending(on: "b")),"b":\#(depending(on: "c")),"c":\#(depending(on: "b")),"d":\#(depending(on: "d"))"#
        #expect(
            try findings(settings) == [
                "b: circular dependency: 'b' -> 'c' -> 'b'", "d: circular dependency: 'd' -> 'd'",
            ])
    }

    @Test("a rule that no user reaches is found")
    func unreachable() throws {
        let email = #"{"u":{"a":"Email","c":0,"l":["a","b"]}}"#
        let fewer = #"{"u":{"a":"Email","c":0,"l":["b"]}}"#
        let more = #"{"u":{"a":"Email","c":0,"l":["a","b","c"]}}"#
        let unreachable = ["a: targeting rule 2: unreachable: rule 1 applies to all of these users"]
        #expect(try findings(#""a":\#(flag(rule(email), rule(email)))"#) == unreachable)
        #expect(try findings(#""a":\#(flag(rule(email), rule(fewer)))"#) == unreachable)
        #expect(try findings(#""a":\#(flag(rule(email), rule(more)))"#) == [])
        #expect(
            try findings(#""a":\#(flag(rule(""), rule(email)))"#) == [
                "a: targeting rule 2: unreachable: rule 1 applies to everyone"
            ])
        let not = { (list: String) in #"{"u":{"a":"Email","c":1,"l":\#(list)}}"# }
        #expect(try findings(#""a":\#(flag(rule(not(#"["a"]"#)), rule(not(#"["a","b"]"#))))"#) == unreachable)
        #expect(try findings(#""a":\#(flag(rule(not(#"["a","b"]"#)), rule(not(#"["a"]"#))))"#) == [])
    }

    @Test("conversion names what v6 has no form for")
    func conversion() throws {
        let config = try Config(
            json: #"""
                {"f": {
                  "a": {"t": 0, "v": false, "r": [
                    {"o": 1, "a": "Email", "t": 16, "c": "00", "v": true},
                    {"o": 0, "a": "Email", "t": 0, "c": " x , y ", "v": true, "i": "id"},
                    {"o": 2, "a": "Rating", "t": 10, "c": "1,5", "v": true},
                    {"o": 3, "a": "Rating", "t": 10, "c": "many", "v": true}]}
                }}
                """#)
        #expect(config.format == .v5)
        let (json, losses) = ConfigWriter.version6(config)
        #expect(losses.map(\.place) == ["targeting rule 1", "targeting rule 4"])
        #expect(
            json.contains(
                #""a": {"t": 0, "v": {"b": false}, "r": [{"c": [{"u": {"a": "Email", "c": 0, "l": ["x", "y"]}}], "s": {"v": {"b": true}, "i": "id"}}, {"c": [{"u": {"a": "Rating", "c": 10, "d": 1.5}}], "s": {"v": {"b": true}}}]}"#
            ))
    }
}
