import Foundation

/// ConfigCat's SDK for Python, in processes that share a cache with ours.
package enum PythonSDK {
    private static let folder = Tools.project.appending(path: ".build/python-sdk").path
    private static let script = Tools.project.appending(path: "Tests/ConfigCatTestSupport/python_client.py").path

    package static let whySkipped = "needs python3, and PyPI's configcat-client and redis, which `make deps` installs"

    private static let check = Task {
        let imports = ["-c", "import configcatclient, redis"]
        return (try? await Tools.run(["python3"] + imports, environment: ["PYTHONPATH": folder])) != nil
    }

    /// Whether `make deps` has installed the SDK.
    package static var isAvailable: Bool {
        get async { await check.value }
    }

    /// Starts a client that prints the value of the setting `number` whenever it changes. Its cache is `redis://…` or
    /// the path of a directory; it is offline if the CDN's URL is nil.
    package static func client(cache: String, cdn: String?, sdkKey: String) throws -> ChildProcess {
        try ChildProcess(
            tool: "python3", ["-u", script, sdkKey, cache] + (cdn.map { [$0] } ?? []),
            environment: ["PYTHONPATH": folder])
    }
}
