import Testing

@testable import ConfigCatEvaluation

@Suite("Evaluation memo")
struct EvaluationMemoTests {
    /// Returns a config of settings whose values depend on the user, each with another value.
    private func config(_ count: Int) throws -> Config {
        let settings = (0..<count).map { index in
            let value = [
                #"{"b": \#(index % 8 == 0)}"#, #"{"s": "\#(index)"}"#, #"{"i": \#(index)}"#, #"{"d": \#(index).5}"#,
            ][index % 4]
            let empty = [#"{"b": false}"#, #"{"s": ""}"#, #"{"i": 0}"#, #"{"d": 0}"#][index % 4]
            let served = [
                #""v": \#(value), "p": []"#,
                #""v": \#(empty), "p": [{"p": 100, "v": \#(value)}]"#,
                #""v": \#(empty), "r": [{"c": [], "s": {"v": \#(value)}}]"#,
            ][index % 3]
            // A condition that is false makes each setting depend on the user.
            let rule = #"{"c": [{"u": {"a": "Identifier", "c": 0, "l": ["none"]}}], "s": {"v": \#(empty)}}"#
            let text =
                served.contains(#""r""#)
                ? served.replacing(#""r": ["#, with: #""r": [\#(rule), "#) : served + #", "r": [\#(rule)]"#
            return #""\#(index)": {"t": \#(index % 4), \#(text)}"#
        }
        return try Config(json: #"{"f": {\#(settings.joined(separator: ","))}}"#)
    }

    private func value(_ index: Int) -> SettingValue {
        switch index % 4 {
        case 0: .bool(index % 8 == 0)
        case 1: .string("\(index)")
        case 2: .int(index)
        default: .double(Double(index) + 0.5)
        }
    }

    @Test(
        "a memo has a value as it was evaluated, also if settings share a place",
        arguments: [1, 2, 3, 1000, 1024, 1025, 5000])
    func values(count: Int) throws {
        let config = try config(count)
        let memo = EvaluationMemo(config)
        let user = ConfigCatUser(identifier: "1")
        for _ in 0..<2 {
            for index in 0..<count {
                let setting = try #require(config.compiled.index(of: "\(index)"))
                if let known = config.value(memo.find(Int32(setting))) { #expect(known == value(index)) }
                guard case .value(value(index)) = config.evaluate(at: setting, for: user, memo: memo, warn: nil) else {
                    Issue.record("\(index) was evaluated to another value")
                    continue
                }
                #expect(config.value(memo.find(Int32(setting))) == value(index))
            }
        }
        let known = (0..<count).count { memo.find(Int32($0)).kind != .requiresEvaluation }
        #expect(known == min(count, 1024))
        #expect(memo.find(-1).kind == .requiresEvaluation && memo.find(.max).kind == .requiresEvaluation)
    }

    @Test("several threads that use one memo find what they evaluated, or what another did")
    func threads() async throws {
        let config = try config(2000)
        for _ in 0..<20 {
            let memo = EvaluationMemo(config)
            await withTaskGroup(of: Bool.self) { group in
                for offset in 0..<4 {
                    group.addTask {
                        let user = ConfigCatUser(identifier: "1")
                        return (0..<500).allSatisfy { step in
                            let index = (step * 7 + offset * 1024) % 2000
                            guard let setting = config.compiled.index(of: "\(index)") else { return false }
                            _ = config.evaluate(at: setting, for: user, memo: memo, warn: nil)
                            return config.value(memo.find(Int32(setting))).map { $0 == value(index) } ?? true
                        }
                    }
                }
                for await isRight in group { #expect(isRight) }
            }
        }
    }
}
