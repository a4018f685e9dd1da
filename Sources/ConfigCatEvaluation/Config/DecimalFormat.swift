/// Reads and writes decimal numbers.
package enum DecimalFormat {
    /// Reads a whole number with an optional minus sign. Returns nil if it is anything else or does not fit.
    static func integer(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        var index = 0
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative { index += 1 }
        guard index < text.count else { return nil }
        var value = 0
        while index < text.count {
            let digit = Int(text[index] &- UInt8(ascii: "0"))
            guard digit < 10 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.subtractingReportingOverflow(digit)
            guard !overflow, !carry else { return nil }
            value = sum
            index += 1
        }
        // The sum is negative, because the magnitude of Int.min is greater than Int.max.
        return isNegative ? value : value == .min ? nil : -value
    }

    /// Reads a number in JSON's form. Returns an infinite number if it is too large for a Double.
    static func double(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        // A Double is exact below 2^53. Nearly every number in a config is a small whole number.
        if text.count < 16, let integer = integer(text), integer != 0 { return Double(integer) }
        return Double(String(decoding: text, as: UTF8.self))
    }

    /// Reads a number from a user attribute. White space around it is ignored, `.` or `,` separates decimals, an
    /// exponent may follow, and `NaN`, `Infinity`, `+Infinity` and `-Infinity` are numbers too.
    package static func double(attribute text: String) -> Double? {
        let trimmed = Whitespace.trimmed(text)
        switch trimmed {
        case "NaN": return .nan
        case "Infinity", "+Infinity": return .infinity
        case "-Infinity": return -.infinity
        default: break
        }
        guard isDecimal(trimmed.utf8) else { return nil }
        return Double(
            String(decoding: trimmed.utf8.map { $0 == UInt8(ascii: ",") ? UInt8(ascii: ".") : $0 }, as: UTF8.self))
    }

    /// Returns whether a string is an optional sign, at least one digit with at most one separator, and an optional
    /// exponent.
    private static func isDecimal(_ text: Substring.UTF8View) -> Bool {
        var rest = text[...]
        func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") }
        func dropDigits() -> Int {
            let count = rest.prefix { $0 &- UInt8(ascii: "0") < 10 }.count
            rest = rest.dropFirst(count)
            return count
        }
        if let sign = rest.first, isSign(sign) { rest = rest.dropFirst() }
        var digits = dropDigits()
        if let separator = rest.first, separator == UInt8(ascii: ".") || separator == UInt8(ascii: ",") {
            rest = rest.dropFirst()
            digits += dropDigits()
        }
        guard digits > 0 else { return false }
        if let exponent = rest.first, exponent | 0x20 == UInt8(ascii: "e") {
            rest = rest.dropFirst()
            if let sign = rest.first, isSign(sign) { rest = rest.dropFirst() }
            guard dropDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }

    /// Returns a double in the form of ECMAScript's Number-to-string (ECMA-262, 6.1.6.1.20): the fewest digits that are
    /// read as the same double, with an exponent only from 1e21 up and below 1e-6.
    package static func text(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        if number == 0 { return "0" }
        // Swift prints the same digits, but places the point and the exponent differently.
        let (digits, exponent) = shortestDigits(number.magnitude)
        let sign = number < 0 ? "-" : ""
        let point = exponent + 1
        switch point {
        case digits.count...21 where point > 0:
            return sign + digits + String(repeating: "0", count: point - digits.count)
        case 1...21:
            return sign + digits.prefix(point) + "." + digits.dropFirst(point)
        case -5...0:
            return sign + "0." + String(repeating: "0", count: -point) + digits
        default:
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            return sign + digits.prefix(1) + fraction + "e" + (exponent < 0 ? "-" : "+") + String(abs(exponent))
        }
    }

    /// Returns the significant digits d1 d2 …, and the exponent e for which the number is d1.d2… × 10^e.
    private static func shortestDigits(_ magnitude: Double) -> (digits: String, exponent: Int) {
        let parts = magnitude.description.split(separator: "e", maxSplits: 1)
        let mantissa = parts.first.map(String.init) ?? "0"
        let written = parts.count > 1 ? Int(parts[1].drop { $0 == "+" }) ?? 0 : 0
        let whole = mantissa.prefix { $0 != "." }
        let all = mantissa.filter { $0 != "." }
        let leadingZeros = all.prefix { $0 == "0" }.count
        var digits = String(all.dropFirst(leadingZeros))
        while digits.last == "0" { digits.removeLast() }
        return (digits, written + whole.count - 1 - leadingZeros)
    }
}
