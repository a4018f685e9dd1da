import Foundation
import ConfigCatTestSupport
import Testing

/// The dependencies of each part of the package, read from its manifest.
@Suite("Package")
struct PackageIntegrationTests {
    private struct Manifest: Decodable {
        struct Target: Decodable {
            var name: String
            var type: String
            var dependencies: [Dependency]
        }
        struct Dependency: Decodable {
            var name: String
            var package: String?

            init(from decoder: any Decoder) throws {
                let kinds = try decoder.singleValueContainer().decode([String: [Name?]].self)
                let names = kinds.values.first?.map { $0?.text } ?? []
                name = names.first.flatMap(\.self) ?? ""
                package = kinds["product"] == nil ? nil : names.dropFirst().first.flatMap(\.self)
            }
        }
        /// Some parts are not strings, and are ignored here.
        struct Name: Decodable {
            var text: String?
            init(from decoder: any Decoder) { text = try? decoder.singleValueContainer().decode(String.self) }
        }
        var name: String
        var targets: [Target]
        var products: [Product]
        struct Product: Decodable {
            var name: String
            var targets: [String]
            var type: [String: [String]?]
        }
    }

    private static func manifest() async throws -> Manifest {
        // A separate scratch folder, because `swift test` locks the default one.
        let text = try await withFolder { folder in
            try await Tools.run(
                "swift", "package", "--scratch-path", folder.path, "dump-package", in: Tools.project)
        }
        let json = try #require(text.firstIndex(of: "{").map { text[$0...] })
        return try JSONDecoder().decode(Manifest.self, from: Data(json.utf8))
    }

    private func targets() async throws -> [String: Manifest.Target] {
        Dictionary(uniqueKeysWithValues: try await Self.manifest().targets.map { ($0.name, $0) })
    }

    @Test(
        "every target has the name of a product or begins with ConfigCat, because names are unique over all packages")
    func targetNames() async throws {
        let manifest = try await Self.manifest()
        let products = Set(manifest.products.map(\.name))
        #expect(products.contains("ConfigCat") && manifest.targets.count > products.count)
        for target in manifest.targets where !target.name.hasPrefix("ConfigCat") {
            #expect(
                products.contains(target.name),
                "\(target.name) may be the name of another package's target")
        }
    }

    @Test("each library has a baseline of its API")
    func baselines() async throws {
        let libraries = try await Self.manifest().products.filter { $0.type.keys.contains("library") }.map(\.name)
        let names = try files(Tools.project.appending(path: "api"))
        #expect(names == libraries.map { "\($0).txt" }.sorted())
    }

    /// Returns all dependencies of a target: targets of this package, and other packages.
    private func needs(_ name: String, _ targets: [String: Manifest.Target]) -> Set<String> {
        guard let target = targets[name] else { return [] }
        return target.dependencies.reduce(into: [name]) { all, dependency in
            all.formUnion(dependency.package.map { [$0] } ?? needs(dependency.name, targets))
        }
    }

    @Test("no adapter needs the HTTP client; only SQLite and Redis need libraries of the system")
    func adapters() async throws {
        let targets = try await targets()
        let expected: [String: Set<String>] = [
            "ConfigCatInMemoryCache": [], "ConfigCatFileCache": [], "ConfigCatSQLiteCache": ["ConfigCatCSQLite"],
            "ConfigCatRedisCache": ["ConfigCatCHiredis"], "ConfigCat": [], "ConfigCatEvaluation": [],
        ]
        for (name, libraries) in expected {
            let all = needs(name, targets)
            #expect(all.contains("ConfigCatCSHA"), "\(name) is in the manifest")
            #expect(all.filter { targets[$0]?.type == "system" } == libraries)
            if name != "ConfigCat" { #expect(!all.contains("async-http-client") && !all.contains("ConfigCat")) }
        }
    }

    @Test(
        "only the server and tests need swift-crypto, whose copy of BoringSSL takes longer to build than this package")
    func crypto() async throws {
        let targets = try await targets()
        let users = targets.values.filter { $0.type != "test" && needs($0.name, targets).contains("swift-crypto") }
        // None of them is a library that users build.
        #expect(Set(users.map(\.name)) == ["ConfigCatServing", "ConfigCatLoadTest", "configcatctl"])
        #expect(needs("ConfigCatCSHATests", targets).contains("swift-crypto"), "the names are those in the manifest")
    }

    @Test(
        "docker-compose accepts docker-compose.yml, profiles included",
        .enabled(if: Tools.has("docker-compose"), "needs docker-compose"))
    func compose() async throws {
        let text = try await Tools.run(
            "docker-compose", "--profile", "cluster", "--profile", "demo", "config", in: Tools.project)
        for service in ["redis", "redis-tls", "cluster-3", "cluster-create", "cdn", "online", "offline"] {
            #expect(text.contains("\n  \(service):"))
        }
    }
}
