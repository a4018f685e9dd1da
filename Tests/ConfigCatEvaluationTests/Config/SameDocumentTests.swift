import Testing

@testable import ConfigCatEvaluation

@Suite("Comparing documents")
struct SameDocumentTests {
    private let json = #"{"f": {"a": {"t": 0, "v": {"b": true}}}}"#

    @Test("configs are the same document if their bytes are equal")
    func bytes() throws {
        let config = try Config(json: json)
        #expect(config.isSameDocument(as: try Config(json: json)))
        #expect(!config.isSameDocument(as: try Config(json: json + " ")))
        #expect(!config.isSameDocument(as: try Config(json: json.replacing("a", with: "b"))))
    }

    @Test("a config of plain values is the same document as its copy, but not as another with equal values")
    func values() {
        let config = Config(values: ["a": .bool(true)])
        let copy = config
        #expect(config.isSameDocument(as: copy))
        #expect(!config.isSameDocument(as: Config(values: ["a": .bool(true)])))
    }
}
