import Testing

@testable import ConfigCatEvaluation

@Suite("JSON")
struct JSONDocumentTests {
    private func error(_ text: String) -> String? {
        do {
            _ = try JSONDocument(Array(text.utf8))
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("an error names the line and the column")
    func errors() {
        #expect(error("") == "line 1, column 1: unexpected end of text, a value is missing")
        #expect(error("{\n  \"a\": 1,\n}") == "line 3, column 1: a member name in quotes is missing")
        #expect(error("[1 2]") == "line 1, column 4: unexpected character, ',' or ']' is missing")
        #expect(error(#"{"a" 1}"#) == "line 1, column 6: ':' is missing after a member name")
        #expect(error(#""\x""#) == "line 1, column 2: invalid escape in a string")
        #expect(error("\"a\tb\"") == "line 1, column 3: unescaped control character in a string")
        #expect(error("01") == "line 1, column 1: a number must not begin with 0")
        #expect(error("1.") == "line 1, column 3: a digit is missing after '.'")
        #expect(error("1e+") == "line 1, column 4: a digit is missing in an exponent")
        #expect(error("true false") == "line 1, column 6: text after the end of the JSON value")
        #expect(error("tru") == "line 1, column 1: unexpected end of text in 'true'")
    }

    @Test(
        "ill-formed UTF-8 is rejected",
        arguments: [[0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82]])
    func illFormed(_ bytes: [UInt8]) {
        let text = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
        #expect(throws: JSONParsingError.self) { try JSONDocument(text) }
    }

    @Test("escapes are decoded, and a lone surrogate becomes U+FFFD")
    func escapes() throws {
        let document = try JSONDocument(
            Array(#"["\"\\\/\b\f\n\r\t","\u00e9","\ud83d\ude00","\ud83d","\ude00x","\ud83d\u0041"]"#.utf8))
        let strings = try #require(document.strings(of: document.root))
        #expect(strings == ["\"\\/\u{8}\u{c}\n\r\t", "é", "😀", "\u{FFFD}", "\u{FFFD}x", "\u{FFFD}A"])
    }

    @Test("of several members with the same name, with or without escapes, the last one counts")
    func duplicates() throws {
        let document = try JSONDocument(Array(#"{"a":1,"\u0061":2}"#.utf8))
        let member = try #require(document.member("a", of: document.root))
        #expect(document.integer(of: member) == 2)
    }

    @Test(
        "numbers at the limits of Int and Double are read correctly",
        arguments: [
            ("9223372036854775807", Int.max, Double(Int.max)), ("-9223372036854775808", Int.min, Double(Int.min)),
            ("9223372036854775808", nil, 9.223372036854775808e18), ("1e999", nil, Double.infinity), ("-0", 0, -0.0),
            ("5.0", 5, 5), ("5.5", nil, 5.5), ("1e3", 1000, 1000), ("5e-324", nil, .leastNonzeroMagnitude),
            ("1.7976931348623157e308", nil, Double.greatestFiniteMagnitude),
            ("123456789012345678", 123_456_789_012_345_678, 123_456_789_012_345_680),
        ] as [(String, Int?, Double)])
    func numbers(_ text: String, integer: Int?, double: Double) throws {
        let document = try JSONDocument(Array(text.utf8))
        #expect(document.integer(of: document.root) == integer)
        #expect(document.double(of: document.root) == double)
    }

    @Test("of 100,000 nested levels, the first that exceeds the limit is an error")
    func nesting() throws {
        let limit = JSONDocument.maximumDepth
        let deep = String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
        _ = try JSONDocument(Array(deep.utf8))
        #expect(
            error(String(repeating: "[", count: 100_000))
                == "line 1, column \(limit + 1): nested deeper than \(limit) levels")
        #expect(error(String(repeating: #"{"a":"#, count: 100_000))?.contains("nested deeper") == true)
    }

    @Test("10 MB of spaces are not JSON, but may precede a value")
    func spaces() {
        let spaces = Array(repeating: UInt8(ascii: " "), count: 10_000_000)
        #expect(throws: JSONParsingError.self) { try JSONDocument(spaces) }
        #expect(throws: Never.self) { try JSONDocument(spaces + Array("{}".utf8)) }
    }

    @Test("a byte order mark is ignored")
    func byteOrderMark() throws {
        _ = try JSONDocument([0xEF, 0xBB, 0xBF] + Array("{}".utf8))
    }
}
