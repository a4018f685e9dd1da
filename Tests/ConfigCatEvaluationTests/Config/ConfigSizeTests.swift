import Testing

@testable import ConfigCatEvaluation

@Suite("Size of configs")
struct ConfigSizeTests {
    private func code(_ body: () throws -> Config) -> ConfigDecodingError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? ConfigDecodingError)?.code
        }
    }

    @Test("the limit leaves room in 32-bit offsets")
    func maximum() {
        #expect(ConfigCompiler.maximumSize <= Int(UInt32.max))
    }

    /// A document that claims to have 5 GiB, and fails the test if it is read.
    private struct HugeDocument: Sequence {
        var underestimatedCount: Int { 5 << 30 }

        func makeIterator() -> AnyIterator<UInt8> {
            Issue.record("the document is read")
            return AnyIterator { nil }
        }
    }

    @Test("a document that is too large is rejected before it is read")
    func huge() {
        #expect(code { try Config(json: HugeDocument()) } == .tooLarge)
    }

    @Test("a document may be as large as the limit, and a larger one is rejected before it is parsed")
    func documents() {
        let json = #"{"f":{"a":{"t":1,"v":{"s":"x"}}}}"#
        #expect(code { try Config(json: json.utf8, limit: json.utf8.count) } == nil)
        #expect(code { try Config(json: json.utf8, limit: json.utf8.count - 1) } == .tooLarge)
        #expect(code { try Config(json: "{{{".utf8, limit: 2) } == .tooLarge)
        #expect(code { try Config(json: "{{{".utf8, limit: 3) } == .notJSON)
    }

    @Test("unescaped strings count towards the limit")
    func escapes() throws {
        let json = #"{"f":{"a":{"t":1,"v":{"s":"\u0041\u0042"}}}}"#
        let size = json.utf8.count
        #expect(code { try Config(json: json.utf8, limit: size + 11) } == .tooLarge)
        let config = try Config(json: json.utf8, limit: size + 12)
        #expect(try config.details("a", for: nil, warn: nil).get().value == .string("AB"))
    }

    @Test("configs that are too large together cannot be merged")
    func merging() throws {
        let first = try Config(json: #"{"f":{"a":{"t":1,"v":{"s":"x"}}}}"#)
        let second = try Config(json: #"{"f":{"b":{"t":1,"v":{"s":"x"}}}}"#)
        let size = first.document.utf8.count + second.document.utf8.count
        #expect(code { try first.merging(over: second, limit: size - 1) } == .tooLarge)
        #expect(try first.merging(over: second, limit: size).keys == ["b", "a"])
        #expect(try first.merging(over: second).keys == ["b", "a"])
        #expect(
            code { try first.merging(over: Config(values: ["v": .string("long")]), limit: size / 2 + 3) } == .tooLarge)
    }
}
