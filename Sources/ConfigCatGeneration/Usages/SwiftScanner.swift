/// Splits Swift code into tokens, without comments. It accepts anything, also code that does not compile.
///
/// It knows nested comments, raw and multi-line strings, and regular expressions between `#/` and `/#`. It does not know
/// regular expressions between slashes: a quote in one hides the rest of its line. Code in an interpolation is scanned.
package struct SwiftScanner {
    private let bytes: [UInt8]
    private var position = 0
    private var tokens: [SwiftToken] = []
    private var depth = 0

    /// The deepest nesting of interpolations. Deeper ones are skipped, so that no input can use up the stack.
    private static let maximumDepth = 32

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Returns the tokens of a file.
    package static func tokens(of bytes: [UInt8]) -> [SwiftToken] {
        var scanner = SwiftScanner(bytes)
        scanner.scan(untilParenthesis: false)
        return scanner.tokens
    }

    private func byte(_ offset: Int = 0) -> UInt8? {
        let index = position + offset
        return index < bytes.count ? bytes[index] : nil
    }

    private func begins(_ text: StaticString, at index: Int) -> Bool {
        let text = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return index + text.count <= bytes.count && bytes[index..<index + text.count].elementsEqual(text)
    }

    private mutating func append(_ kind: SwiftToken.Kind, from start: Int) {
        tokens.append(SwiftToken(kind: kind, range: start..<position))
    }

    /// Scans to the end, or to the parenthesis that closes an interpolation.
    private mutating func scan(untilParenthesis: Bool) {
        var open = 0
        while let byte = byte() {
            let start = position
            switch byte {
            case UInt8(ascii: " "), 0x09...0x0D, 0:
                position += 1
            case UInt8(ascii: "/") where begins("//", at: position):
                while let next = self.byte(), next != 0x0A, next != 0x0D { _ = next; position += 1 }
            case UInt8(ascii: "/") where begins("/*", at: position):
                skipComment()
            case UInt8(ascii: "\""):
                scanString(pounds: 0)
            case UInt8(ascii: "#"):
                scanPounds()
            case UInt8(ascii: "`"):
                scanQuotedWord()
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                scanNumber()
                append(.number(String(decoding: bytes[start..<position], as: UTF8.self)), from: start)
            case _ where Self.isWordByte(byte):
                while let next = self.byte(), Self.isWordByte(next) { _ = next; position += 1 }
                append(.word(String(decoding: bytes[start..<position], as: UTF8.self)), from: start)
            default:
                position += 1
                append(.symbol(byte), from: start)
                if byte == UInt8(ascii: "(") { open += 1 }
                if byte == UInt8(ascii: ")") {
                    open -= 1
                    if untilParenthesis, open < 0 {
                        tokens.removeLast()
                        return
                    }
                }
            }
        }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...0xFF:
            true
        default: false
        }
    }

    private mutating func skipComment() {
        var open = 0
        while position < bytes.count {
            if begins("/*", at: position) {
                open += 1
                position += 2
            } else if begins("*/", at: position) {
                open -= 1
                position += 2
                if open == 0 { return }
            } else {
                position += 1
            }
        }
    }

    private mutating func scanNumber() {
        let isDecimal = !begins("0x", at: position)
        while let next = byte() {
            let isExponentSign =
                isDecimal && (next == UInt8(ascii: "+") || next == UInt8(ascii: "-"))
                && bytes[position - 1] | 0x20 == UInt8(ascii: "e")
            let isPoint = next == UInt8(ascii: ".") && byte(1).map { $0 &- UInt8(ascii: "0") < 10 } == true
            guard Self.isWordByte(next) || isExponentSign || isPoint else { return }
            position += 1
        }
    }

    private mutating func scanQuotedWord() {
        let start = position
        var end = position + 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "`"), bytes[end] != 0x0A { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "`") else {
            position += 1
            return append(.symbol(UInt8(ascii: "`")), from: start)
        }
        position = end + 1
        append(.word(String(decoding: bytes[start + 1..<end], as: UTF8.self)), from: start)
    }

    /// Scans a raw string or a regular expression, or a single `#`.
    private mutating func scanPounds() {
        let start = position
        var pounds = 0
        while byte(pounds) == UInt8(ascii: "#") { pounds += 1 }
        switch byte(pounds) {
        case UInt8(ascii: "\""):
            position += pounds
            scanString(pounds: pounds)
        case UInt8(ascii: "/"):
            position += pounds + 1
            while position < bytes.count {
                if bytes[position] == UInt8(ascii: "/"), arePounds(pounds, at: position + 1) {
                    position += 1 + pounds
                    return
                }
                position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
            }
            position = bytes.count
        default:
            position += 1
            append(.symbol(UInt8(ascii: "#")), from: start)
        }
    }

    private func arePounds(_ count: Int, at index: Int) -> Bool {
        index + count <= bytes.count && bytes[index..<index + count].allSatisfy { $0 == UInt8(ascii: "#") }
    }

    /// Scans a string literal, whose opening quote is the next byte.
    private mutating func scanString(pounds: Int) {
        let start = position - pounds
        let isMultiline = begins("\"\"\"", at: position)
        let quotes = isMultiline ? 3 : 1
        position += quotes
        let content = position
        var isInterpolated = false
        var end = bytes.count
        var isClosed = false
        while let byte = byte() {
            if byte == UInt8(ascii: "\""), !isMultiline || begins("\"\"\"", at: position),
                arePounds(pounds, at: position + quotes)
            {
                end = position
                position += quotes + pounds
                isClosed = true
                break
            }
            if !isMultiline, byte == 0x0A || byte == 0x0D {
                end = position
                break
            }
            guard byte == UInt8(ascii: "\\"), arePounds(pounds, at: position + 1) else {
                position += 1
                continue
            }
            position += 1 + pounds
            if self.byte() == UInt8(ascii: "("), depth < Self.maximumDepth {
                isInterpolated = true
                position += 1
                depth += 1
                scan(untilParenthesis: true)
                depth -= 1
            } else if self.byte() == UInt8(ascii: "(") {
                isInterpolated = true
            } else if let next = self.byte(), isMultiline || (next != 0x0A && next != 0x0D) {
                _ = next
                position += 1
            }
        }
        position = min(position, bytes.count)
        let text =
            isInterpolated || !isClosed
            ? nil : SwiftStringContent.value(of: bytes[content..<end], pounds: pounds, isMultiline: isMultiline)
        append(.string(text), from: start)
    }
}
