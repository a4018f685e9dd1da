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

    @Test("a valid config has no findings")
    func sound() throws {
        #expect(try findings(#""a":\#(flag(rule(#"{"u":{"a":"Email","c":28,"s":"x"}}"#)))"#) == [])
    }

    @Test("a finding names a fault and its place")
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

    @Test("a cycle of prerequisite flags is found once")
    func cycles() throws {
        func depending(on key: String) -> String { flag(rule(#"{"p":{"f":"\#(key)","c":0,"v":{"b":true}}}"#)) }
        let settings =
            #""a":\#(depending(on: "b")),"b":\#(depending(on: "c")),"c":\#(depending(on: "b")),"d":\#(depending(on: "d"))"#
        #expect(
            try findings(settings) == [
                "b: circular dependency: 'b' -> 'c' -> 'b'", "d: circular dependency: 'd' -> 'd'",
            ])
    }

    @Test("a targeting rule that no user reaches is found")
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

    @Test("a rule is unreachable if each condition of an earlier rule covers one of its own")
    func firstCover() throws {
        var generator = SeededGenerator(seed: 4)
        var found = 0
        for _ in 0..<400 {
            let rules = (0..<Int.random(in: 2...12, using: &generator)).map { _ in randomRule(&generator) }
            let attribute = Bool.random(using: &generator) ? "Identifier" : "Other"
            let config = try Config(
                json:
                    #"{"p":{"s":""},"s":[{"n":"S"},{"n":"T"}],"f":{"b":{"t":0,"v":{"b":true}},"a":{"t":0,"a":"\#(attribute)","v":{"b":true},"r":[\#(rules.joined(separator: ","))]}}}"#
            )
            let setting = try #require(config["a"])
            let reasons = UnreachableRules(setting).reasons
            #expect(reasons == ReferenceCoverage.reasons(setting), "\(rules)")
            found += reasons.count { $0 != nil }
        }
        #expect(found > 500)
    }

    private func randomRule(_ generator: inout SeededGenerator) -> String {
        func pick<Element>(_ elements: Element...) -> Element {
            elements[Int(generator.next() % UInt64(elements.count))]
        }
        let conditions = (0..<pick(0, 1, 1, 1, 1, 1, 2, 2, 3)).map { _ in
            let items = (0..<pick(0, 1, 1, 2, 2, 3)).map { _ in #""1.\#(pick(0, 1, 2)).0""# }.joined(separator: ",")
            let attribute = pick("Email", "Email", "x")
            switch pick(0, 1, 2, 2, 2, 2, 2, 3, 4, 5) {
            case 0: return #"{"s":{"s":\#(pick(0, 1, 7)),"c":\#(pick(0, 1))}}"#
            case 1: return #"{"p":{"f":"b","c":\#(pick(0, 1)),"v":{"b":\#(pick(true, false))}}}"#
            case 2: return #"{"u":{"a":"\#(attribute)","c":\#(pick(0, 1, 3, 16, 34, 35)),"l":[\#(items)]}}"#
            case 3: return #"{"u":{"a":"\#(attribute)","c":\#(pick(4, 5)),"l":[\#(items)]}}"#
            case 4: return #"{"u":{"a":"\#(attribute)","c":\#(pick(10, 18)),"d":\#(pick("0", "-0", "1"))}}"#
            default: return #"{"u":{"a":"\#(attribute)","c":\#(pick(28, 29, 20)),"s":"\#(pick("x", "y"))"}}"#
            }
        }
        let served =
            pick(true, true, true, false)
            ? pick(#""s":{"v":{"b":true}}"#, #""s":{"v":{"b":true}}"#, #""s":{"v":{"i":1}}"#)
            : #""p":[{"p":100,"v":{"b":true}}]"#
        return #"{"c":[\#(conditions.joined(separator: ","))],\#(served)}"#
    }

    @Test(
        "of 5,000 similar rules, only the unreachable one is found", .timeLimit(.minutes(2)),
        arguments: [
            #"{"c":[{"u":{"a":"Email","c":0,"l":["N"]}}],"s":{"v":{"b":true}}}"#,
            #"{"c":[{"u":{"a":"Email","c":0,"l":["a","N"]}}],"s":{"v":{"b":true}}}"#,
            #"{"c":[{"u":{"a":"Email","c":1,"l":["a","N"]}}],"s":{"v":{"b":true}}}"#,
            #"{"c":[{"u":{"a":"Email","c":28,"s":"a"}},{"u":{"a":"x","c":28,"s":"N"}}],"s":{"v":{"b":true}}}"#,
            #"{"c":[{"u":{"a":"Email","c":0,"l":["a"]}},{"u":{"a":"x","c":10,"d":N}}],"s":{"v":{"b":true}}}"#,
            #"{"c":[{"p":{"f":"b","c":0,"v":{"i":N}}}],"s":{"v":{"b":true}}}"#,
        ])
    func manyRules(_ rule: String) throws {
        let rules = (0..<5000).map { number in
            rule.split(separator: "N", maxSplits: 1, omittingEmptySubsequences: false).joined(separator: "\(number)")
        }
        let config = try Config(
            json:
                #"{"f":{"b":{"t":2,"v":{"i":1}},"a":{"t":0,"v":{"b":true},"r":[\#(rules.joined(separator: ",")),\#(rules[0])]}}}"#
        )
        #expect(
            ConfigValidator.findings(in: config).map(\.problem) == [
                "unreachable: rule 1 applies to all of these users"
            ])
    }

    @Test("a finding about a long cycle names only its first 128 flags", .timeLimit(.minutes(2)))
    func longCircles() throws {
        let count = 2000
        let settings = (0..<count).map { index in
            let next = (index + 1) % count
            let keys = [next, 0].map { rule(#"{"p":{"f":"f\#($0)","c":0,"v":{"b":true}}}"#) }
            return #""f\#(index)":\#(flag(keys[1], keys[0]))"#
        }
        let found = try findings(settings.joined(separator: ",")).filter { $0.contains("circular") }
        #expect(found.count == count + 1)
        #expect(found.allSatisfy { $0.utf8.count < 2000 })
        #expect(found.contains { $0.hasSuffix("'f127' -> ... <1872 more> -> 'f0'") })
        #expect(found.contains("f0: circular dependency: 'f0' -> 'f1' -> 'f0'"))
    }

    @Test("conversion reports what v6 cannot express")
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

/// A simple definition of coverage, which compares all pairs of rules.
private enum ReferenceCoverage {
    static func reasons(_ setting: Setting) -> [String?] {
        let rules = setting.targetingRules
        return rules.indices.map { index in
            for other in rules[..<index] where other.problem == nil {
                let needsUser = other.conditions.contains { if case .prerequisite = $0.kind { false } else { true } }
                guard other.servedValue != nil || setting.percentageAttribute == "Identifier" && needsUser else {
                    continue
                }
                if other.conditions.isEmpty { return "rule \(other.position + 1) applies to everyone" }
                let isCovered = other.conditions.allSatisfy { wide in
                    rules[index].conditions.contains { covers(wide.kind, $0.kind) }
                }
                if isCovered { return "rule \(other.position + 1) applies to all of these users" }
            }
            return nil
        }
    }

    private static func covers(_ wide: Condition.Kind, _ narrow: Condition.Kind) -> Bool {
        switch (wide, narrow) {
        case (.user(let attribute, let comparator, let value), .user(let other, let otherComparator, let narrowValue)):
            guard attribute == other, comparator == otherComparator else { return false }
            guard case .list(let wide) = value, case .list(let narrow) = narrowValue, !comparator.isSemver else {
                return value == narrowValue
            }
            let isPositive = !comparator.text.contains("NOT")
            return Set(isPositive ? narrow : wide).isSubset(of: Set(isPositive ? wide : narrow))
        case (.segment(let segment, let isNegated), .segment(let other, let otherIsNegated)):
            return segment.index == other.index && isNegated == otherIsNegated
        case (
            .prerequisite(let key, let value, let isNegated),
            .prerequisite(let other, let otherValue, let otherIsNegated)
        ):
            return key == other && value == otherValue && isNegated == otherIsNegated
        default:
            return false
        }
    }
}
