import Testing

@testable import ConfigCatEvaluation

/// Whatever a document contains, decoding returns a config or throws, and evaluation returns a value or a failure. A
/// trap would end the test process.
@Suite("Hostile input")
struct HostileInputStressTests {
    static let seeds: [String] = [
        "official/configs/configcat-sdk-1__JcPbCGl_1E-K9M-fJOyKyQ__ByMO9yZNn02kXcm72lnY1A.json",
        "official/configs/configcat-sdk-1__JcPbCGl_1E-K9M-fJOyKyQ__OfQqcTjfFUGBwMKqtyEOrQ.json",
        "official/v5/sample_v5.json",
        "official/overrides/test-simple.json",
    ]

    private static let users: [ConfigCatUser?] = [
        nil,
        ConfigCatUser(
            identifier: "1", email: "a@configcat.com", country: "[\"USA\"]",
            custom: ["Custom1": "1.0.0", "Version": "2.0.0", "Number": .double(.nan), "Date": "1693497500"]),
    ]

    /// Decodes a document and, if it is a config, evaluates, validates, converts and merges it.
    private func exercise(_ bytes: [UInt8]) {
        guard let config = try? Config(json: bytes) else { return }
        for user in Self.users {
            for key in config.keys {
                _ = config.explain(key, for: user, defaultValue: "", warn: { _ in })
                if let index = config.compiled.index(of: key) { _ = config.evaluate(at: index, for: user, warn: nil) }
            }
        }
        _ = ConfigValidator.findings(in: config)
        _ = ConfigWriter.version6(config)
        _ = config.merged(over: config)
    }

    @Test("random bytes do not cause a trap")
    func randomBytes() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<2000 {
            exercise(
                (0..<Int.random(in: 0...200, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator)
                })
        }
    }

    @Test("a truncated document is a decoding error", arguments: seeds)
    func truncated(_ path: String) throws {
        let bytes = try ConformanceData.bytes(path)
        // Only white space follows the last brace.
        let end = try #require(bytes.lastIndex(of: UInt8(ascii: "}")))
        for length in stride(from: 0, through: end, by: max(1, end / 1000)) {
            #expect(throws: ConfigDecodingError.self) { try Config(json: bytes.prefix(length)) }
        }
    }

    @Test("documents with replaced, removed and repeated bytes do not cause a trap", arguments: seeds)
    func mutated(_ path: String) throws {
        let original = try ConformanceData.bytes(path)
        var generator = SeededGenerator(seed: 2)
        let interesting = Array(#"{}[]",:0123456789-.eE\utfn"#.utf8) + [0x00, 0x80, 0xC3, 0xED, 0xFF]
        for _ in 0..<400 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = interesting.randomElement(using: &generator) ?? 0
                case 1: bytes.remove(at: place)
                default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 20)], at: place)
                }
            }
            exercise(bytes)
        }
    }

    @Test("values of unexpected types do not cause a trap", arguments: seeds)
    func misplaced(_ path: String) throws {
        let document = try JSONDocument(ConformanceData.bytes(path))
        let values = [
            "null", "true", "0", "-1", "1.5", "1e999", "9223372036854775808", "\"\"", "\"x\"", "[]", "{}", "[{}]",
            "[[]]", #"{"b":true}"#,
        ]
        var generator = SeededGenerator(seed: 3)
        for node in document.nodes.indices.dropFirst() {
            // Replaces a quarter of the nodes, one at a time. If the node is a member name, most values are invalid
            // JSON.
            guard Int.random(in: 0..<4, using: &generator) == 0, let value = values.randomElement(using: &generator)
            else { continue }
            let range =
                document.nodes[node].kind == .string
                ? document.nodes[node].range.lowerBound - 1..<document.nodes[node].range.upperBound + 1
                : document.nodes[node].range
            exercise(
                Array(document.bytes[0..<range.lowerBound]) + Array(value.utf8)
                    + Array(document.bytes[range.upperBound..<document.bytes.count]))
        }
    }

    @Test("each of 20,000 similar keys is found")
    func manyKeys() throws {
        let keys = (0..<20_000).map { "key-\($0)" }
        let members = keys.enumerated().map { #""\#($1)":{"t":2,"v":{"i":\#($0)}}"# }.joined(separator: ",")
        let config = try Config(json: "{\"f\":{\(members)}}")
        for (index, key) in keys.enumerated() {
            #expect(config.value(config.find(key)) == .int(index))
        }
        #expect(config.compiled.index(of: "key-20000") == nil)
        #expect(config.compiled.index(of: "") == nil)
    }

    @Test("a long salt is stored once, and an explanation with repeated flags has less than 2 MiB")
    func multiplication() throws {
        let salt = String(repeating: "s", count: 1 << 20)
        let flags = (0..<5000).map {
            #""f\#($0)":{"t":0,"v":{"b":true},"r":[{"c":[{"u":{"a":"Email","c":16,"l":["00"]}}],"s":{"v":{"b":true}}}]}"#
        }
        let salted = try Config(json: #"{"p":{"s":"\#(salt)"},"f":{\#(flags.joined(separator: ","))}}"#)
        #expect(salted.compiled.pool.count < 2 << 20)

        let item = String(repeating: "x", count: 1 << 16)
        let chain = (0..<12).map { index in
            let prerequisite =
                #"{"c":[{"u":{"a":"Email","c":1,"l":["\#(item)"]}},{"p":{"f":"g\#(index + 1)","c":1,"v":{"b":true}}}],"s":{"v":{"b":true}}}"#
            let rules = index == 11 ? "" : "\(prerequisite),\(prerequisite)"
            return #""g\#(index)":{"t":0,"v":{"b":true},"r":[\#(rules)]}"#
        }
        let repeated = try Config(json: "{\"f\":{\(chain.joined(separator: ","))}}")
        let user = ConfigCatUser(identifier: "1", email: "a@b.c")
        let log = repeated.explain("g0", for: user, defaultValue: "", warn: nil).log ?? ""
        #expect(log.utf8.count < 2 << 20)
    }

    @Test("unusual attributes do not cause a trap")
    func attributes() throws {
        let config = try ConformanceData.config(Self.seeds[1])
        let texts = [
            "", " ", "\0", "\u{FFFD}", "😀", String(repeating: "9", count: 10_000), "-0", "[[", "[\"\\ud800\"]", "1e400",
            String(repeating: "[", count: 100_000),
        ]
        for text in texts {
            for value in [
                ConfigCatUser.AttributeValue.string(text), .stringArray([text]), .double(.infinity), .int(.min),
            ] {
                let user = ConfigCatUser(
                    identifier: text, email: text, country: text,
                    custom: ["Custom1": value, "Version": value, "Number": value, "Date": value])
                for key in config.keys { _ = config.explain(key, for: user, defaultValue: "", warn: { _ in }) }
            }
        }
    }
}
