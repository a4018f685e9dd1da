import ConfigCat
import ConfigCatTestSupport
import Foundation
import Testing

/// The generated code under a real compiler.
@Suite("Generated code")
struct GeneratedCodeIntegrationTests {
    static let generator = Tools.built("configcat-generate")
    static let flags = Tools.project.appending(path: "Examples/flags.json")

    @Test("declarations of Examples/flags.json are current, and evaluate")
    func current() async throws {
        let file = Tools.project.appending(path: "Tests/ConfigCatGenerationTests/Generated/Flags.swift").path
        try await Tools.run(Self.generator.path, "--config", Self.flags.path, "--output", file, "--check")
        let snapshot = ConfigCatClientSnapshot(config: try Config(contentsOfFile: Self.flags.path))
        let jane = ConfigCatUser(identifier: "jane", email: "jane@example.com", custom: ["Plan": "Pro"])
        #expect(snapshot.value(of: .newCheckout, user: jane))
        #expect(snapshot.value(of: .maxUploadMegabytes, user: jane) == 500)
        #expect(FeatureFlag.discountRate.defaultValue == 0 && FeatureFlag.searchEngine.defaultValue == "classic")
    }

    /// Keys that are hard to declare. All have different names.
    private static let keys: [String] = [
        "", "2fa", "default", "self", "init", "type", "Protocol", "quote\"", "back\\slash", "line\nbreak\r\t",
        "\\(launch())", "*/ block /*", "// comment", "naïve", "日本語", "🎉", "👩‍👧", "\u{301}mark", "\u{202E}rtl", "nul\0",
        "`tick`", "#\"raw\"#", "$0", "a.b.c", "{brace}", "❤️", "Ǆ", "ﬁ", "\u{2028}separator", "٣", "key😀x",
        String(repeating: "long", count: 100),
    ]

    @Test("the declarations of any keys and values compile, and have these keys and values")
    func hostile() async throws {
        var flags: [String: any Sendable] = [:]
        for key in Self.keys { flags[key] = key }
        flags["min"] = Int.min
        flags["rate"] = 1e-7
        try await withFolder { folder in
            func file(_ name: String) -> URL { folder.appending(path: name) }
            try JSONSerialization.data(withJSONObject: ["flags": flags]).write(to: file("flags.json"))
            let stub = """
                public struct FeatureFlag<Value: Sendable>: Sendable {
                    public let key: String
                    public let defaultValue: Value
                    public init(_ key: String, defaultValue: Value) { (self.key, self.defaultValue) = (key, defaultValue) }
                }
                """
            try Data(stub.utf8).write(to: file("ConfigCat.swift"))
            try await Tools.run(
                Self.generator.path, "--config", file("flags.json").path, "--output", file("Flags.swift").path)
            let code = try String(contentsOf: file("Flags.swift"), encoding: .utf8)
            let names = code.split(separator: "\n").compactMap { line -> Substring? in
                guard let start = line.firstRange(of: "static let ")?.upperBound else { return nil }
                return line[start...].prefix { $0 != " " }
            }
            #expect(names.count == Self.keys.count + 2)
            let strings = names.filter { !["min", "rate"].contains($0) }
            let main = """
                import ConfigCat
                for flag in [\(strings.map { "FeatureFlag<String>.\($0)" }.joined(separator: ", "))] {
                    guard flag.key.utf8.elementsEqual(flag.defaultValue.utf8) else { fatalError(flag.key) }
                    print(Array(flag.key.utf8))
                }
                guard FeatureFlag.min.defaultValue == Int.min, FeatureFlag.rate.defaultValue == 1e-7 else { fatalError() }
                """
            try Data(main.utf8).write(to: file("main.swift"))
            try await Tools.run(
                "swiftc", "-swift-version", "6", "-parse-as-library", "-emit-module", "-emit-object", "-module-name",
                "ConfigCat", "ConfigCat.swift", in: folder)
            try await Tools.run(
                "swiftc", "-swift-version", "6", "-warnings-as-errors", "-enable-upcoming-feature",
                "InternalImportsByDefault", "-I", ".", "main.swift", "Flags.swift", "ConfigCat.o", "-o", "main",
                in: folder)
            let printed = try await Tools.run(file("main").path).split(separator: "\n").map(String.init)
            #expect(Set(printed) == Set(Self.keys.map { "\(Array($0.utf8))" }))
        }
    }
}
