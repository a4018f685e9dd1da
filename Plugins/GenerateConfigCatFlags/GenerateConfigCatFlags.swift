import Foundation
import PackagePlugin

/// Writes `Flags.swift` into the folder of each target that has a `flags.json`, for projects that keep generated code in
/// version control.
///
///     swift package generate-configcat-flags [--target T]… [--access-level public] [--check]
@main
struct GenerateConfigCatFlags: CommandPlugin {
    func performCommand(context: PluginContext, arguments: [String]) async throws {
        var extractor = ArgumentExtractor(arguments)
        let names = extractor.extractOption(named: "target")
        let levels = extractor.extractOption(named: "access-level")
        let isCheck = extractor.extractFlag(named: "check") > 0
        if let unknown = extractor.remainingArguments.first {
            return Diagnostics.error(
                "unknown argument '\(unknown)'; there are --target, --access-level and --check")
        }
        let tool = try context.tool(named: "configcat-generate").url
        for target in try targets(names, in: context.package) {
            let folder = target.directoryURL
            var options = ["--config", folder.appending(component: "flags.json").path]
            options += ["--output", folder.appending(component: "Flags.swift").path]
            for (option, name) in [("--manifest", "flags-manifest.json"), ("--options", "flags-options.json")] {
                let file = folder.appending(component: name)
                if FileManager.default.fileExists(atPath: file.path) { options += [option, file.path] }
            }
            if let level = levels.last { options += ["--access-level", level] }
            if isCheck { options.append("--check") }
            let process = try Process.run(tool, arguments: options)
            process.waitUntilExit()
            if process.terminationReason != .exit || process.terminationStatus != 0 {
                Diagnostics.error(
                    isCheck
                        ? "the flags of \(target.name) are not up to date"
                        : "cannot generate the flags of \(target.name)")
            }
        }
    }

    /// Returns the named targets; without names, those that have a config.
    private func targets(_ names: [String], in package: Package) throws -> [any SourceModuleTarget] {
        func hasConfig(_ target: any SourceModuleTarget) -> Bool {
            FileManager.default.fileExists(atPath: target.directoryURL.appending(component: "flags.json").path)
        }
        let all = package.targets.compactMap { $0 as? any SourceModuleTarget }
        guard !names.isEmpty else {
            let found = all.filter(hasConfig)
            if found.isEmpty { Diagnostics.error("no target has a flags.json") }
            return found
        }
        // Once each: a second run would leave out what the first one deprecates.
        var seen: Set<String> = []
        let unique = names.filter { seen.insert($0).inserted }
        return try package.targets(named: unique).compactMap { target in
            guard let target = target as? any SourceModuleTarget, hasConfig(target) else {
                Diagnostics.error("the target \(target.name) has no flags.json")
                return nil
            }
            return target
        }
    }
}
