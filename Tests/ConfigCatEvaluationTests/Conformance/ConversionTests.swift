import Testing

@testable import ConfigCatEvaluation

@Suite("Conformance: conversion of attributes")
struct ConversionTests {
    static let cases: [Int] = {
        let cases = try? JSONNode(ConformanceData.bytes("official/conversion/cases.json"))
        return Array((cases?.elements ?? []).indices)
    }()

    @Test("an attribute is converted and trimmed as in ConfigCat's other SDKs", arguments: cases)
    func conversion(_ index: Int) throws {
        let test = try JSONNode(ConformanceData.bytes("official/conversion/cases.json")).elements[index]
        let config = try ConformanceData.config("official/" + #require(test["config"]?.string))
        let key = try #require(test["key"]?.string)
        let details = try config.details(key, for: test["user"]?.user, warn: nil).get()
        #expect(try #require(test["expected"]).equals(details.value), "\(key): \(details.value)")
    }

    @Test("all 52 cases are present", .enabled(if: ConformanceData.isComplete))
    func completeness() {
        #expect(Self.cases.count == 52)
    }

    @Test("comparison values of text comparators are not trimmed, those of semver comparators are")
    func comparisonValues() throws {
        let config = try ConformanceData.config("official/conversion/comparison_value_trimming.json")
        let user = ConfigCatUser(
            identifier: "12345", country: #"["USA"]"#,
            custom: ["Version": "1.0.0", "Number": "3", "Date": "1705253400"])
        #expect(!config.keys.isEmpty)
        for key in config.keys {
            let value = try config.details(key, for: user, warn: nil).get().value.description
            #expect(value == (key.hasPrefix("semver") ? "\(number(of: key, in: config)) trim" : "no trim"), "\(key)")
        }
    }

    /// Returns the number of the comparator of a setting's only condition.
    private func number(of key: String, in config: Config) -> UInt8 {
        guard case .user(_, let comparator, _) = config[key]?.targetingRules.first?.conditions.first?.kind else {
            return 255
        }
        return comparator.rawValue
    }
}
