import Foundation
import Testing

@testable import ConfigCatEvaluation

@Suite("Conformance: generated vectors")
struct GeneratedTests {
    @Test("evaluations of v6 configs have the expected results and logs")
    func version6() throws {
        let counts = try check("generated/vectors.jsonl")
        if ConformanceData.isComplete { #expect(counts.cases == 2400) }
        #expect(counts.cases > 0)
        #expect(counts.logs > 0)
    }

    @Test("evaluations of v5 configs have the expected results")
    func version5() throws {
        let counts = try check("generated/vectors_v5.jsonl")
        if ConformanceData.isComplete { #expect(counts.cases == 600) }
        #expect(counts.cases > 0)
    }

    @Test("settings of v5 that v6 can express evaluate to the same values after the conversion")
    func conversion() throws {
        var compared = 0
        for (config, cases) in try vectors("generated/vectors_v5.jsonl") {
            let (json, losses) = ConfigWriter.version6(config)
            let converted = try Config(json: json)
            #expect(converted.format == .v6)
            let incomplete = Set(losses.map(\.setting))
            for test in cases {
                let key = test["key"]?.string ?? ""
                guard !incomplete.contains(key) else { continue }
                compared += 1
                let user = test["user"]?.user
                let original = try? config.details(key, for: user, warn: nil).get()
                let carried = try? converted.details(key, for: user, warn: nil).get()
                #expect(original?.value == carried?.value, "\(key) for \(user?.description ?? "nobody")")
                #expect(original?.variationId == carried?.variationId)
            }
        }
        #expect(compared > 0)
    }

    private func vectors(_ path: String) throws -> [(config: Config, cases: [JSONNode])] {
        try ConformanceData.text(path).split(separator: "\n").map { line in
            let vector = try JSONNode(Array(line.utf8))
            return (try Config(json: #require(vector["config"]).source), vector["cases"]?.elements ?? [])
        }
    }

    private func check(_ path: String) throws -> (cases: Int, logs: Int) {
        var counts = (cases: 0, logs: 0)
        for (config, cases) in try vectors(path) {
            for test in cases {
                counts.cases += 1
                if try check(test, in: config) { counts.logs += 1 }
            }
        }
        return counts
    }

    /// Returns whether the case has a log.
    private func check(_ test: JSONNode, in config: Config) throws -> Bool {
        let key = try #require(test["key"]?.string)
        let user = test["user"]?.user
        let expected = try #require(test["expected"])
        let comment = Comment(rawValue: "\(key) for \(user?.description ?? "nobody")")
        let (result, log) = config.explain(key, for: user, defaultValue: "", warn: nil)
        let details = try? result.get()
        #expect((details == nil) == expected["error"]?.bool, comment)
        if let details {
            #expect(try #require(expected["value"]).equals(details.value), comment)
        } else {
            #expect(expected["isDefaultValue"]?.bool == true, comment)
        }
        #expect(details?.variationId == expected["variationId"]?.string, comment)
        #expect(details?.matchedTargetingRule?.position == expected["matchedTargetingRule"]?.int, comment)
        #expect(details?.matchedPercentageOption?.position == expected["matchedPercentageOption"]?.int, comment)
        // An evaluation without a log runs other code.
        #expect(config.valuesByEveryPath(key, for: user).allSatisfy { $0 == details?.value }, comment)
        guard let text = test["log"]?.string else { return false }
        #expect(EvaluationLogTests.trimmed(log ?? "") == EvaluationLogTests.trimmed(text), comment)
        return true
    }
}
