import PackagePlugin

@main
struct ConfigCatFlags: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] { [] }
}
