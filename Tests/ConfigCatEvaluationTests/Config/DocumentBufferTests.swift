import Testing

@testable import ConfigCatEvaluation

@Suite("Document buffers")
struct DocumentBufferTests {
    @Test("a config takes the pieces of its document, and leaves an empty buffer")
    func pieces() throws {
        let json = #"{"f":{"a":{"t":1,"v":{"s":"x\ny"}}}}"#
        let buffer = DocumentBuffer()
        buffer.reserveCapacity(3)
        for byte in json.utf8 { buffer.append(CollectionOfOne(byte)) }
        #expect(buffer.count == json.utf8.count)
        let config = try Config(taking: buffer)
        #expect(config.document == json)
        #expect(config["a"]?.value == .string("x\ny"))
        #expect(buffer.count == 0)
        #expect(throws: ConfigDecodingError.self) { try Config(taking: buffer) }
    }
}
