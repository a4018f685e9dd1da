import Testing

@testable import ConfigCatEvaluation

@Suite("Conformance: evaluation log")
struct EvaluationLogTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var config: String
        var key: String
        var userJSON: [UInt8]
        var returnValue: [UInt8]
        var expectedLog: String

        var testDescription: String { expectedLog }
    }

    static let folder = "official/evaluationlog"

    static let cases: [Case] = ConformanceData.files(in: folder).flatMap { file -> [Case] in
        guard let suite = try? JSONNode(ConformanceData.bytes("\(folder)/\(file)")) else { return [] }
        let config =
            (suite["sdkKey"]?.string).map { "official/configs/\($0.replacing("/", with: "__")).json" }
            ?? "\(folder)/_overrides/\(suite["jsonOverride"]?.string ?? "")"
        return (suite["tests"]?.elements ?? []).map { test in
            Case(
                config: config, key: test["key"]?.string ?? "", userJSON: test["user"]?.source ?? Array("null".utf8),
                returnValue: test["returnValue"]?.source ?? Array("null".utf8),
                expectedLog: "\(folder)/\(file.dropLast(5))/\(test["expectedLog"]?.string ?? "")")
        }
    }

    @Test("the evaluation log and the ids of the warnings are as expected", arguments: cases)
    func log(_ test: Case) throws {
        let config = try ConformanceData.config(test.config)
        var warnings: [LogRecord] = []
        let user = try JSONNode(test.userJSON).user
        let (result, log) = config.explain(test.key, for: user, defaultValue: "") { warnings.append($0) }
        #expect(try JSONNode(test.returnValue).equals(try result.get().value))

        let expected = try ConformanceData.text(test.expectedLog).split(separator: "\n").map(String.init)
        let expectedWarnings = expected.filter { $0.hasPrefix("WARNING [") }
        #expect(warnings.map { "WARNING [\($0.id)]" } == expectedWarnings.map { String($0.prefix(14)) })
        #expect(warnings.allSatisfy { $0.level == .warning })
        let text = expected.drop { !$0.hasPrefix("INFO [5000] ") }.joined(separator: "\n")
        #expect(Self.trimmed("INFO [5000] " + (log ?? "")) == Self.trimmed(text))
    }

    @Test("all 43 cases are present", .enabled(if: ConformanceData.isComplete))
    func completeness() {
        #expect(Self.cases.count == 43)
    }

    /// Returns the lines without trailing white space.
    static func trimmed(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line.reversed().drop(while: \.isWhitespace).reversed())
        }
    }
}
