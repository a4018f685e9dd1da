import Testing

@testable import ConfigCatEvaluation

@Suite("Conformance: matrices")
struct MatrixTests {
    struct Run: Sendable, CustomTestStringConvertible {
        var matrix: String
        var config: String
        var holdsVariationIDs: Bool

        var testDescription: String { "\(matrix), \(config)" }
    }

    static let runs: [Run] = {
        guard let index = try? JSONNode(ConformanceData.bytes("official/index.json")) else { return [] }
        return index.elements.map { run in
            Run(
                matrix: run["matrix"]?.string ?? "", config: run["config"]?.string ?? "",
                holdsVariationIDs: run["kind"]?.string == "variationId")
        }
    }()

    @Test("settings evaluate to the values of the matrix", arguments: runs)
    func matrix(_ run: Run) throws {
        let checks = try check(run)
        #expect(checks > 0)
    }

    @Test("all matrices of both versions have been checked", .enabled(if: ConformanceData.isComplete))
    func completeness() throws {
        var counts: [String: Int] = [:]
        for run in Self.runs {
            counts[run.config.hasPrefix("v5") ? "v5" : "v6", default: 0] += try check(run)
        }
        #expect(counts == ["v6": 32_360, "v5": 15_576])
    }

    /// Returns the number of cells that were compared.
    private func check(_ run: Run) throws -> Int {
        let config = try ConformanceData.config("official/" + run.config)
        let lines = try ConformanceData.text("official/" + run.matrix).split(whereSeparator: \.isNewline)
        let header = try #require(lines.first).split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        var checks = 0
        for line in lines.dropFirst() {
            let cells = line.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
            let user = user(cells, attribute: header[3])
            for (key, cell) in zip(header, cells).dropFirst(4) where !key.isEmpty {
                let details = try config.details(key, for: user, warn: nil).get()
                checks += 1
                if run.holdsVariationIDs {
                    #expect(details.variationId == cell, "\(key) for \(line)")
                } else {
                    let expected = value(cell, as: details.value.type)
                    #expect(details.value == expected, "\(key) for \(line)")
                    #expect(
                        config.valuesByEveryPath(key, for: user).allSatisfy { $0 == expected }, "\(key) for \(line)")
                }
            }
        }
        return checks
    }

    private func user(_ cells: [String], attribute: String) -> ConfigCatUser? {
        func cell(_ index: Int) -> String? { ["", "##null##"].contains(cells[index]) ? nil : cells[index] }
        guard cells[0] != "##null##" else { return nil }
        let custom = cell(3).map { [attribute: ConfigCatUser.AttributeValue.string($0)] } ?? [:]
        return ConfigCatUser(
            identifier: cells[0], email: cell(1), country: cell(2), custom: ConfigCatUser.Attributes(custom))
    }

    private func value(_ cell: String, as type: SettingType) -> SettingValue? {
        switch type {
        case .bool: ["True": .bool(true), "False": .bool(false)][cell]
        case .string: .string(cell)
        case .int: Int(cell).map { .int($0) }
        case .double: Double(cell).map { .double($0) }
        }
    }
}
