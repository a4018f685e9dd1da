import ConfigCatEvaluation
import Foundation

@testable import ConfigCatServing

/// The sample configs of ConfigCat that all SDKs share, or those of them that are in the project.
enum Samples {
    static let folder: URL = {
        let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let shared = project.deletingLastPathComponent().appending(path: "shared/conformance/official")
        return FileManager.default.fileExists(atPath: shared.path)
            ? shared : project.appending(path: "Tests/ConfigCatEvaluationTests/Samples/official")
    }()

    static let paths: [String] = ["configs", "v5", "overrides"].flatMap { name in
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: name).path)) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().map { "\(name)/\($0)" }
    }

    static func config(_ path: String) throws -> Config {
        try Config(json: Data(contentsOf: folder.appending(path: path)))
    }

    static func upstream(_ json: String) throws -> UpstreamDocument { try UpstreamDocument(Config(json: json)) }

    /// Users that differ in every attribute that the samples compare.
    static let users: [ConfigCatUser?] = {
        var users: [ConfigCatUser?] = [nil, ConfigCatUser(identifier: "")]
        for number in 0..<60 {
            let version = ["1.0.0", "1.0.0-beta.1", "2.3.1", "0.9.9", "99.0.0", "no version"][number % 6]
            users.append(
                ConfigCatUser(
                    identifier: ["a@configcat.com", "b@configcat.com", "user,with comma", "12345"][number % 4]
                        + (number < 20 ? "" : "\(number)"),
                    email: ["a@configcat.com", "x@example.com", "stern@msn.com", nil][number % 4],
                    country: ["Hungary", "United Kingdom", "", nil][number / 2 % 4],
                    custom: [
                        "Custom1": .string(["admin", "user", "1,5", "3"][number / 3 % 4]), "Version": .string(version),
                        "AppVersion": .string(version), "Number": .double(Double(number % 7) - 1.5),
                    ]))
        }
        return users
    }()

    /// Returns the value and the variation ID of a setting, or the code of the error.
    static func result(_ key: String, in config: Config, for user: ConfigCatUser?) -> String {
        switch config.explain(key, for: user, defaultValue: "", warn: nil).result {
        case .success(let details): "\(details.value.type) \(details.value) \(details.variationId ?? "-")"
        case .failure(let failure): "error \(failure.code)"
        }
    }
}
