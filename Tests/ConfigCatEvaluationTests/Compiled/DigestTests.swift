import Testing

@testable import ConfigCatEvaluation

@Suite("Digests in hex")
struct DigestTests {
    private func digest(_ text: [UInt8], byteCount: Int) -> Digest? {
        text.withUnsafeBufferPointer { Digest(hex: $0, byteCount: byteCount) }
    }

    /// The digest, computed digit by digit.
    private func expected(_ text: [UInt8]) -> Digest? {
        var words: [UInt64] = [0, 0, 0, 0]
        for (index, byte) in text.enumerated() {
            guard let digit = HexDigits.value(byte) else { return nil }
            words[index / 16] |= UInt64(digit) << UInt64(60 - index % 16 * 4)
        }
        var digest = Digest()
        (digest.first, digest.second, digest.third, digest.fourth) = (words[0], words[1], words[2], words[3])
        return digest
    }

    @Test("any byte at any place is read as a lower-case digit or rejected", arguments: [20, 32])
    func bytes(_ byteCount: Int) {
        let digits = (0..<byteCount * 2).map { Array("0123456789abcdef".utf8)[$0 * 7 % 16] }
        for place in digits.indices {
            for byte in UInt8.min ... .max {
                var text = digits
                text[place] = byte
                #expect(digest(text, byteCount: byteCount) == expected(text))
            }
        }
    }

    @Test("text of another length is rejected")
    func lengths() {
        for count in 0..<80 where count != 64 {
            #expect(digest(Array(repeating: UInt8(ascii: "a"), count: count), byteCount: 32) == nil)
        }
    }
}
