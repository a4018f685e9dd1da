import ConfigCatTestSupport
import Foundation
import Testing

/// The package without its traits. A build with `--disable-default-traits` would compile all dependencies again, for
/// minutes. So each module that depends on `ConfigCat` is compiled as the build of these tests has done it, with the same
/// dependencies, but without the traits' conditions.
@Suite("Without traits")
struct TraitsIntegrationTests {
    private static let traits = ["Configuration", "DistributedTracing", "ServiceLifecycle"]
    /// The modules that only code of a trait may import.
    private static let modulesOfTraits = [
        "Configuration", "ServiceLifecycle", "Tracing", "UnixSignals", "Instrumentation",
    ]

    /// A module of this package, with the arguments of the compiler.
    private struct Module {
        let name: String
        let arguments: [String]
        /// The modules that it imports.
        let needs: Set<String>

        /// Returns the arguments that compile the module without traits into a folder, where its dependencies are.
        func withoutTraits(in folder: URL) -> [String] {
            let dropped =
                [
                    "-c", "-incremental", "-emit-dependencies", "-emit-objc-header", "-emit-module",
                    "-parseable-output",
                    "-serialize-diagnostics",
                ] + TraitsIntegrationTests.traits.map { "-D\($0)" }
            let droppedWithValue = [
                "-emit-module-path", "-output-file-map", "-index-store-path", "-emit-objc-header-path",
            ]
            var kept: [String] = []
            var isValue = false
            for argument in arguments {
                if isValue {
                    isValue = false
                } else if droppedWithValue.contains(argument) {
                    isValue = true
                } else if !dropped.contains(argument) {
                    kept.append(argument)
                }
            }
            kept.insert(contentsOf: ["-I", folder.path], at: 1)
            return kept
        }
    }

    /// Returns the modules that depend on `ConfigCat`, and `ConfigCat`, each after those that it depends on.
    private static func modules() throws -> [Module] {
        // The manifest of the build is beside the folder of the configuration: .build/debug.yaml.
        var folder = Tools.built("configcatctl").resolvingSymlinksInPath().deletingLastPathComponent()
        let file = folder.lastPathComponent + ".yaml"
        while folder.pathComponents.count > 1,
            !FileManager.default.fileExists(atPath: folder.appending(path: file).path)
        {
            folder.deleteLastPathComponent()
        }
        let manifest = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        var modules: [String: Module] = [:]
        var inputs: [String] = []
        for line in manifest.split(separator: "\n") {
            if let list = line.wholeMatch(of: /\ +inputs: (\[.*\])/)?.1 {
                inputs = (try? JSONDecoder().decode([String].self, from: Data(list.utf8))) ?? []
            }
            guard let list = line.wholeMatch(of: /\ +args: (\[.*\])/)?.1,
                let arguments = try? JSONDecoder().decode([String].self, from: Data(list.utf8)),
                let name = value(of: "-module-name", in: arguments), arguments.contains("-DConfiguration"),
                arguments.contains("-DServiceLifecycle"), !name.hasSuffix("Tests")
            else { continue }
            let needs = inputs.compactMap { $0.wholeMatch(of: /.*\/Modules\/(.*)\.swiftmodule/)?.1 }.map(String.init)
            modules[name] = Module(name: name, arguments: arguments, needs: Set(needs))
        }
        var order: [Module] = []
        var found: Set<String> = []
        var added = true
        while added {
            added = false
            for (name, module) in modules.sorted(by: { $0.key < $1.key }) where !found.contains(name) {
                guard name == "ConfigCat" || needs(module, "ConfigCat", modules),
                    module.needs.allSatisfy({ found.contains($0) || !needs(modules[$0], "ConfigCat", modules) })
                else { continue }
                order.append(module)
                found.insert(name)
                added = true
            }
        }
        return order
    }

    private static func needs(_ module: Module?, _ name: String, _ modules: [String: Module]) -> Bool {
        guard let module else { return false }
        return module.name == name || module.needs.contains { needs(modules[$0], name, modules) }
    }

    private static func value(of option: String, in arguments: [String]) -> String? {
        arguments.firstIndex(of: option).flatMap { arguments.indices.contains($0 + 1) ? arguments[$0 + 1] : nil }
    }

    @Test("every module compiles, and imports nothing that belongs to a trait")
    func compiles() async throws {
        let modules = try Self.modules()
        let names = modules.map(\.name)
        for name in ["ConfigCat", "ConfigCatConfiguration", "ConfigCatOpenFeature", "ConfigCatTesting", "configcatctl"]
        {
            #expect(names.contains(name))
        }
        try await withFolder { folder in
            // The compiler leaves files in the folder in which it runs.
            for module in modules {
                let arguments = module.withoutTraits(in: folder)
                // The compiler gives way to the tests that run at the same time.
                _ = try await Tools.run(
                    ["nice", "-n", "19"] + arguments + [
                        "-emit-module", "-emit-module-path", folder.appending(path: "\(module.name).swiftmodule").path,
                    ], in: folder)
            }
            let client = try #require(modules.first)
            let imports = try await Tools.run(
                client.withoutTraits(in: folder) + ["-emit-imported-modules", "-o", "-"], in: folder)
            let imported = Set(imports.split(separator: "\n").map(String.init))
            #expect(imported.contains("Logging"))
            #expect(imported.isDisjoint(with: Self.modulesOfTraits))
        }
    }
}
