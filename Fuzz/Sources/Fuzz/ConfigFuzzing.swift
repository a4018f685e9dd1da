@testable import ConfigCatEvaluation

/// Builds two configs and users from the input. This reaches far more of the evaluator than arbitrary bytes, few of which
/// are JSON.
enum ConfigFuzzing {
    static func run(_ input: [UInt8]) {
        var reader = InputReader(input)
        let users = (0..<3).map { _ in UserBuilder.user(&reader) }
        let documents = (0..<2).map { _ in document(&reader) }
        let configs = documents.map { ConfigChecks.decode($0.bytes) }
        require(!configs.contains { $0 == nil }, "a document that is built is a config: \(documents)")
        guard let config = configs[0] else { return }
        ConfigChecks(config: config, users: users).run(other: configs[1])
    }

    /// Builds a config of list rules only, and users, from the input.
    static func runTables(_ input: [UInt8]) {
        var reader = InputReader(input)
        let users = (0..<3).map { _ in UserBuilder.user(&reader) }
        var builder = Version6Builder()
        let document = builder.listDocument(&reader)
        guard let config = ConfigChecks.decode(document.bytes) else {
            return require(false, "a document that is built is a config: \(document)")
        }
        ConfigChecks(config: config, users: users).run(other: nil)
    }

    private static func document(_ reader: inout InputReader) -> String {
        switch reader.number(below: 8) {
        case 0, 1, 2:
            var builder = Version5Builder()
            return builder.document(&reader)
        case 3:
            return PlainValuesBuilder.document(&reader)
        default:
            var builder = Version6Builder()
            return builder.document(&reader)
        }
    }
}
