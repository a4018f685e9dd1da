import ConfigCatEvaluation
import Testing

@testable import ConfigCatComparison

@Suite("Difference of configs")
struct ConfigDifferenceTests {
    /// Returns the lines of the difference of two configs.
    private func difference(_ old: String, _ new: String) throws -> [String] {
        let difference = ConfigDifference(from: try Config(json: old), to: try Config(json: new))
        guard !difference.changes.isEmpty else { return [] }
        return DifferenceText(difference, users: nil).text.split(separator: "\n").map(String.init)
    }

    /// A config with one setting that has these members.
    private func setting(_ members: String, more: String = "") -> String {
        #"{"f": {"a": {"t": 0, "v": {"b": false}\#(members)}}\#(more)}"#
    }

    private func rules(_ rules: String...) -> String { setting(", \"r\": [\(rules.joined(separator: ", "))]") }

    private func rule(_ attribute: String, _ items: String..., serves value: Bool = true) -> String {
        let list = items.map { "\"\($0)\"" }.joined(separator: ", ")
        return #"{"c": [{"u": {"a": "\#(attribute)", "c": 0, "l": [\#(list)]}}], "s": {"v": {"b": \#(value)}}}"#
    }

    // MARK: - No difference

    @Test("the same meaning written differently is no difference")
    func same() throws {
        let first = """
            {"p": {"u": "x", "r": 0}, "s": [
              {"n": "A", "r": [{"a": "x", "c": 0, "l": ["1", "2"]}, {"a": "y", "c": 10, "d": 5}]}, {"n": "B", "r": []}],
             "f": {"one": {"t": 0, "v": {"b": true}, "r": [{"c": [{"s": {"s": 0, "c": 0}}], "s": {"v": {"b": false}}}]},
                   "two": {"t": 3, "v": {"d": 5}}}}
            """
        let second = """
            {"s": [{"r": [], "n": "B"}, {"r": [{"d": 5.0, "c": 10, "a": "y"}, {"a": "x", "l": ["2", "1", "2"], "c": 0}], "n": "A"}],
             "f": {"two": {"v": {"d": 5.0}, "t": 3, "a": null}, "one": {"v": {"b": true}, "t": 0, "p": [], "r": [
               {"s": {"v": {"b": false}}, "c": [{"s": {"c": 0, "s": 1}}]}]}},
             "p": {"u": "\\u0078", "r": 0, "s": "unused salt"}, "unknown": 1}
            """
        #expect(try difference(first, second) == [])
    }

    @Test("a config JSON v5 and its conversion do not differ")
    func layouts() throws {
        let v5 = """
            {"f": {"a": {"t": 1, "v": "x", "i": "v0", "r": [
              {"o": 1, "a": "Email", "t": 2, "c": "@b", "v": "y", "i": "v1"},
              {"o": 0, "a": "Age", "t": 14, "c": "30", "v": "z", "i": "v2"}],
              "p": [{"o": 0, "v": "p", "p": 40, "i": "v3"}, {"o": 1, "v": "q", "p": 60, "i": "v4"}]}}}
            """
        let old = try Config(json: v5)
        let new = try Config(json: ConfigWriter.version6(old).json)
        #expect(ConfigDifference(from: old, to: new).changes.isEmpty)
    }

    @Test("an added and a later removed rule shift others without a difference of theirs")
    func shifted() throws {
        let old = rules(rule("A", "1"), rule("B", "2"), rule("C", "3"))
        let lines = try difference(old, rules(rule("B", "2"), rule("C", "3"), rule("D", "4")))
        #expect(
            lines == [
                "setting 'a' changed", "  targeting rule 1 removed: IF User.A IS ONE OF ['1'] THEN 'true'",
                "  targeting rule 3 added: IF User.D IS ONE OF ['4'] THEN 'true'",
            ])
    }

    // MARK: - Differences

    @Test("settings that were added or removed are described")
    func settings() throws {
        #expect(
            try difference(#"{"flags": {"a": true}}"#, #"{"flags": {"b": "x\ny"}}"#) == [
                "setting 'a' removed", "  type: Bool", "  fallback value: 'true'", "setting 'b' added",
                "  type: String",
                "  fallback value: 'x\\ny'",
            ])
        #expect(try difference(#"{"flags": {"é": 1}}"#, "{\"flags\": {\"e\u{301}\": 1}}").count == 6)
    }

    @Test("type, fallback value, variation ID and a fault are compared")
    func parts() throws {
        #expect(
            try difference(#"{"flags": {"a": true}}"#, #"{"flags": {"a": 1}}"#) == [
                "setting 'a' changed", "  type: Bool → Int", "  fallback value: 'true' → '1'",
            ])
        #expect(
            try difference(setting(#", "i": "x""#), setting(#", "i": "y""#))
                == ["setting 'a' changed", "  fallback value: 'false' (x) → 'false' (y)"])
        let broken = #"{"f": {"a": {"t": 0, "v": {"s": ""}}}}"#
        #expect(try difference(setting(""), broken).contains { $0.hasPrefix("  malformed: no → ") })
        #expect(try difference(broken, broken) == [])
        #expect(
            try difference(
                "{\"f\": {\"a\": {\"t\": 3, \"v\": {\"d\": 1}}}}", "{\"f\": {\"a\": {\"t\": 2, \"v\": {\"i\": 1}}}}"
            ).count == 3)
    }

    @Test("a rule that serves another value, moves, or changes its conditions is recognized")
    func ruleChanges() throws {
        let old = rules(rule("A", "1"), rule("B", "2"), rule("C", "3"))
        #expect(
            try difference(old, rules(rule("A", "1"), rule("B", "2", serves: false), rule("C", "3")))
                == ["setting 'a' changed", "  targeting rule 2 serves: 'true' → 'false'"])
        #expect(
            try difference(old, rules(rule("B", "2"), rule("C", "3"), rule("A", "1")))
                == ["setting 'a' changed", "  targeting rule 1 is now rule 3: IF User.A IS ONE OF ['1'] THEN 'true'"])
        #expect(
            try difference(old, rules(rule("A", "1"), rule("B", "4", "5"), rule("C", "3"))) == [
                "setting 'a' changed",
                "  targeting rule 2, condition 1, User.B IS ONE OF: added '4', '5'; removed '2'",
            ])
        #expect(
            try difference(old, rules(rule("A", "1"), rule("X", "2"), rule("C", "3"))) == [
                "setting 'a' changed",
                "  targeting rule 2: IF User.B IS ONE OF ['2'] THEN 'true' → IF User.X IS ONE OF ['2'] THEN 'true'",
            ])
    }

    @Test("a change behind the values that the log shows is named")
    func longLists() throws {
        func list(_ last: String) -> String {
            rules(
                #"{"c": [{"u": {"a": "A", "c": 0, "l": [\#((0..<50).map { "\"\($0)\"" }.joined(separator: ",")), "\#(last)"]}}], "s": {"v": {"b": true}}}"#
            )
        }
        #expect(
            try difference(list("x"), list("y"))
                == ["setting 'a' changed", "  targeting rule 1, condition 1, User.A IS ONE OF: added 'y'; removed 'x'"])
    }

    @Test("percentage options and their attribute are compared, and their order counts")
    func options() throws {
        func options(_ first: Int, _ attribute: String = "") -> String {
            setting(
                #"\#(attribute), "p": [{"p": \#(first), "v": {"b": true}}, {"p": \#(100 - first), "v": {"b": false}}]"#)
        }
        #expect(
            try difference(options(20), options(30)) == [
                "setting 'a' changed", "  percentage options: 20% 'true', 80% 'false' → 30% 'true', 70% 'false'",
            ])
        #expect(
            try difference(options(20), options(20, #", "a": "Country""#)) == [
                "setting 'a' changed",
                "  percentage attribute: User.Identifier → User.Country; users are distributed anew",
            ])
        #expect(try difference(setting(""), setting(#", "a": "Country""#)) == [], "without options it has no meaning")
        #expect(try difference(setting(""), options(20)).last?.hasPrefix("  percentage options: none → 20%") == true)
    }

    @Test("a changed segment names the settings that use it")
    func segments() throws {
        func config(_ items: String) -> String {
            setting(
                #", "r": [{"c": [{"s": {"s": 0, "c": 0}}], "s": {"v": {"b": true}}}]"#,
                more: #", "s": [{"n": "Beta", "r": [{"a": "Email", "c": 0, "l": [\#(items)]}]}]"#)
        }
        #expect(
            try difference(config(#""x""#), config(#""x", "y""#)) == [
                "segment 'Beta' changed", "  condition 1, User.Email IS ONE OF: added 'y'", "  used by a",
            ])
    }

    @Test("prerequisites are compared by key and value, and dependent settings are named")
    func prerequisites() throws {
        func config(_ value: Bool, fallback: Bool = true) -> String {
            """
            {"f": {"main": {"t": 0, "v": {"b": \(fallback)}}, "dependent": {"t": 0, "v": {"b": false}, "r": [
              {"c": [{"p": {"f": "main", "c": 0, "v": {"b": \(value)}}}], "s": {"v": {"b": true}}}]}}}
            """
        }
        #expect(
            try difference(config(true), config(false)) == [
                "setting 'dependent' changed",
                "  targeting rule 1: IF Flag 'main' EQUALS 'true' THEN 'true' → IF Flag 'main' EQUALS 'false' THEN 'true'",
            ])
        #expect(
            try difference(config(true), config(true, fallback: false))
                == ["setting 'main' changed", "  fallback value: 'true' → 'false'", "  a prerequisite of dependent"])
    }

    @Test("another salt makes all hashes different, which is said; percentages do not depend on it")
    func salt() throws {
        func config(_ salt: String, _ comparator: Int, _ hashes: String) -> String {
            setting(
                #", "r": [{"c": [{"u": {"a": "Email", "c": \#(comparator), "l": [\#(hashes)]}}], "s": {"v": {"b": true}}}]"#,
                more: #", "p": {"s": "\#(salt)"}"#)
        }
        let hash = "\"" + String(repeating: "ab", count: 32) + "\""
        let other = "\"" + String(repeating: "cd", count: 32) + "\""
        #expect(try difference(config("x", 0, hash), config("y", 0, hash)) == [])
        let lines = try difference(config("x", 16, hash), config("y", 16, hash))
        #expect(lines[1].contains("the salt") && lines[1].contains("percentages do not depend on it"))
        #expect(lines.last?.hasSuffix("1 hashed value became 1 hashed value, hashed with another salt") == true)
        #expect(
            try difference(config("x", 16, hash), config("x", 16, hash + "," + other)).last
                == "  targeting rule 1, condition 1, User.Email IS ONE OF: added 1 hashed value")
    }

    @Test("the order of conditions counts only where an evaluation can fail")
    func conditionOrder() throws {
        let user = #"{"u": {"a": "A", "c": 0, "l": ["1"]}}"#
        let number = #"{"u": {"a": "B", "c": 10, "d": 1}}"#
        let invalid = #"{"u": {"a": "B", "c": 99}}"#
        func config(_ conditions: String...) -> String {
            rules(#"{"c": [\#(conditions.joined(separator: ","))], "s": {"v": {"b": true}}}"#)
        }
        #expect(try difference(config(user, number), config(number, user)) == [])
        #expect(try difference(config(user, invalid), config(invalid, user)).count == 2)
    }

    @Test("configs with thousands of settings and rules are compared")
    func huge() throws {
        func config(_ changed: Int) -> String {
            let many = (0..<3000).map { rule("A\($0)", "x", serves: $0 != changed) }.joined(separator: ",")
            let settings = (0..<3000).map { #""s\#($0)": {"t": 2, "v": {"i": \#($0 == changed ? -1 : $0)}}"# }
            return #"{"f": {"a": {"t": 0, "v": {"b": false}, "r": [\#(many)]}, \#(settings.joined(separator: ","))}}"#
        }
        #expect(
            try difference(config(-1), config(2000)) == [
                "setting 'a' changed", "  targeting rule 2001 serves: 'true' → 'false'", "setting 's2000' changed",
                "  fallback value: '2000' → '-1'",
            ])
    }
}
