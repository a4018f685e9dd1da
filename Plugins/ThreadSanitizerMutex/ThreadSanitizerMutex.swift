import Foundation
import PackagePlugin

/// Adds Mutex.swift.txt to a module. The manifest declares this plugin only for `make sanitize`, for all modules.
@main
struct ThreadSanitizerMutex: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) -> [Command] {
        let template = context.package.directoryURL
            .appending(components: "Plugins", "ThreadSanitizerMutex", "Mutex.swift.txt")
        let copy = context.pluginWorkDirectoryURL.appending(component: "Mutex.swift")
        return [
            .buildCommand(
                displayName: "Adding a mutex that ThreadSanitizer supports to \(target.name)",
                executable: URL(filePath: "/bin/cp"), arguments: [template.path, copy.path],
                inputFiles: [template], outputFiles: [copy])
        ]
    }
}
