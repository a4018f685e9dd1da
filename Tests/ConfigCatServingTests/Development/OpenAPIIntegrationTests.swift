import ConfigCatTestSupport
import Foundation
import NIOHTTP1
import Testing

@testable import ConfigCatServing

@Suite("OpenAPI document", .cleanup)
struct OpenAPIIntegrationTests {
    private static let folder = Tools.project.appending(path: ".build/python-tools").path
    private static let script = Tools.project.appending(path: "Tests/ConfigCatServingTests/Python/openapi_test.py").path

    private static var isAvailable: Bool {
        get async {
            let check = ["python3", "-c", "import schemathesis"]
            return (try? await Tools.run(check, environment: ["PYTHONPATH": folder])) != nil
        }
    }

    @Test(
        "the running server does what the document says, as schemathesis finds",
        .enabled("needs python3, and PyPI's schemathesis, which `make deps` installs") { await Self.isAvailable })
    func schemathesis() async throws {
        let sample = Tools.project.appending(path: "Examples/flags.json").path
        let server = try ChildProcess(
            Tools.built("configcatctl"), ["serve", "--config", "flags=\(sample)", "--ephemeral", "--port", "0"])
        Cleanup.add { try? await server.end() }
        let line = try #require(try await server.line(1), "\(server.errors)")
        let url = try #require(line.split(separator: " ").first { $0.hasPrefix("http://") })
        let output = try await Tools.run(
            "python3", Self.script, String(url), "20",
            environment: ["PYTHONPATH": Self.folder, "PYTHONDONTWRITEBYTECODE": "1"])
        #expect(output.hasSuffix("passed\n"))
        #expect(server.isRunning)
    }

    @Test("the document names every path of the development API, and nothing refers to nowhere")
    func references() async throws {
        let server = try await TestServer(json: DevelopmentRoutesIntegrationTests.json)
        let response = try await server.send(.GET, "/openapi.json")
        #expect(response.headers.first(name: "Content-Type") == "application/json; charset=utf-8")
        let document = try JSONValue(response.body)
        #expect(document["openapi"]?.text == "3.1.0")
        let paths = document["paths"]?.object?.members.compactMap(\.name.text) ?? []
        let config = "/api/dev/configs/{id}"
        let expected = [
            "/api/dev/configs", "/api/dev/events", config + "/settings", config + "/overrides",
            config + "/overrides/{key}",
            config + "/evaluate", config + "/explain", config + "/sync", config + "/export", config + "/import",
            config + "/clients",
        ]
        for path in expected { #expect(paths.contains(path)) }
        for reference in references(in: document) {
            let names = reference.split(separator: "/").dropFirst().map(String.init)
            #expect(names.reduce(document as JSONValue?) { $0?[$1] } != nil, "\(reference)")
        }
    }

    private func references(in value: JSONValue) -> [String] {
        switch value {
        case .array(let elements): elements.flatMap(references)
        case .object(let object):
            object.members.flatMap { member in
                member.name.text == "$ref" ? [member.value.text ?? ""] : references(in: member.value)
            }
        default: []
        }
    }
}
