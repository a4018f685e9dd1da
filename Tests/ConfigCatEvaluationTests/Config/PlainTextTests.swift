import Testing

@testable import ConfigCatEvaluation

/// Strings are scanned eight bytes at once, so that each place of a byte in a word matters.
@Suite("Plain text of JSON strings")
struct PlainTextTests {
    private func end(_ bytes: [UInt8], from start: Int) -> Int { PlainText.end(bytes.span, from: start) }

    @Test("a scan ends at the first byte that is not plain, wherever it is")
    func places() {
        for byte in UInt8.min ... .max {
            let isPlain = byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            for place in 0..<20 {
                var bytes = Array(repeating: UInt8(ascii: "a"), count: 21)
                bytes[place] = byte
                #expect(end(bytes, from: 0) == (isPlain ? 21 : place), "byte \(byte) at \(place)")
                #expect(end(bytes, from: place + 1) == 21)
            }
        }
    }

    @Test("random text has the same end as byte by byte")
    func random() {
        var generator = SeededGenerator(seed: 7)
        let alphabet: [UInt8] = [0, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x61, 0x7F, 0x80, 0xA2, 0xDC, 0xFF]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &generator)).map { _ in
                Bool.random(using: &generator) ? 0x61 : alphabet.randomElement(using: &generator) ?? 0
            }
            let start = Int.random(in: 0...bytes.count, using: &generator)
            let first = bytes[start...].firstIndex { $0 < 0x20 || $0 >= 0x80 || $0 == 0x22 || $0 == 0x5C }
            #expect(end(bytes, from: start) == first ?? bytes.count)
        }
    }
}
