import Foundation
import Testing

@testable import ConfigCatEvaluation

/// Attacks on runs of rules, memos and declared keys.
@Suite("Adversity of the fast paths")
struct FastPathAdversityTests {
    private func hash(_ text: String, _ setting: String) -> String {
        let bytes = Array((text + "salt" + setting).utf8)
        let digest = bytes.withUnsafeBytes {
            Digest.sha256(
                $0, salt: UnsafeRawBufferPointer(start: nil, count: 0),
                context: UnsafeRawBufferPointer(start: nil, count: 0))
        }
        return [digest.first, digest.second, digest.third, digest.fourth].map { String(format: "%016lx", $0) }.joined()
    }

    /// Compares an evaluation with and without an explanation. Returns the message of the failure, if it failed.
    @discardableResult
    private func compare(_ config: Config, _ key: String, _ user: ConfigCatUser?) -> String? {
        var (explained, silent, plain): ([LogRecord], [LogRecord], [LogRecord]) = ([], [], [])
        let expected = config.explain(key, for: user, defaultValue: "") { explained.append($0) }.result
        let result = config.details(key, for: user) { silent.append($0) }
        #expect(silent == explained)
        if let index = config.compiled.index(of: key), config.compiled.constant(index) == nil {
            let outcome = config.evaluate(at: index, for: user) { plain.append($0) }
            #expect(plain == explained)
            switch (outcome, expected) {
            case (.value(let value), .success(let expected)): #expect(value == expected.value)
            case (.failure(let failure), .failure(let expected)): #expect(failure.message == expected.message)
            default: Issue.record("one of \(outcome) and \(expected) failed")
            }
        }
        switch (result, expected) {
        case (.success(let result), .success(let expected)):
            #expect(result.value == expected.value)
            #expect(result.variationId == expected.variationId)
            #expect(result.matchedTargetingRule?.position == expected.matchedTargetingRule?.position)
            #expect(result.matchedPercentageOption?.position == expected.matchedPercentageOption?.position)
            #expect(config.valuesByEveryPath(key, for: user).allSatisfy { $0 == expected.value })
            return nil
        case (.failure(let result), .failure(let expected)):
            #expect(result.message == expected.message)
            return expected.message
        default:
            Issue.record("one of \(result) and \(expected) failed")
            return nil
        }
    }

    // MARK: - Declared keys

    @Test("a key has the same number for all threads that declare it at the same time")
    func contention() async {
        // Threads rather than tasks: more of them than cores, so that one loses its core while it holds the lock.
        let streams = (0..<8).map { _ in
            AsyncStream<[Int32]> { continuation in
                Thread.detachNewThread {
                    continuation.yield((0..<10_000).map { DeclaredKeys.number(of: "contended \($0 % 50)") })
                    continuation.finish()
                }
            }
        }
        var numbers: [Int32] = []
        for stream in streams { for await part in stream { numbers += part } }
        #expect(numbers.count { $0 < 0 } == 0)
        #expect(Set(numbers.filter { $0 >= 0 }).count == 50)
    }

    @Test("keys that are longer than any key of a config are not kept for the life of the process")
    func longKeys() {
        let long = "long declared key " + String(repeating: "x", count: 1 << 20)
        #expect(DeclaredKeys.number(of: long) == -1)
    }

    @Test("keys with NUL, empty keys and two spellings of é are found as they are, in each config")
    func keys() throws {
        let keys = ["", "\0", "a\0", "a\0b", "\u{E9}", "e\u{301}", "é ", " "]
        let members = keys.enumerated().map { "\(JSONEscapes.quoted($1)): \($0)" }.joined(separator: ",")
        let config = try Config(json: "{\"flags\": {\(members)}}")
        let empty = try Config(json: #"{"flags": {}}"#)
        for _ in 0..<2 {
            for (index, key) in keys.enumerated() {
                let number = DeclaredKeys.number(of: key)
                #expect(config.value(config.find(declared: number, key)) == .int(index))
                #expect(empty.find(declared: number, key).kind == .missing)
                #expect(config.find(declared: DeclaredKeys.number(of: key + "?"), key + "?").kind == .missing)
            }
        }
    }

    @Test("tables of declared settings that several threads replace at once lose nothing, and keep what they find")
    func tables() async {
        let values = Dictionary(uniqueKeysWithValues: (0..<3000).map { ("table \($0)", SettingValue.int($0)) })
        for _ in 0..<3 {
            let config = Config(values: values)
            await withTaskGroup(of: Bool.self) { group in
                for task in 0..<4 {
                    group.addTask {
                        // The numbers need not come from DeclaredKeys: each has one key.
                        (0..<3000).allSatisfy { step in
                            let number = (step * 7 + task * 750) % 3000
                            let found = config.find(declared: Int32(number), "table \(number)")
                            return config.value(found) == .int(number)
                        }
                    }
                }
                for await isRight in group { #expect(isRight) }
            }
        }
    }

    // MARK: - Memory

    @Test(
        "the tables of runs need memory in proportion to the document, also if its lists repeat a value",
        arguments: [",", "a,", "a1,"])
    func memory(item: String) throws {
        let list = String(repeating: item, count: 50_000 / item.utf8.count)
        let rules = (0..<3).map { #"{"o": \#($0), "a": "x", "t": 0, "c": "\#(list)", "v": true}"# }
        let json = #"{"f": {"flag": {"t": 0, "v": false, "r": [\#(rules.joined(separator: ","))]}}}"#
        let config = try Config(json: json)
        #expect(config.compiled.runs.count == 1)
        let size = config.compiled.listed.count * MemoryLayout<ListedValue>.stride
        #expect(size <= 12 * json.utf8.count, "\(size / json.utf8.count) bytes for each byte of the document")
    }

    // MARK: - Runs

    @Test("version 5 lists, segments, prerequisite flags and runs are evaluated as they are explained")
    func mixtures() throws {
        var random = SeededGenerator(seed: 77)
        let words = ["a", "b", "é", "e\u{301}", "", " a", "1", "1.5", "A"]
        func list() -> String {
            (0..<Int.random(in: 0...4, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
                .map(JSONEscapes.quoted).joined(separator: ",")
        }
        var runs = 0
        for _ in 0..<40 {
            var settings: [String] = []
            for setting in 0..<4 {
                let rules = (0..<Int.random(in: 3...10, using: &random)).map { rule -> String in
                    let served = #""s": {"v": {"i": \#(rule + 1)}, "i": "v\#(rule)"}"#
                    let shape = Int.random(in: 0..<14, using: &random)
                    switch shape {
                    case 0:
                        return #"{"c": [{"s": {"s": 0, "c": \#(Int.random(in: 0...1, using: &random))}}], \#(served)}"#
                    case 1 where setting > 0:
                        return #"{"c": [{"p": {"f": "s\#(setting - 1)", "c": 0, "v": {"i": 1}}}], \#(served)}"#
                    case 2: return #"{"c": [{"u": {"a": "X", "c": 0, "l": [\#(list())]}}], \#(served)}"#
                    case 3:
                        let condition = #"{"u": {"a": "x", "c": 0, "l": [\#(list())]}}"#
                        return #"{"c": [\#(condition), \#(condition)], \#(served)}"#
                    case 4: return #"{"c": [], \#(served)}"#
                    case 5:
                        return
                            #"{"c": [{"u": {"a": "x", "c": 0, "l": [\#(list())]}}], "p": [{"p": 30, "v": {"i": -1}}, {"p": 70, "v": {"i": -2}}]}"#
                    case 6: return #"{"c": [{"u": {"a": "x", "c": 0, "l": 5}}], \#(served)}"#
                    default: return #"{"c": [{"u": {"a": "x", "c": 0, "l": [\#(list())]}}], \#(served)}"#
                    }
                }
                let attribute = Bool.random(using: &random) ? #""a": "y","# : ""
                settings.append(
                    #""s\#(setting)": {"t": 2, \#(attribute) "v": {"i": 0}, "r": [\#(rules.joined(separator: ","))]}"#)
            }
            let segment = #"{"n": "seg", "r": [{"a": "x", "c": 0, "l": [\#(list())]}]}"#
            let config = try Config(
                json: #"{"p": {"s": "salt"}, "s": [\#(segment)], "f": {\#(settings.joined(separator: ","))}}"#)
            runs += config.compiled.runs.count
            let attributes: [ConfigCatUser.AttributeValue?] = words.map { .string($0) } + [.int(1), .double(1.5), nil]
            for attribute in attributes {
                for hasBucket in [false, true] {
                    var custom: ConfigCatUser.Attributes = hasBucket ? ["y": "1", "X": "a"] : ["X": "b"]
                    custom["x"] = attribute
                    for user in [ConfigCatUser(identifier: "1", custom: custom), nil] {
                        for setting in 0..<4 { compare(config, "s\(setting)", user) }
                    }
                }
            }
        }
        #expect(runs > 60)
    }

    @Test("version 5 rules in any order are searched in their own order")
    func version5() throws {
        let rules = (0..<8).map {
            #"{"o": \#(7 - $0), "a": "Email", "t": 0, "c": "x,v\#($0) ,v\#($0 / 2)", "v": "\#($0)", "i": "i\#($0)"}"#
        }
        let config = try Config(
            json:
                #"{"f": {"flag": {"t": 1, "v": "none", "r": [\#(rules.joined(separator: ","))], "p": [{"o": 0, "p": 100, "v": "p"}]}}}"#
        )
        #expect(config.compiled.runs.count == 1)
        for text in ["x", "v0", "v1", "v7", " x", "", "X"] {
            compare(config, "flag", ConfigCatUser(identifier: "1", email: text))
        }
    }

    @Test("upper-case, repeated and malformed hashes within a run are searched as they are compared")
    func hashes() throws {
        let listed = [
            [hash("a", "flag").uppercased()], [hash("b", "flag"), "x", hash("a", "flag")], ["x"], ["", "zz"],
            [String(hash("c", "flag").dropLast())], [hash("c", "flag") + "00"], [hash("c", "flag").capitalized],
            [hash("b", "flag")], [hash("d", "other")],
        ]
        let rules = listed.enumerated().map {
            #"{"c": [{"u": {"a": "x", "c": 16, "l": [\#($1.map { "\"\($0)\"" }.joined(separator: ","))]}}], "s": {"v": {"i": \#($0)}}}"#
        }
        let config = try Config(
            json:
                #"{"p": {"s": "salt"}, "f": {"flag": {"t": 2, "v": {"i": -1}, "r": [\#(rules.joined(separator: ","))]}}}"#
        )
        for text in ["a", "b", "c", "d", "", "A"] {
            compare(config, "flag", ConfigCatUser(identifier: "1", custom: ["x": .string(text)]))
        }
    }

    @Test("an evaluation ends at the limit on its work at the same step with and without a table", arguments: [0, 16])
    func limit(comparator: Int) throws {
        func rule(_ number: Int, _ attribute: String, _ comparator: Int, _ list: [String]) -> String {
            #"{"c": [{"u": {"a": "\#(attribute)", "c": \#(comparator), "l": [\#(list.map { "\"\($0)\"" }.joined(separator: ","))]}}], "s": {"v": {"i": \#(number)}}}"#
        }
        let run = (0..<5).map { number in
            rule(
                number, "x", comparator,
                (0..<10).map { comparator == 0 ? "v\(number)-\($0)" : String(format: "%064x", number * 16 + $0 + 1) })
        }
        // A search for 1,000 parts of a long attribute takes most of the work; a list, all but `rest` of what remains.
        let blocks = comparator == 0 ? 19_990 : 18_788
        let length = blocks * 64
        let user = ConfigCatUser(
            identifier: "1", custom: ["x": .string(String(repeating: "x", count: length)), "y": "none"])
        let hashing = comparator == 0 ? 0 : EvaluationWork.stepsOfHashing(length + "saltflag".utf8.count)
        let remaining = EvaluationWork.limit - (8 + 1000 * (8 + blocks)) - hashing - 8
        var messages: Set<String?> = []
        // Each rule of the run takes 8 + 10 steps, and the options take 256 + 1.
        for rest in [17, 18, 89, 90, 346, 347] {
            let first = rule(100, "x", 2, (0..<1000).map { "part \($0)" })
            let second = rule(101, "y", 0, (0..<remaining - rest).map { _ in "" })
            let config = try Config(
                json:
                    #"{"p": {"s": "salt"}, "f": {"flag": {"t": 2, "v": {"i": -1}, "r": [\#(([first, second] + run).joined(separator: ","))], "p": [{"p": 100, "v": {"i": 7}}]}}}"#
            )
            #expect(config.compiled.runs.count == 1)
            messages.insert(compare(config, "flag", user))
        }
        #expect(messages.contains(nil) && messages.count > 2)
    }

    // MARK: - Memos

    @Test("memos of merged configs and of two users are independent")
    func memos() throws {
        func json(_ value: Int) -> String {
            #"{"f": {"a": {"t": 2, "v": {"i": 0}, "p": [{"p": 100, "v": {"i": \#(value)}}]}, "": {"t": 1, "v": {"s": ""}, "r": [{"c": [{"u": {"a": "Identifier", "c": 0, "l": ["1"]}}], "s": {"v": {"s": "\#(value)"}}}]}}}"#
        }
        let (first, second) = (try Config(json: json(1)), try Config(json: json(2)))
        for _ in 0..<2 {
            for (config, value) in [(first, 1), (second, 2)] {
                let (one, two) = (EvaluationMemo(config), EvaluationMemo(config))
                for _ in 0..<3 {
                    for (memo, id) in [(one, "1"), (two, "2")] {
                        let user = ConfigCatUser(identifier: id)
                        for (key, expected): (String, SettingValue) in [
                            ("a", .int(value)), ("", .string(id == "1" ? "\(value)" : "")),
                        ] {
                            let index = try #require(config.compiled.index(of: key))
                            let known = config.value(memo.find(Int32(index)))
                            #expect(known == nil || known == expected)
                            _ = config.evaluate(at: index, for: user, memo: memo, warn: nil)
                            #expect(config.value(memo.find(Int32(index))) == expected)
                        }
                    }
                }
            }
        }
        let empty = EvaluationMemo(try Config(json: #"{"f": {}}"#))
        for index: Int32 in [.min, -1, 0, 1, .max] { #expect(empty.find(index).kind == .requiresEvaluation) }
    }

    @Test("attribute literals compare names byte by byte, and later changes are those of other attributes")
    func attributes() {
        let long = String(repeating: "n", count: 100_000)
        var attributes: ConfigCatUser.Attributes = [
            "Identifier": 1, "": 2, "\0": 3, "\0\0": 4, "\u{E9}": 5, "e\u{301}": 6, .init(long): 7,
            .init(long + "a"): 8,
            .init(long + "b"): 9, "": 10,
        ]
        #expect(attributes[""]?.text == "10" && attributes["\0"]?.text == "3" && attributes["\0\0"]?.text == "4")
        #expect(attributes["\u{E9}"]?.text == "5" && attributes["e\u{301}"]?.text == "6")
        #expect(attributes[long + "b"]?.text == "9" && attributes.entries.count == 9)
        for number in 0..<20 { attributes["more \(number)"] = .int(number) }
        #expect(attributes[""]?.text == "10" && attributes["more 19"]?.text == "19")
        for number in 0..<20 { attributes["more \(number)"] = nil }
        attributes[""] = nil
        #expect(attributes.entries.count == 8 && attributes[""] == nil && attributes[long]?.text == "7")
    }
}
