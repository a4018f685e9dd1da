import ConfigCatEvaluation
import ConfigCatGeneration
import Testing

@Suite("Flag usages")
struct FlagUsagesTests {
    private func usages(_ code: String..., keys: [String] = ["newCheckout", "page-size", "search"]) throws -> FlagUsages
    {
        let config = Config(values: Dictionary(uniqueKeysWithValues: keys.map { ($0, .bool(true)) }))
        let sources = code.enumerated().map { SourceText(name: "\($0.offset).swift", bytes: Array($0.element.utf8)) }
        return FlagUsages(of: config, in: sources)
    }

    private func unknown(_ code: String...) throws -> [String] {
        let sources = code.enumerated().map { SourceText(name: "\($0.offset).swift", bytes: Array($0.element.utf8)) }
        return FlagUsages(of: Config(values: ["a": .bool(true)]), in: sources).unknown
            .map { "\($0.file):\($0.line):\($0.column) \($0.text)" }
    }

    @Test(
        "a setting is mentioned by its key in any literal, or by its generated name",
        arguments: [
            #"client.getValue(for: "page-size", defaultValue: 1)"#, #"let key = "page-size""#, "##\"page-size\"##",
            "flags.value(of: .pageSize)", "FeatureFlag.pageSize.key", "FeatureFlag<Bool>.pageSize", "[.pageSize]",
            "return .pageSize", "x ? .pageSize : y", #""\(flags.value(of: .pageSize))""#, "flags[.pageSize] = true",
        ])
    func mentioned(code: String) throws {
        #expect(try usages(code).unmentioned == ["newCheckout", "search"])
    }

    @Test(
        "comments, members of values and parts of literals are no mentions",
        arguments: [
            "// page-size .pageSize", "/* \"page-size\" */", "layout.pageSize", "layout?.pageSize", "f().pageSize",
            "a[0].pageSize", "\"the page-size\"", "let pageSize = 1", "\"page-\" + \"size\"",
        ])
    func unmentioned(code: String) throws {
        #expect(try usages(code).unmentioned.contains("page-size"))
    }

    @Test("keys in calls that no setting has are reported with their place")
    func unknownKeys() throws {
        let code = """
            // getValue(for: "comment")
            let x = await client.getValue(for: "b", defaultValue: false)
              getValueDetails(for: "c\\u{64}", defaultValue: 1)
            static let y = FeatureFlag("e", defaultValue: false)
            static let z = FeatureFlag<Int>("f", defaultValue: 1), w = FeatureFlag("a", defaultValue: 1)
            other("g"); other(for: "h"); print("i", separator: ""); getValue(for: key)
            """
        #expect(try unknown(code) == ["0.swift:2:36 b", "0.swift:3:24 cd", "0.swift:4:28 e", "0.swift:5:33 f"])
    }

    @Test("names in calls that neither the config nor the code declares are reported")
    func unknownNames() throws {
        #expect(
            try unknown("flags.value(of: .typo)\nFeatureFlag.gone.key") == ["0.swift:1:18 typo", "0.swift:2:13 gone"])
        #expect(try unknown("FeatureFlag<Bool>.gone") == ["0.swift:1:19 gone"])
        #expect(try unknown("value(of: .mine)", "static let mine = FeatureFlag(\"a\", defaultValue: true)").isEmpty)
        #expect(try unknown("FeatureFlag.init(\"a\", defaultValue: true); FeatureFlag.self; return .other").isEmpty)
    }

    @Test("generated files are no mentions, and tell the keys of removed settings")
    func generatedFiles() throws {
        var generation = FlagGeneration(
            config: SourceText(name: "flags.json", bytes: Array(#"{"flags": {"a": true, "old-flag": true}}"#.utf8)))
        let first = try generation.run().code
        #expect(try usages(first, keys: ["a"]).unmentioned == ["a"])
        generation.config.bytes = Array(#"{"flags": {"a": true}}"#.utf8)
        generation.previous = first
        let second = try generation.run().code
        let usages = try usages(second, "if flags.value(of: .oldFlag) {}; f([.oldFlag])", keys: ["a"])
        #expect(usages.unknown.map(\.removedKey) == ["old-flag", "old-flag"])
        #expect(usages.unknown.map(\.form) == [.name, .name])
    }

    @Test("keys with the same name are both mentioned by it, and equal-looking keys are different")
    func names() throws {
        #expect(try usages(".newFlag", keys: ["new-flag", "newFlag"]).unmentioned.isEmpty)
        #expect(try usages("\"é\"", keys: ["é"]).unmentioned.isEmpty)
        #expect(try usages("\"e\u{301}\"", keys: ["é"]).unmentioned == ["é"])
    }
}
