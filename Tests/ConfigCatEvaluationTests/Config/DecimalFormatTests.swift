import Testing

@testable import ConfigCatEvaluation

@Suite("Decimal numbers and times")
struct DecimalFormatTests {
    @Test(
        "a double is written as in ECMAScript",
        arguments: [
            (0, "0"), (-0.0, "0"), (3, "3"), (-3.5, "-3.5"), (0.1, "0.1"), (100, "100"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"), (1.5e21, "1.5e+21"), (123_456_789_012_345_683_968, "123456789012345680000"),
            (1e-6, "0.000001"),
            (1.5e-6, "0.0000015"), (1e-7, "1e-7"), (1.25e-7, "1.25e-7"), (.leastNonzeroMagnitude, "5e-324"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (.nan, "NaN"), (.infinity, "Infinity"),
            (-.infinity, "-Infinity"), (1_700_000_000.25, "1700000000.25"),
            (0.30000000000000004, "0.30000000000000004"),
        ] as [(Double, String)])
    func text(_ number: Double, text: String) {
        #expect(DecimalFormat.text(number) == text)
    }

    @Test("a double that is written and read is the same double")
    func roundTrip() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<10_000 {
            let number = Double(bitPattern: generator.next())
            guard number.isFinite else { continue }
            #expect(Double(DecimalFormat.text(number)) == number)
        }
    }

    @Test(
        "these attributes are numbers",
        arguments: [
            (" 3 ", 3), ("1.5", 1.5), ("1,5", 1.5), ("-3", -3), ("+3", 3), (".5", 0.5), ("5.", 5), ("1e3", 1000),
            ("1E-2", 0.01),
            ("Infinity", .infinity), ("+Infinity", .infinity), (" -Infinity ", -.infinity), ("\u{A0}7\u{3000}", 7),
            ("1e999", .infinity),
        ] as [(String, Double)])
    func attributes(_ text: String, number: Double) {
        #expect(DecimalFormat.double(attribute: text) == number)
    }

    @Test(
        "these attributes are not numbers",
        arguments: ["", " ", "abc", "1.2.3", "1,234.5", "0x10", "1_000", "inf", "nan", "e5", ".", "1e", "--1", "1 2"])
    func noNumbers(_ text: String) {
        #expect(DecimalFormat.double(attribute: text) == nil)
    }

    @Test(
        "a time is written in ISO 8601 with milliseconds",
        arguments: [
            (1_700_000_000, "2023-11-14T22:13:20.000Z"), (1_693_497_600, "2023-08-31T16:00:00.000Z"),
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_700_000_000.25, "2023-11-14T22:13:20.250Z"),
            (1e300, "1e+300"), (.nan, "NaN"),
        ] as [(Double, String)])
    func times(_ seconds: Double, text: String) {
        #expect(ISO8601.string(seconds) == text)
    }
}

/// A random number generator that returns the same numbers in each run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
