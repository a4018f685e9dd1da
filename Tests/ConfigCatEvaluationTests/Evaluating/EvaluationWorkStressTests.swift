import Testing

@testable import ConfigCatEvaluation

@Suite("Work of one evaluation")
struct EvaluationWorkStressTests {
    /// A trace that counts the conditions that are evaluated.
    private struct CountingTrace: EvaluationTrace {
        var conditions = 0
        var warnings = WarningList()

        mutating func userCondition(_ condition: Int) { conditions += 1 }
        mutating func warn(_ warning: EvaluationWarning) { warnings.add(warning) }
    }

    private func evaluate(
        _ config: Config, _ key: String = "a", for user: ConfigCatUser?
    ) throws -> (evaluator: Evaluator<CountingTrace>, failure: InvalidConfigModel?) {
        var evaluator = Evaluator(trace: CountingTrace())
        let index = try #require(config.compiled.index(of: key))
        do {
            _ = try evaluator.evaluate(index, of: config.compiled, for: user)
            return (evaluator, nil)
        } catch {
            return (evaluator, error)
        }
    }

    @Test(
        "no document of 64 kB exceeds the limit by more than a quarter, or evaluates a condition twice",
        arguments: HostileDocument.all
    )
    func limits(_ document: HostileDocument) throws {
        #expect(document.json.utf8.count <= HostileDocument.size)
        let config = try Config(json: document.json)
        let (evaluator, failure) = try evaluate(config, for: document.user.user)
        #expect(evaluator.trace.conditions <= config.compiled.conditions.count)
        #expect(evaluator.trace.warnings.all.count <= WarningList.limit)
        // An evaluation ends after the condition that exceeds the limit.
        #expect(evaluator.memory.work.steps <= EvaluationWork.limit * 5 / 4)
        #expect(evaluator.memory.work.isExceeded == (failure != nil))
        if let failure { #expect(failure.message.contains("exceeds the limit of \(EvaluationWork.limit) steps")) }
    }

    @Test(
        "an explained evaluation does the same work, and fails for the same documents", arguments: HostileDocument.all)
    func explaining(_ document: HostileDocument) throws {
        let config = try Config(json: document.json)
        let user = document.user.user
        let index = try #require(config.compiled.index(of: "a"))
        var explaining = Evaluator(trace: ExplainingTrace(config: config.compiled, user: user))
        let explained = try? explaining.evaluate(index, of: config.compiled, for: user)
        let (silent, failure) = try evaluate(config, for: user)
        #expect(explaining.memory.work.steps == silent.memory.work.steps)
        #expect((explained == nil) == (failure != nil))
        #expect(explaining.trace.text.utf8.count <= LogText.limit + LogText.end.utf8.count)
    }

    @Test("a prerequisite flag of several rules is evaluated once, and explained each time")
    func prerequisites() throws {
        let config = try Config(
            json: #"""
                {"f": {
                  "a": {"t": 0, "v": {"b": false}, "r": [
                    {"c": [{"p": {"f": "b", "c": 0, "v": {"b": true}}}], "s": {"v": {"b": true}}},
                    {"c": [{"p": {"f": "c", "c": 0, "v": {"b": true}}}], "s": {"v": {"b": true}}}]},
                  "b": {"t": 0, "v": {"b": false}, "r": [
                    {"c": [{"p": {"f": "c", "c": 1, "v": {"b": false}}}], "s": {"v": {"b": true}}}]},
                  "c": {"t": 0, "v": {"b": false}, "r": [
                    {"c": [{"u": {"a": "x", "c": 28, "s": "two\nlines"}}], "s": {"v": {"b": true}}}]}
                }}
                """#)
        let user = ConfigCatUser(identifier: "1", custom: ["x": 1])
        #expect(try evaluate(config, for: user).evaluator.trace.conditions == 1)
        var warnings: [Int] = []
        let (_, log) = config.explain("a", for: user, defaultValue: "", warn: { warnings.append($0.id) })
        #expect(warnings == [3005])
        #expect(
            log == """
                Evaluating 'a' for User '{"Identifier":"1","x":1}'
                  Evaluating targeting rules and applying the first match if any:
                  - IF Flag 'b' EQUALS 'true'
                    (
                      Evaluating prerequisite flag 'b':
                      Evaluating targeting rules and applying the first match if any:
                      - IF Flag 'c' DOES NOT EQUAL 'false'
                        (
                          Evaluating prerequisite flag 'c':
                          Evaluating targeting rules and applying the first match if any:
                          - IF User.x EQUALS 'two
                lines' THEN 'true' => no match
                          Prerequisite flag evaluation result: 'false'.
                          Condition (Flag 'c' DOES NOT EQUAL 'false') evaluates to false.
                        )
                        THEN 'true' => no match
                      Prerequisite flag evaluation result: 'false'.
                      Condition (Flag 'b' EQUALS 'true') evaluates to false.
                    )
                    THEN 'true' => no match
                  - IF Flag 'c' EQUALS 'true'
                    (
                      Evaluating prerequisite flag 'c':
                      Evaluating targeting rules and applying the first match if any:
                      - IF User.x EQUALS 'two
                lines' THEN 'true' => no match
                      Prerequisite flag evaluation result: 'false'.
                      Condition (Flag 'c' EQUALS 'true') evaluates to false.
                    )
                    THEN 'true' => no match
                  Returning 'false'.
                """)
    }

    @Test("a segment is evaluated once, and each setting that refers to it warns")
    func segments() throws {
        let config = try Config(
            json: #"""
                {"s": [{"n": "S", "r": [{"a": "x", "c": 29, "s": "y"}, {"a": "Email", "c": 28, "s": "y"}]}], "f": {
                  "a": {"t": 0, "v": {"b": false}, "r": [
                    {"c": [{"s": {"s": 0, "c": 0}}], "s": {"v": {"b": true}}},
                    {"c": [{"s": {"s": 0, "c": 1}}], "s": {"v": {"b": true}}},
                    {"c": [{"p": {"f": "b", "c": 0, "v": {"b": true}}}], "s": {"v": {"b": true}}}]},
                  "b": {"t": 0, "v": {"b": false}, "r": [
                    {"c": [{"s": {"s": 0, "c": 0}}], "s": {"v": {"b": true}}}]}
                }}
                """#)
        let user = ConfigCatUser(identifier: "1", custom: ["x": 1])
        let (evaluator, _) = try evaluate(config, for: user)
        #expect(evaluator.trace.conditions == 2)
        #expect(evaluator.trace.warnings.all.map(\.setting) == [0, 0, 1, 1])
        let log = try #require(config.explain("a", for: user, defaultValue: "", warn: nil).log)
        #expect(log.split(separator: "- IF User.x NOT EQUALS 'y' => true").count == 4)
        #expect(log.split(separator: "cannot evaluate, the User.Email attribute is missing.").count == 4)
    }

    @Test("a missing user is reported for each condition that refers to a flag, as in ConfigCat's SDKs")
    func missingUser() throws {
        let document = try #require(HostileDocument.all.first { $0.name.hasSuffix("a missing attribute") })
        let config = try Config(json: document.json)
        let (evaluator, _) = try evaluate(config, for: nil)
        #expect(evaluator.trace.warnings.all.allSatisfy { $0.kind == .userMissing })
        #expect(evaluator.trace.warnings.all.count == 99)
    }

    @Test("warnings are limited, and the last one says that others are omitted")
    func warnings() throws {
        let conditions = (0..<1500).map { #"{"a":"x","c":29,"s":"\#($0)"}"# }.joined(separator: ",")
        let config = try Config(
            json:
                #"{"s":[{"n":"S","r":[\#(conditions)]}],"f":{"a":{"t":0,"v":{"b":false},"r":[{"c":[{"s":{"s":0,"c":1}}],"s":{"v":{"b":true}}}]}}}"#
        )
        var records: [LogRecord] = []
        let long = String(repeating: "é", count: 10_000)
        let user = ConfigCatUser(identifier: "1", custom: ["x": .stringArray([long])])
        _ = config.details("a", for: user) { records.append($0) }
        #expect(records.count == WarningList.limit + 1)
        #expect(
            records.last?.message
                == "Further warnings of this evaluation are left out, because there are more than 1000.")
        #expect(records.allSatisfy { $0.message.utf8.count < 3000 })
    }

    @Test("an evaluation with lists of 50,000 values needs less than a fifth of the limit")
    func realConfigs() throws {
        let emails = (0..<50_000).map { "\"user\($0)@example.com\"" }.joined(separator: ",")
        let config = try Config(
            json:
                #"{"f":{"a":{"t":0,"v":{"b":false},"r":[{"c":[{"u":{"a":"Email","c":0,"l":[\#(emails)]}}],"s":{"v":{"b":true}}},{"c":[{"u":{"a":"Email","c":2,"l":[\#(emails)]}}],"s":{"v":{"b":true}}}]}}}"#
        )
        let user = ConfigCatUser(identifier: "1", email: "someone.with.a.long.name@example.org")
        let (evaluator, failure) = try evaluate(config, for: user)
        #expect(failure == nil)
        #expect(evaluator.memory.work.steps < EvaluationWork.limit / 5)
    }
}

extension HostileDocument: CustomTestStringConvertible {
    var testDescription: String { name }
}
