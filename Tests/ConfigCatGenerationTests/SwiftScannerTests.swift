import ConfigCatGeneration
import Testing

@Suite("Swift scanner")
struct SwiftScannerTests {
    private func strings(_ code: String) -> [String?] {
        SwiftScanner.tokens(of: Array(code.utf8)).compactMap { token in
            if case .string(let text) = token.kind { .some(text) } else { nil }
        }
    }

    private func words(_ code: String) -> [String] {
        SwiftScanner.tokens(of: Array(code.utf8)).compactMap { token in
            if case .word(let word) = token.kind { word } else { nil }
        }
    }

    @Test("string literals have their values")
    func literals() {
        #expect(strings(#"a("x", "\n\t\"\\\u{1F389}", "")"#) == ["x", "\n\t\"\\🎉", ""])
        #expect(strings(##"#"raw "quoted" \n"# #"\#n"# #""#"##) == ["raw \"quoted\" \\n", "\n", ""])
        #expect(strings("\"\"\"\n    one\n      two\\\n    three\n    \"\"\"") == ["one\n  twothree"])
        #expect(strings("\"\"\"\r\n  a \"quoted\"\r\n  \"\"\"") == ["a \"quoted\""])
        #expect(strings(#""\q""#) == [nil])
    }

    @Test("comments hide what they contain, also nested ones")
    func comments() {
        #expect(words("a // \"b\" c\nd /* e /* f */ \"g */ h") == ["a", "d", "h"])
        #expect(strings("// \"x\"\n/* \"y\" */ \"z\"") == ["z"])
        #expect(strings(#""// no comment""#) == ["// no comment"])
    }

    @Test("an interpolated string has no value, and its code is scanned")
    func interpolation() {
        let code = #""a \(f("x", g(")"))) b" "y""#
        #expect(strings(code) == ["x", ")", nil, "y"])
        #expect(words(code) == ["f", "g"])
        #expect(strings(##"#"a \(b) \#(c("x"))"#"##) == ["x", nil])
    }

    @Test("quoted names, regular expressions between pounds, and numbers are recognized")
    func others() {
        #expect(words("`default` a1 naïve") == ["default", "a1", "naïve"])
        #expect(strings("#/ \" /# \"x\" ##/ \" /# \" /## \"y\"") == ["x", "y"])
        #expect(words("1.foo 0x1F 1e+5 1_000") == ["foo"])
    }

    @Test(
        "code that does not compile is scanned to its end",
        arguments: [
            "\"open\nfunc", "\"\"\"open", "/* open", "#\"open", "`open\nx", "\"\\(open", "#/ open", "\\", "\"\\", "#",
            "\"\\u{",
            "\u{0}\u{FEFF}",
        ])
    func broken(code: String) {
        for end in 0...code.utf8.count { _ = SwiftScanner.tokens(of: Array(code.utf8.prefix(end))) }
        #expect(words("\"open\nfunc") == ["func"])
    }

    @Test("deeply nested interpolations end")
    func deep() {
        let code = String(repeating: "\"\\(", count: 100_000)
        #expect(SwiftScanner.tokens(of: Array(code.utf8)).count > 0)
    }
}
