/// Reads and writes the escapes of JSON strings (RFC 8259, section 7).
package enum JSONEscapes {
    /// Returns the length of the escape that begins at `index`, or 0 if it is invalid.
    static func length(_ bytes: Span<UInt8>, at index: Int) -> Int {
        guard index + 1 < bytes.count else { return 0 }
        switch bytes[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return 2
        case UInt8(ascii: "u"):
            return codeUnit(bytes, at: index) == nil ? 0 : 6
        default:
            return 0
        }
    }

    /// Appends the value of a string with escapes, which is not longer than the string.
    static func appendUnescaped(_ text: Span<UInt8>, to output: inout GrowingTable<UInt8>) {
        var index = 0
        while index < text.count {
            guard text[index] == UInt8(ascii: "\\"), index + 1 < text.count else {
                output.append(text[index])
                index += 1
                continue
            }
            switch text[index + 1] {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"):
                index += appendUnicode(text, at: index, to: &output)
                continue
            case let other: output.append(other)
            }
            index += 2
        }
    }

    /// Appends the scalar of a `\u` escape. Returns the length of the escape: 12 for a surrogate pair, otherwise 6.
    private static func appendUnicode(
        _ text: Span<UInt8>, at index: Int, to output: inout GrowingTable<UInt8>
    ) -> Int {
        guard let first = codeUnit(text, at: index) else { return 6 }
        var scalar = Unicode.Scalar(UInt32(first))
        var length = 6
        if first & 0xFC00 == 0xD800, index + 12 <= text.count, text[index + 6] == UInt8(ascii: "\\"),
            let second = codeUnit(text, at: index + 6), second & 0xFC00 == 0xDC00
        {
            scalar = Unicode.Scalar(0x10000 + (UInt32(first & 0x3FF) << 10) + UInt32(second & 0x3FF))
            length = 12
        }
        if let encoded = UTF8.encode(scalar ?? "\u{FFFD}") {
            for byte in encoded { output.append(byte) }
        }
        return length
    }

    /// Returns the number in the four hex digits of the `\u` escape at `index`; nil if the escape is invalid.
    private static func codeUnit(_ bytes: Span<UInt8>, at index: Int) -> UInt16? {
        guard index + 6 <= bytes.count, bytes[index + 1] == UInt8(ascii: "u") else { return nil }
        var unit: UInt16 = 0
        for offset in 2..<6 {
            guard let digit = HexDigits.value(bytes[index + offset], allowsUppercase: true) else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    /// Appends a string in quotes, and escapes only what JSON requires.
    package static func appendQuoted(_ text: some StringProtocol, to output: inout String) {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            output += "\"\(text)\""
            return
        }
        output.append("\"")
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output.append("\\\"")
            case "\\": output.append("\\\\")
            case "\u{08}": output.append("\\b")
            case "\u{0C}": output.append("\\f")
            case "\n": output.append("\\n")
            case "\r": output.append("\\r")
            case "\t": output.append("\\t")
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                output.append("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
            default: output.unicodeScalars.append(scalar)
            }
        }
        output.append("\"")
    }

    /// Returns a string in quotes, and escapes only what JSON requires.
    package static func quoted(_ text: some StringProtocol) -> String {
        var output = ""
        appendQuoted(text, to: &output)
        return output
    }
}

/// Well-formed UTF-8 (Unicode 15, table 3-7).
enum UTF8Scalars {
    /// Returns the length of the multi-byte scalar that begins at `index`, or 0 if it is ill-formed.
    static func length(_ bytes: Span<UInt8>, at index: Int) -> Int {
        let lead = bytes[index]
        let second: ClosedRange<UInt8>
        let length: Int
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return 0
        }
        guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return 0 }
        for offset in 2..<max(2, length) where bytes[index + offset] & 0xC0 != 0x80 { return 0 }
        return length
    }
}

enum HexDigits {
    /// Returns the number that eight lower-case digits stand for, the first one in the highest byte; nil if one is not
    /// a digit.
    @inline(__always)
    static func number(_ digits: UInt64) -> UInt32? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        // The highest bit of each byte of `atLeast(c)` says whether the byte is at least `c`; no sum exceeds a byte,
        // because ASCII is less than 0x80.
        func atLeast(_ character: UInt64) -> UInt64 { digits &+ ones &* (0x80 &- character) }
        let isDecimal = atLeast(0x30) & ~atLeast(0x3A)
        let isLetter = atLeast(0x61) & ~atLeast(0x67)
        let highest = ones &* 0x80
        guard digits & highest == 0, (isDecimal | isLetter) & highest == highest else { return nil }
        // A letter's lowest four bits are 1 to 6, its seventh is 1.
        var number = (digits & (ones &* 0x0F)) &+ (digits >> 6 & ones) &* 9
        number = (number | number >> 4) & 0x00FF_00FF_00FF_00FF
        number = (number | number >> 8) & 0x0000_FFFF_0000_FFFF
        return UInt32(truncatingIfNeeded: number | number >> 16)
    }

    @inline(__always)
    static func value(_ byte: UInt8, allowsUppercase: Bool = false) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F") where allowsUppercase: byte &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }
}
