import ConfigCatEvaluation
import Testing

@testable import ConfigCatComparison

@Suite("Matching of rules")
struct RuleMatchingTests {
    private func rules(_ names: [Int]) throws -> [ComparedRule] {
        let rules = names.map { #"{"c": [{"u": {"a": "A", "c": 28, "s": "\#($0)"}}], "s": {"v": {"b": true}}}"# }
        let config = try Config(
            json: #"{"f": {"a": {"t": 0, "v": {"b": false}, "r": [\#(rules.joined(separator: ","))]}}}"#)
        return ComparedConfig(config).rules(of: try #require(config["a"]))
    }

    @Test("each rule of both lists is in the result at most once, and equal lists give nothing", arguments: 0..<50)
    func partition(seed: Int) throws {
        var state = UInt64(seed &* 104_729 &+ 7)
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let old = try rules((0..<random(12)).map { _ in random(6) })
        let new = try rules((0..<random(12)).map { _ in random(6) })
        let matching = RuleMatching(old, new)
        let oldNumbers = (matching.moved + matching.changed).map(\.old.number) + matching.removed.map(\.number)
        let newNumbers = (matching.moved + matching.changed).map(\.new.number) + matching.added.map(\.number)
        #expect(Set(oldNumbers).count == oldNumbers.count && Set(newNumbers).count == newNumbers.count)
        #expect(old.count - oldNumbers.count == new.count - newNumbers.count, "the same number of rules stay")
        #expect(matching.moved.allSatisfy { $0.old == $0.new } && matching.changed.allSatisfy { $0.old != $0.new })
        let same = RuleMatching(old, old)
        #expect(same.moved.isEmpty && same.changed.isEmpty && same.removed.isEmpty && same.added.isEmpty)
    }
}
