@testable import ConfigCatEvaluation

/// Reads and writes versions and numbers.
enum NumberFuzzing {
    static func run(_ input: [UInt8]) {
        var reader = InputReader(input)
        checkDouble(Double(bitPattern: reader.bits()))
        checkDecimal(String(decoding: input, as: UTF8.self))
        let texts = String(decoding: input, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        for text in texts.prefix(3) { checkDecimal(String(text)) }
        checkVersions(texts.prefix(3).map(String.init))
        checkVersions((0..<3).map { _ in version(&reader) })
    }

    // MARK: - Numbers

    private static func checkDouble(_ number: Double) {
        let text = DecimalFormat.text(number)
        require(
            DecimalFormat.double(attribute: text).map { $0 == number || $0.isNaN && number.isNaN } == true,
            "\(number) is written as \(text)")
        guard number.isFinite else { return }
        require(text.bytes.withUnsafeBufferPointer { DecimalFormat.double($0) } == number, "\(text) is read from JSON")
        _ = ISO8601.string(number)
    }

    private static func checkDecimal(_ text: String) {
        let bytes = text.bytes
        let integer = bytes.withUnsafeBufferPointer { DecimalFormat.integer($0) }
        // Int also accepts a plus sign.
        let expected = bytes.first == UInt8(ascii: "+") ? nil : Int(text)
        require(integer == expected, "'\(text)' is the integer \(String(describing: expected))")
        guard let number = DecimalFormat.double(attribute: text) else { return }
        let written = DecimalFormat.text(number)
        require(
            DecimalFormat.double(attribute: written).map { $0 == number || $0.isNaN && number.isNaN } == true,
            "'\(text)' is written as \(written)")
        let trimmed = Whitespace.trimmed(text).replacing(",", with: ".")
        if number.isFinite { require(Double(trimmed) == number, "'\(text)' is read as `Double` reads it") }
    }

    // MARK: - Versions

    /// Returns a version whose parts are likely to equal those of another.
    private static func version(_ reader: inout InputReader) -> String {
        let parts = ["0", "1", "2", "10", "9", "99999999999999999999", "100000000000000000000", "01", ""]
        let identifiers = parts + ["a", "A", "alpha", "-", "1a", "a-b"]
        var text = (0..<3).map { _ in reader.choice(parts) }.joined(separator: ".")
        let preRelease = reader.list(below: 4) { $0.choice(identifiers) }
        if !preRelease.isEmpty { text += "-" + preRelease.joined(separator: ".") }
        if reader.chance(1, in: 4) { text += "+" + reader.choice(identifiers) }
        return text
    }

    private static func checkVersions(_ texts: [String]) {
        for left in texts {
            require(compare(left, left) == (isVersion(left) ? 0 : nil), "'\(left)' equals itself if it is a version")
            for right in texts {
                let order = compare(left, right)
                require(
                    order == compare(right, left).map { -$0 }, "the order of '\(left)' and '\(right)' is antisymmetric")
                require(order == expectedOrder(left, right), "'\(left)' and '\(right)' have the order of semver.org")
            }
        }
    }

    private static func compare(_ left: String, _ right: String) -> Int? {
        left.withBytes { leftText in
            right.withBytes { rightText in
                guard let left = SemanticVersion(leftText), let right = SemanticVersion(rightText) else { return nil }
                return left.compare(in: leftText, with: right, in: rightText).signum()
            }
        }
    }

    // MARK: - Reference implementation

    private static func identifiers(_ text: Substring) -> [Substring] {
        text.split(separator: ".", omittingEmptySubsequences: false)
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// Returns the numbers and the identifiers of the pre-release; nil if the string is not a version.
    private static func parts(_ text: String) -> (numbers: [Substring], preRelease: [Substring])? {
        guard text.utf8.allSatisfy({ $0 < 0x80 }), !text.contains("\r\n") else { return nil }
        let (front, build) = cut(text[...], "+")
        let (core, preRelease) = cut(front, "-")
        let numbers = identifiers(core)
        func isProper(_ text: Substring) -> Bool { isNumber(text) && (text == "0" || !text.hasPrefix("0")) }
        func isIdentifier(_ text: Substring) -> Bool {
            !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        }
        guard numbers.count == 3, numbers.allSatisfy(isProper) else { return nil }
        if let build, !identifiers(build).allSatisfy(isIdentifier) { return nil }
        guard let preRelease else { return (numbers, []) }
        guard identifiers(preRelease).allSatisfy({ isIdentifier($0) && (!isNumber($0) || isProper($0)) }) else {
            return nil
        }
        return (numbers, identifiers(preRelease))
    }

    private static func cut(_ text: Substring, _ separator: Character) -> (Substring, Substring?) {
        guard let index = text.firstIndex(of: separator) else { return (text, nil) }
        return (text[..<index], text[text.index(after: index)...])
    }

    private static func isVersion(_ text: String) -> Bool { parts(text) != nil }

    private static func expectedOrder(_ left: String, _ right: String) -> Int? {
        guard let left = parts(left), let right = parts(right) else { return nil }
        for (left, right) in zip(left.numbers, right.numbers) where left != right {
            return order((left.utf8.count, left), (right.utf8.count, right))
        }
        if left.preRelease.isEmpty || right.preRelease.isEmpty {
            return (left.preRelease.isEmpty ? 1 : 0) - (right.preRelease.isEmpty ? 1 : 0)
        }
        for (left, right) in zip(left.preRelease, right.preRelease) where left != right {
            switch (isNumber(left), isNumber(right)) {
            case (true, true): return order((left.utf8.count, left), (right.utf8.count, right))
            case (true, false): return -1
            case (false, true): return 1
            case (false, false): return order((0, left), (0, right))
            }
        }
        return (left.preRelease.count - right.preRelease.count).signum()
    }

    private static func order(_ left: (Int, Substring), _ right: (Int, Substring)) -> Int {
        if left.0 != right.0 { return left.0 < right.0 ? -1 : 1 }
        return left.1.utf8.lexicographicallyPrecedes(right.1.utf8) ? -1 : 1
    }
}
