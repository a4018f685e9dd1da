/// A version of Semantic Versioning 2.0.0 (semver.org), kept as the text it was parsed from.
///
/// Numbers are compared as digits, by length and then byte by byte, so that none is too large.
struct SemanticVersion: Sendable {
    private let core: (Substring.UTF8View, Substring.UTF8View, Substring.UTF8View)
    private let preRelease: [Substring.UTF8View]

    init?(_ text: Substring) {
        var rest = text.utf8
        // Build metadata has no precedence, but has to be well-formed.
        if let plus = rest.firstIndex(of: UInt8(ascii: "+")) {
            let identifiers = Self.split(rest[rest.index(after: plus)...])
            guard identifiers.allSatisfy(Self.isIdentifier) else { return nil }
            rest = rest[..<plus]
        }
        var preRelease: [Substring.UTF8View] = []
        if let hyphen = rest.firstIndex(of: UInt8(ascii: "-")) {
            preRelease = Self.split(rest[rest.index(after: hyphen)...])
            guard preRelease.allSatisfy({ Self.isIdentifier($0) && (!Self.isDigits($0) || Self.isNumber($0)) }) else {
                return nil
            }
            rest = rest[..<hyphen]
        }
        let numbers = Self.split(rest)
        guard numbers.count == 3, numbers.allSatisfy(Self.isNumber) else { return nil }
        core = (numbers[0], numbers[1], numbers[2])
        self.preRelease = preRelease
    }

    /// Negative, zero or positive as this version precedes, equals or follows the other.
    func compare(_ other: SemanticVersion) -> Int {
        for order in [
            Self.compareNumbers(core.0, other.core.0), Self.compareNumbers(core.1, other.core.1),
            Self.compareNumbers(core.2, other.core.2),
        ] where order != 0 {
            return order
        }
        // A version with a pre-release precedes the one without.
        switch (preRelease.isEmpty, other.preRelease.isEmpty) {
        case (true, true): return 0
        case (true, false): return 1
        case (false, true): return -1
        case (false, false): break
        }
        for (left, right) in zip(preRelease, other.preRelease) {
            let order = Self.compareIdentifiers(left, right)
            if order != 0 { return order }
        }
        return preRelease.count - other.preRelease.count
    }

    private static func split(_ text: Substring.UTF8View) -> [Substring.UTF8View] {
        text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private static func isDigits(_ text: Substring.UTF8View) -> Bool { !text.isEmpty && text.allSatisfy(isDigit) }

    /// Digits without leading zeros.
    private static func isNumber(_ text: Substring.UTF8View) -> Bool {
        isDigits(text) && (text.first != UInt8(ascii: "0") || text.count == 1)
    }

    private static func isIdentifier(_ text: Substring.UTF8View) -> Bool {
        !text.isEmpty
            && text.allSatisfy { byte in
                isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "-")
            }
    }

    private static func compareNumbers(_ left: Substring.UTF8View, _ right: Substring.UTF8View) -> Int {
        left.count != right.count ? left.count - right.count : compareBytes(left, right)
    }

    /// Numbers precede words; words are in ASCII order.
    private static func compareIdentifiers(_ left: Substring.UTF8View, _ right: Substring.UTF8View) -> Int {
        switch (isDigits(left), isDigits(right)) {
        case (true, true): compareNumbers(left, right)
        case (true, false): -1
        case (false, true): 1
        case (false, false): compareBytes(left, right)
        }
    }

    private static func compareBytes(_ left: Substring.UTF8View, _ right: Substring.UTF8View) -> Int {
        if left.elementsEqual(right) { return 0 }
        return left.lexicographicallyPrecedes(right) ? -1 : 1
    }
}
