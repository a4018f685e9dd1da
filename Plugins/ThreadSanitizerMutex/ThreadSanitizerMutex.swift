import Foundation
import PackagePlugin

/// Adds Mutex.swift.txt to a module. `make sanitize` applies this plugin to all modules; otherwise it is not declared.
@main
struct ThreadSanitizerMutex: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) -> [Command] {
        let template = context.package.directoryURL
            .appending(components: "Plugins", "ThreadSanitizerMutex", "Mutex.swift.txt")
        let copy = context.pluginWorkDirectoryURL.appending(component: "Mutex.swift")
        return [
            .buildCommand(
                displayName: "Adding a mutex that ThreadSanitizer knows to \(target.name)",
                executable: URL(filePath: "/bin/cp"), arguments: [template.path, copy.path],
                inputFiles: [template], outputFiles: [copy])
        ]
    }
}
