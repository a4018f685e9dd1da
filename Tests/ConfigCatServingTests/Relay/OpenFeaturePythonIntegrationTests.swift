import ConfigCatTestSupport
import Foundation
import Testing

@testable import ConfigCatServing

@Suite("OFREP with OpenFeature's SDK for Python", .cleanup)
struct OpenFeaturePythonIntegrationTests {
    private static let folder = Tools.project.appending(path: ".build/python-tools").path
    private static let script =
        Tools.project.appending(path: "Tests/ConfigCatServingTests/Python/ofrep_test.py").path

    private static var isAvailable: Bool {
        get async {
            let check = ["python3", "-c", "import openfeature.contrib.provider.ofrep"]
            return (try? await Tools.run(check, environment: ["PYTHONPATH": folder])) != nil
        }
    }

    @Test(
        "the provider gets all types, reasons and errors, and replicas share ETags",
        .enabled("needs python3, and PyPI's openfeature-sdk and openfeature-provider-ofrep, which `make deps` installs")
        {
            await Self.isAvailable
        })
    func provider() async throws {
        let files = ["shop": RelayConfig.json(), "empty": #"{"f":{}}"#]
        let first = try await RelayServer(files: files)
        let second = try await RelayServer(files: files)
        let output = try await Tools.run(
            "python3", Self.script, first.url, second.url,
            environment: ["PYTHONPATH": Self.folder, "PYTHONDONTWRITEBYTECODE": "1"])
        #expect(output.hasSuffix("passed\n"))
    }
}
