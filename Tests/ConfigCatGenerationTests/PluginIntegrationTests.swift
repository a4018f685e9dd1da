import ConfigCatTestSupport
import Foundation
import Testing

/// Builds a package that uses the plugins, as users do. It is in `.build`, where a second run finds what the first has
/// built.
@Suite("Plugins", .serialized)
struct PluginIntegrationTests {
    private static let folder = Tools.project.appending(path: ".build/plugin-tests")
    private static let package = folder.appending(path: "App")

    private func write(_ text: String, _ path: String) throws {
        let file = Self.package.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// Runs a command of SwiftPM, and returns its exit code and all of its output.
    private func swift(_ command: String, _ arguments: String...) async throws -> (code: Int32, text: String) {
        // Builds give way to the tests that run at the same time.
        let process = try ChildProcess(
            tool: "nice",
            [
                "-n", "19", "swift", command, "--package-path", Self.package.path, "--scratch-path",
                Self.folder.appending(path: "build").path,
            ] + arguments)
        let code = try await process.ended()
        return (code, process.output + process.errors)
    }

    /// Writes a package whose only target uses the build tool plugin. The compiler replaces the module ConfigCat, which
    /// would build for minutes, with a module that has only `FeatureFlag`.
    private func makePackage() throws {
        try? FileManager.default.removeItem(at: Self.package)
        try write(
            """
            // swift-tools-version: 6.2
            import PackageDescription

            let package = Package(
                name: "App", platforms: [.macOS(.v15)],
                dependencies: [.package(name: "configcat-swift-server", path: "\(Tools.project.path)")],
                targets: [
                    .target(name: "Stub"),
                    .executableTarget(
                        name: "App", dependencies: ["Stub"],
                        swiftSettings: [.unsafeFlags(["-module-alias", "ConfigCat=Stub"])],
                        plugins: [.plugin(name: "ConfigCatFlags", package: "configcat-swift-server")]),
                    .target(name: "Written"),
                ])
            """, "Package.swift")
        let versions = Tools.project.appending(path: "Package.resolved")
        if FileManager.default.fileExists(atPath: versions.path) {
            try FileManager.default.copyItem(at: versions, to: Self.package.appending(path: "Package.resolved"))
        }
        try write(
            """
            public struct FeatureFlag<Value: Sendable>: Sendable {
                public let key: String
                public let defaultValue: Value
                public init(_ key: String, defaultValue: Value) { (self.key, self.defaultValue) = (key, defaultValue) }
            }
            """, "Sources/Stub/FeatureFlag.swift")
        try write("import ConfigCat\nprint(FeatureFlag.pageSize)\n", "Sources/App/main.swift")
        try write(#"{"f": {"page-size": {"t": 2, "v": {"i": 20}}}}"#, "Sources/App/flags.json")
        try write("", "Sources/Written/Empty.swift")
        try write(#"{"flags": {"beta": true}}"#, "Sources/Written/flags.json")
    }

    @Test("the build tool plugin declares a target's flags, points to errors in the config, and builds no NIO")
    func build() async throws {
        try makePackage()
        let first = try await swift("build", "--product", "App")
        #expect(first.code == 0, "\(first.text)")
        #expect(!first.text.contains("App/flags.json"), "the config is not reported as a file that nothing handles")
        let folder = Self.folder.appending(path: "build/debug")
        let printed = try await Tools.run(folder.appending(path: "App").path)
        #expect(printed == "FeatureFlag<Int>(key: \"page-size\", defaultValue: 20)\n")

        // A module that was compiled has objects.
        func compiled(_ isWanted: (String) -> Bool) throws -> [String] {
            try files(folder).filter { name in
                guard name.hasSuffix(".build"), isWanted(name) else { return false }
                let objects = try? files(folder.appending(path: name))
                return objects?.contains { $0.hasSuffix(".o") } ?? false
            }
        }
        #expect(try !compiled { $0.hasPrefix("ConfigCatGeneration") }.isEmpty)
        #expect(try compiled { $0.contains("NIO") || $0.contains("Redis") || $0.contains("AsyncHTTPClient") } == [])

        // The manifest is an input too.
        try write(
            #"{"flags": {"page-size": {"flagType": "integer", "defaultValue": 50}}}"#,
            "Sources/App/flags-manifest.json")
        let second = try await swift("build", "--product", "App")
        #expect(second.code == 0, "\(second.text)")
        #expect(try await Tools.run(folder.appending(path: "App").path).contains("defaultValue: 50"))

        try write("{\n  \"f\": {\"page-size\": {\"t\": 2, \"v\": {\"i\": 20}},}\n}", "Sources/App/flags.json")
        let third = try await swift("build", "--product", "App")
        let config = Self.package.appending(path: "Sources/App/flags.json").path
        #expect(third.code != 0 && third.text.contains("\(config):2:47: error: not JSON"), "\(third.text)")

        // The build depends on the config alone, so that a removed setting is an error wherever it is used.
        try write(#"{"flags": {"other": 1}}"#, "Sources/App/flags.json")
        let fourth = try await swift("build", "--product", "App")
        #expect(fourth.code != 0 && fourth.text.contains("has no member 'pageSize'"), "\(fourth.text)")

        try FileManager.default.removeItem(atPath: config)
        let fifth = try await swift("build", "--product", "App")
        #expect(fifth.code != 0 && fifth.text.contains("has no config: \(config)"), "\(fifth.text)")
    }

    @Test("the command plugin writes Flags.swift into the folders of targets, and checks it")
    func command() async throws {
        try makePackage()
        func generate(_ arguments: String...) async throws -> (code: Int32, text: String) {
            let process = try ChildProcess(
                tool: "nice",
                [
                    "-n", "19", "swift", "package", "--package-path", Self.package.path, "--scratch-path",
                    Self.folder.appending(path: "build").path, "--allow-writing-to-package-directory",
                    "generate-configcat-flags",
                ] + arguments)
            let code = try await process.ended()
            return (code, process.output + process.errors)
        }
        let output = Self.package.appending(path: "Sources/Written/Flags.swift")
        let unchecked = try await generate("--target", "Written", "--check")
        #expect(unchecked.code != 0 && unchecked.text.contains("not up to date"), "\(unchecked.text)")
        let first = try await generate("--target", "Written", "--access-level", "public")
        #expect(first.code == 0, "\(first.text)")
        #expect(try String(contentsOf: output, encoding: .utf8).contains("public static let beta"))
        #expect(!FileManager.default.fileExists(atPath: Self.package.appending(path: "Sources/App/Flags.swift").path))
        try write(#"{"accessLevel": "public"}"#, "Sources/Written/flags-options.json")
        let checked = try await generate("--target", "Written", "--check")
        #expect(checked.code == 0, "\(checked.text)")
        try write("// mine\n", "Sources/Written/Flags.swift")
        let foreign = try await generate()
        #expect(foreign.code != 0 && foreign.text.contains("the generator did not write this file"), "\(foreign.text)")
        #expect(try String(contentsOf: output, encoding: .utf8) == "// mine\n")
        let wrong = try await generate("--tagret", "Written")
        #expect(wrong.code != 0 && wrong.text.contains("unknown argument '--tagret'"), "\(wrong.text)")
    }
}
