import Foundation
import PackagePlugin

/// Generates declarations of the settings in a target's `flags.json` with each build.
///
/// The result depends on nothing but the files beside it, so that all builds of a commit are the same. Settings that the
/// config no longer has are therefore not declared, and their uses do not compile.
@main
struct ConfigCatFlags: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
        guard let target = target as? any SourceModuleTarget else { return [] }
        let config = target.directoryURL.appending(component: "flags.json")
        guard FileManager.default.fileExists(atPath: config.path) else {
            Diagnostics.error(
                "The target \(target.name) uses the plugin ConfigCatFlags, and has no config: \(config.path)")
            return []
        }
        let output = context.pluginWorkDirectoryURL.appending(component: "GeneratedFlags.swift")
        var arguments = ["--config", config.path, "--output", output.path, "--drop-removed"]
        var inputs = [config]
        for (option, name) in [("--manifest", "flags-manifest.json"), ("--options", "flags-options.json")] {
            let file = target.directoryURL.appending(component: name)
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            arguments += [option, file.path]
            inputs.append(file)
        }
        return [
            .buildCommand(
                displayName: "Generating flags of \(target.name)",
                executable: try context.tool(named: "configcat-generate").url, arguments: arguments,
                inputFiles: inputs, outputFiles: [output])
        ]
    }
}
