import Foundation
import Testing

@testable import ConfigCatEvaluation

/// Consecutive rules that test one attribute against lists are searched through a hash table, unless the evaluation is
/// explained: then they are evaluated one by one.
@Suite("Runs of rules")
struct RuleRunsTests {
    private static let words = ["a", "b", "c", "é", "e\u{301}", "", "1", "1.5", String(repeating: "long", count: 20)]

    /// Returns a rule with one condition: mostly of the run, sometimes another.
    private static func rule(_ number: Int, hashed: Bool, _ random: inout SeededGenerator) -> String {
        let items = (0..<Int.random(in: 0...5, using: &random)).map { _ in
            words[Int.random(in: 0..<words.count, using: &random)]
        }
        let listed = items.map { item in
            let digest = Digest.sha256(Array((item + "salt" + "flag").utf8))
            return JSONEscapes.quoted(hashed ? digest : item)
        }
        let attribute = Int.random(in: 0..<12, using: &random) == 0 ? "Email" : "x"
        let comparator = Int.random(in: 0..<12, using: &random) == 0 ? (hashed ? 17 : 1) : (hashed ? 16 : 0)
        let served =
            Int.random(in: 0..<6, using: &random) == 0
            ? #""p": [{"p": 50, "v": {"i": \#(number)}}, {"p": 50, "v": {"i": -\#(number)}}]"#
            : #""s": {"v": {"i": \#(number)}}"#
        let condition = #"{"u": {"a": "\#(attribute)", "c": \#(comparator), "l": [\#(listed.joined(separator: ","))]}}"#
        let isInvalid = Int.random(in: 0..<30, using: &random) == 0
        return #"{"c": [\#(condition)], \#(isInvalid ? #""s": 1"# : served)}"#
    }

    @Test(
        "every evaluation has the same value, rule, warnings and failure with and without the tables",
        arguments: [false, true])
    func differences(hashed: Bool) throws {
        var random = SeededGenerator(seed: hashed ? 7 : 8)
        var (runs, matches) = (0, 0)
        for _ in 0..<80 {
            let rules = (1...Int.random(in: 1...12, using: &random)).map { Self.rule($0, hashed: hashed, &random) }
            let percentageAttribute = Bool.random(using: &random) ? #""a": "missing","# : ""
            let config = try Config(
                json:
                    #"{"p": {"s": "salt"}, "f": {"flag": {"t": 2, \#(percentageAttribute) "v": {"i": 0}, "r": [\#(rules.joined(separator: ","))]}}}"#
            )
            runs += config.compiled.runs.count
            let attributes: [ConfigCatUser.AttributeValue?] =
                Self.words.map { .string($0) } + [.string("other"), .int(1), .double(1.5), .stringArray(["a"]), nil]
            for attribute in attributes {
                var custom: ConfigCatUser.Attributes = ["y": "a"]
                custom["x"] = attribute
                for user in [ConfigCatUser(identifier: "1", email: "b", custom: custom), nil] {
                    matches += try compare(config, user)
                }
            }
        }
        #expect(runs > 40)
        #expect(matches > 500)
    }

    /// Returns 1 if a rule matched.
    private func compare(_ config: Config, _ user: ConfigCatUser?) throws -> Int {
        var (explained, silent): ([LogRecord], [LogRecord]) = ([], [])
        let expected = config.explain("flag", for: user, defaultValue: "") { explained.append($0) }.result
        let result = config.details("flag", for: user) { silent.append($0) }
        #expect(silent == explained)
        switch (result, expected) {
        case (.success(let result), .success(let expected)):
            #expect(result.value == expected.value)
            #expect(result.matchedTargetingRule?.position == expected.matchedTargetingRule?.position)
            #expect(result.matchedPercentageOption?.position == expected.matchedPercentageOption?.position)
            #expect(config.valuesByEveryPath("flag", for: user).allSatisfy { $0 == expected.value })
            return result.matchedTargetingRule == nil ? 0 : 1
        case (.failure(let result), .failure(let expected)): #expect(result.message == expected.message)
        default: Issue.record("one of \(result) and \(expected) failed")
        }
        return 0
    }

    @Test("the predefined attributes are searched too", arguments: ["Identifier", "Email", "Country"])
    func predefined(attribute: String) throws {
        let rules = (0..<5).map {
            #"{"c": [{"u": {"a": "\#(attribute)", "c": 0, "l": ["v\#($0)", "v1"]}}], "s": {"v": {"i": \#($0)}}}"#
        }
        let config = try Config(
            json: #"{"f": {"flag": {"t": 2, "v": {"i": -1}, "r": [\#(rules.joined(separator: ","))]}}}"#)
        #expect(config.compiled.runs.count == 1)
        for (text, value) in [("v0", 0), ("v1", 0), ("v4", 4), ("v5", -1), ("v", -1)] {
            let user = ConfigCatUser(identifier: text, email: text, country: text)
            #expect(config.valuesByEveryPath("flag", for: user).allSatisfy { $0 == .int(value) })
        }
    }

    @Test("hashed rules of two settings, which have different contexts, are not mixed up")
    func contexts() throws {
        func setting(_ key: String) -> String {
            let rules = (0..<4).map { number in
                let hash = Digest.sha256(Array("v\(number)salt\(key)".utf8))
                return #"{"c": [{"u": {"a": "Email", "c": 16, "l": ["\#(hash)"]}}], "s": {"v": {"i": \#(number)}}}"#
            }
            return #""\#(key)": {"t": 2, "v": {"i": -1}, "r": [\#(rules.joined(separator: ","))]}"#
        }
        let config = try Config(json: #"{"p": {"s": "salt"}, "f": {\#(setting("a")), \#(setting("b"))}}"#)
        #expect(config.compiled.runs.count == 2)
        for key in ["a", "b"] {
            for number in 0..<4 {
                let user = ConfigCatUser(identifier: "", email: "v\(number)")
                #expect(config.valuesByEveryPath(key, for: user).allSatisfy { $0 == .int(number) })
            }
        }
    }

    @Test(
        "an evaluation that exceeds the limit on its work fails at the same rule with and without a table",
        arguments: [false, true])
    func limit(hashed: Bool) throws {
        // Each search of the list counts its 4,000 values, and each setting is searched once as a prerequisite flag.
        let values = (0..<4000).map { number in
            hashed ? #""\#(String(repeating: "0", count: 60))\#(String(format: "%04x", number))""# : "\"v\(number)\""
        }.joined(separator: ",")
        let run = (0..<30).map { _ in
            #"{"c": [{"u": {"a": "x", "c": \#(hashed ? 16 : 0), "l": [\#(values)]}}], "s": {"v": {"b": true}}}"#
        }.joined(separator: ",")
        let count = 12
        let settings = (0..<count).map { number in
            #""s\#(number)": {"t": 0, "v": {"b": false}, "r": [\#(run)]}"#
        }
        let conditions = (0..<count).map { #"{"p": {"f": "s\#($0)", "c": 0, "v": {"b": false}}}"# }
        let config = try Config(
            json:
                #"{"p": {"s": "salt"}, "f": {\#(settings.joined(separator: ",")), "flag": {"t": 0, "v": {"b": false}, "r": [{"c": [\#(conditions.joined(separator: ","))], "s": {"v": {"b": true}}}]}}}"#
        )
        #expect(config.compiled.runs.count == count)
        let user = ConfigCatUser(
            identifier: "", custom: ["x": .string(String(repeating: "x", count: hashed ? 2_000_000 : 10))])
        _ = try compare(config, user)
        _ = try compare(config, ConfigCatUser(identifier: "", custom: ["x": "none"]))
    }
}

extension Digest {
    /// Returns the hash as lower-case hex.
    fileprivate static func sha256(_ bytes: [UInt8]) -> String {
        let digest = bytes.withUnsafeBytes {
            sha256(
                $0, salt: UnsafeRawBufferPointer(start: nil, count: 0),
                context: UnsafeRawBufferPointer(start: nil, count: 0))
        }
        return [digest.first, digest.second, digest.third, digest.fourth].map { String(format: "%016lx", $0) }.joined()
    }
}
