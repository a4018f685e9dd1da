import Foundation

/// ConfigCat's SDK for Python, in processes that share a cache with ours.
package enum PythonSDK {
    private static let folder = Tools.project.appending(path: ".build/python-sdk").path
    private static let script = Tools.project.appending(path: "Tests/ConfigCatTestSupport/python_client.py").path

    package static let whySkipped = "needs python3 and PyPI's configcat-client and redis"

    private static let installation = Task {
        let environment = ["PYTHONPATH": folder]
        if (try? await Tools.run("python3", "-c", "import configcatclient, redis", environment: environment)) != nil {
            return true
        }
        let install = [
            "python3", "-m", "pip", "install", "--quiet", "--upgrade", "--target", folder, "configcat-client", "redis",
        ]
        // Debian's pip requires this variable even for installing into a folder.
        return (try? await Tools.run(install, environment: ["PIP_BREAK_SYSTEM_PACKAGES": "1"])) != nil
    }

    /// Whether the SDK is installed; if it is not, installs it.
    package static var isAvailable: Bool {
        get async { await installation.value }
    }

    /// Starts a client that prints the value of the setting `number` whenever it changes. Its cache is `redis://…` or
    /// the path of a directory; it is offline if the CDN's URL is nil.
    package static func client(cache: String, cdn: String?, sdkKey: String) throws -> ChildProcess {
        try ChildProcess(
            tool: "python3", ["-u", script, sdkKey, cache] + (cdn.map { [$0] } ?? []),
            environment: ["PYTHONPATH": folder])
    }
}
