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

    /// The versions that `make deps` installs, beside the newest one.
    package static let olderVersions = ["8.0.1", "9.0.4"]

    /// Returns whether `make deps` has installed a version; nil stands for the newest one.
    package static func has(version: String?) async -> Bool {
        guard let version else { return await isAvailable }
        let arguments = ["python3", "-c", "import configcatclient"]
        return (try? await Tools.run(arguments, environment: ["PYTHONPATH": "\(folder)-\(version)"])) != nil
    }

    /// Starts a client that prints the value of the setting `number` whenever it changes. Its cache is `redis://…` or
    /// the path of a directory; it is offline if the CDN's URL is nil. The version is the newest one if nil.
    package static func client(
        cache: String, cdn: String?, sdkKey: String, version: String? = nil
    ) throws -> ChildProcess {
        try ChildProcess(
            tool: "python3", ["-u", script, sdkKey, cache] + (cdn.map { [$0] } ?? []),
            environment: ["PYTHONPATH": folder + (version.map { "-" + $0 } ?? "")])
    }
}
