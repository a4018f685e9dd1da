/// A version according to Semantic Versioning 2.0.0 (semver.org), as ranges of the string that it was parsed from.
///
/// Numbers are compared by their digits, first by length and then byte by byte, so that they can be of any size.
struct SemanticVersion {
    private var major: ArrayRange
    private var minor: ArrayRange
    private var patch: ArrayRange
    /// The pre-release identifiers with the dots between them; empty if there are none.
    private var preRelease: ArrayRange

    typealias Text = UnsafeBufferPointer<UInt8>

    /// Parses a string without white space around it.
    init?(_ text: Text) {
        var position = 0
        func number() -> Range<Int>? {
            let start = position
            while position < text.count, Self.isDigit(text[position]) { position += 1 }
            let range = start..<position
            return Self.isNumber(text, range) ? range : nil
        }
        func skip(_ byte: UInt8) -> Bool {
            guard position < text.count, text[position] == byte else { return false }
            position += 1
            return true
        }
        /// Parses identifiers and the dots between them. Returns false if one is malformed.
        func identifiers(isPreRelease: Bool) -> Bool {
            while true {
                let start = position
                while position < text.count, Self.isIdentifierByte(text[position]) { position += 1 }
                let range = start..<position
                if range.isEmpty { return false }
                if isPreRelease, Self.isDigits(text, range), !Self.isNumber(text, range) { return false }
                if !skip(UInt8(ascii: ".")) { return true }
            }
        }
        guard let major = number(), skip(UInt8(ascii: ".")), let minor = number(), skip(UInt8(ascii: ".")),
            let patch = number()
        else { return nil }
        (self.major, self.minor, self.patch) = (ArrayRange(major), ArrayRange(minor), ArrayRange(patch))
        preRelease = .empty
        if skip(UInt8(ascii: "-")) {
            let start = position
            guard identifiers(isPreRelease: true) else { return nil }
            preRelease = ArrayRange(start..<position)
        }
        // Build metadata has no precedence, but has to be well-formed.
        if skip(UInt8(ascii: "+")), !identifiers(isPreRelease: false) { return nil }
        guard position == text.count else { return nil }
    }

    /// Returns a negative number if this version precedes the other, 0 if both are equal, and otherwise a positive
    /// number.
    func compare(in text: Text, with other: SemanticVersion, in otherText: Text) -> Int {
        var order = Self.compareNumbers(text, major.range, otherText, other.major.range)
        if order == 0 { order = Self.compareNumbers(text, minor.range, otherText, other.minor.range) }
        if order == 0 { order = Self.compareNumbers(text, patch.range, otherText, other.patch.range) }
        if order != 0 { return order }
        // A pre-release version precedes the version without a pre-release.
        if preRelease.isEmpty || other.preRelease.isEmpty {
            return (preRelease.isEmpty ? 1 : 0) - (other.preRelease.isEmpty ? 1 : 0)
        }
        var rest = preRelease.range
        var otherRest = other.preRelease.range
        while let identifier = Self.nextIdentifier(text, &rest) {
            guard let otherIdentifier = Self.nextIdentifier(otherText, &otherRest) else { return 1 }
            let order = Self.compareIdentifiers(text, identifier, otherText, otherIdentifier)
            if order != 0 { return order }
        }
        return otherRest.isEmpty ? 0 : -1
    }

    private static func nextIdentifier(_ text: Text, _ rest: inout Range<Int>) -> Range<Int>? {
        if rest.isEmpty { return nil }
        var end = rest.lowerBound
        while end < rest.upperBound, text[end] != UInt8(ascii: ".") { end += 1 }
        let identifier = rest.lowerBound..<end
        rest = min(end + 1, rest.upperBound)..<rest.upperBound
        return identifier
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private static func isIdentifierByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "-")
    }

    private static func isDigits(_ text: Text, _ range: Range<Int>) -> Bool {
        for index in range where !isDigit(text[index]) { return false }
        return true
    }

    /// Returns whether a range of digits is not empty and has no leading zero.
    private static func isNumber(_ text: Text, _ range: Range<Int>) -> Bool {
        !range.isEmpty && (range.count == 1 || text[range.lowerBound] != UInt8(ascii: "0"))
    }

    private static func compareNumbers(_ left: Text, _ range: Range<Int>, _ right: Text, _ other: Range<Int>) -> Int {
        range.count != other.count ? range.count - other.count : compareBytes(left, range, right, other)
    }

    /// Compares pre-release identifiers. Numbers precede words, and words are in ASCII order.
    private static func compareIdentifiers(_ left: Text, _ range: Range<Int>, _ right: Text, _ other: Range<Int>) -> Int
    {
        switch (isDigits(left, range), isDigits(right, other)) {
        case (true, true): compareNumbers(left, range, right, other)
        case (true, false): -1
        case (false, true): 1
        case (false, false): compareBytes(left, range, right, other)
        }
    }

    private static func compareBytes(_ left: Text, _ range: Range<Int>, _ right: Text, _ other: Range<Int>) -> Int {
        var position = 0
        while position < range.count, position < other.count {
            let difference = Int(left[range.lowerBound + position]) - Int(right[other.lowerBound + position])
            if difference != 0 { return difference }
            position += 1
        }
        return range.count - other.count
    }
}
