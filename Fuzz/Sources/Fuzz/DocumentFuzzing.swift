@testable import ConfigCatEvaluation

/// Reads the input as a config document.
enum DocumentFuzzing {
    static func run(_ input: [UInt8]) {
        guard let config = ConfigChecks.decode(input) else { return }
        ConfigChecks(config: config, users: [nil, ordinary, awkward]).run(other: small)
    }

    /// A user for whom most conditions can be evaluated.
    private static let ordinary = ConfigCatUser(
        identifier: "12345", email: "jane@configcat.com", country: "HU",
        custom: ["Custom1": "1.2.3", "Number": 4.5, "Roles": ["a", "b"], "a": "a", "b": 3])

    /// A user whose attributes need conversion, or cannot be converted.
    private static let awkward = ConfigCatUser(
        identifier: "", email: "[\"a\",\"é\"]", country: " 1e5 ",
        custom: [
            "Custom1": .double(.nan), "Number": "1,5", "Roles": "[\"a\"", "a": .double(-0.0), "b": "é",
            "Identifier": "ignored",
        ])

    private static let small = try? Config(
        json: #"{"p":{"s":"salt"},"f":{"a":{"t":0,"v":{"b":true}},"other":{"t":1,"v":{"s":"x"}}}}"#)
}
