import Testing
import ConfigCatCache
@Suite("Percent encoding")
struct PercentEncodingTests {
    @Test(
        "an escape is two hexadecimal digits and nothing else",
        arguments: [
            ("a%41%7a%C3%a9", "aAzé"), ("", ""), ("%00", "\0"), ("%+f", nil), ("%-0", nil), ("% 1", nil), ("%1", nil),
            ("%", nil), ("%g0", nil), ("%0x", nil), ("%ff", nil), ("%é1", nil),
        ])
    func escapes(_ text: String, expected: String?) {
        #expect(PercentEncoding.decoded(text[...]) == expected)
    }
}
