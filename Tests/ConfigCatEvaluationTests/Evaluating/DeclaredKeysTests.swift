import Testing

@testable import ConfigCatEvaluation

@Suite("Declared keys")
struct DeclaredKeysTests {
    @Test("a key has one number, and two spellings of é have two")
    func numbers() {
        let (composed, decomposed) = ("declared \u{E9}", "declared e\u{301}")
        #expect(DeclaredKeys.number(of: composed) == DeclaredKeys.number(of: composed))
        #expect(DeclaredKeys.number(of: composed) != DeclaredKeys.number(of: decomposed))
    }

    @Test("each config finds its own settings, whether a key was declared before or after it was compiled")
    func configs() throws {
        let early = DeclaredKeys.number(of: "declared early")
        let first = try Config(json: #"{"flags": {"declared early": true, "declared late": 1}}"#)
        let second = try Config(json: #"{"flags": {"declared late": "text"}}"#)
        let late = DeclaredKeys.number(of: "declared late")
        for _ in 0..<2 {
            #expect(first.value(first.find(declared: early, "declared early")) == .bool(true))
            #expect(first.value(first.find(declared: late, "declared late")) == .int(1))
            #expect(second.find(declared: early, "declared early").kind == .missing)
            #expect(second.value(second.find(declared: late, "declared late")) == .string("text"))
        }
    }

    @Test("keys without a number, and the thousandth key, are found")
    func many() throws {
        let config = Config(values: ["declared 999": .int(999)])
        for number in 0..<1000 { _ = DeclaredKeys.number(of: "declared \(number)") }
        let last = DeclaredKeys.number(of: "declared 999")
        for number in [last, -1] { #expect(config.value(config.find(declared: number, "declared 999")) == .int(999)) }
        #expect(config.find(declared: 0, "declared 999").kind != .unknown)
    }
}
