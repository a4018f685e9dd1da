import PackagePlugin

@main
struct GenerateConfigCatFlags: CommandPlugin {
    func performCommand(context: PluginContext, arguments: [String]) async throws {}
}
