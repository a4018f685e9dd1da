import Crypto

@testable import ConfigCatEvaluation

/// The values from which configs and users are built: few enough for conditions to be met, and including unusual ones.
enum Vocabulary {
    static let keys = ["a", "b", "c", "d", "é", "e\u{301}", ""]
    static let attributes = ["Identifier", "Email", "Country", "x", "y", "é", "e\u{301}", ""]
    static let words = [
        "a", "b", "ab", "", "é", "e\u{301}", " a ", "1.2.3", "1.2.3-rc.1", "1.10.0", "1.2", " 1.2.3 ", "0", "1", "-1",
        "1,5", "1.5", "1e5", "NaN", "Infinity", "-Infinity", "[\"a\",\"b\"]", "[1]", "[", "\u{0}", "\"\\", "日本", "🐱",
        "1700000000", "\u{85}a\u{2003}", "99999999999999999999",
    ]
    static let numbers: [Double] = [
        0, 1, -1, 1.5, 100_000, 1_700_000_000, 1_700_000_000.5, 1e21, 1e-7, -0.0, 9_007_199_254_740_992, 1e308,
        .leastNonzeroMagnitude,
    ]
    /// Numbers in the forms that JSON allows.
    static let writtenNumbers = [
        "0", "1", "-1", "1.5", "1e5", "1.0", "1700000000", "1E+2", "-0", "0.1e1", "9007199254740993", "1e400", "-1e400",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "5e-324", "1e-400", "100", "50", "33.3",
    ]
    static let salts = ["salt", "", "é"]

    static func word(_ reader: inout InputReader) -> String {
        reader.chance(1, in: 8) ? reader.string(below: 12) : reader.choice(words)
    }

    static func double(_ reader: inout InputReader) -> Double {
        reader.chance(1, in: 4) ? Double(bitPattern: reader.bits()) : reader.choice(numbers)
    }

    /// Returns a JSON string, sometimes with an unnecessary escape.
    static func quoted(_ text: String, _ reader: inout InputReader) -> String {
        guard reader.chance(1, in: 8), let first = text.unicodeScalars.first, first.value < 0x10000 else {
            return JSONEscapes.quoted(text)
        }
        let digits = String(first.value, radix: 16)
        let escape = "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        return "\"" + escape + JSONEscapes.quoted(String(text.unicodeScalars.dropFirst())).dropFirst()
    }

    static func sha256(_ bytes: some Sequence<UInt8>, salt: String, context: String) -> String {
        hex(SHA256.hash(data: Array(bytes) + salt.bytes + context.bytes))
    }

    static func sha1(_ text: String) -> String { hex(Insecure.SHA1.hash(data: text.bytes)) }

    private static func hex(_ digest: some Sequence<UInt8>) -> String {
        digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
