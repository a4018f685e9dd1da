/// Trimming as every ConfigCat SDK does it: of characters with the Unicode property White_Space.
package enum Whitespace {
    package static func trimmed(_ text: String) -> Substring {
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return Substring(scalars)
    }

    /// Whether a text may begin or end with white space: all of it is ASCII up to the space, or not ASCII.
    @inline(__always)
    static func mayBeTrimmed(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        func isVisible(_ byte: UInt8?) -> Bool { byte.map { $0 > 0x20 && $0 < 0x80 } ?? true }
        return !isVisible(text.first) || !isVisible(text.last)
    }

    /// Where in a text, which has to be UTF-8, it is without white space around it.
    static func trimmedRange(of text: UnsafeBufferPointer<UInt8>) -> Range<Int> {
        guard mayBeTrimmed(text) else { return 0..<text.count }
        let whole = String(decoding: text, as: UTF8.self)
        let trimmed = trimmed(whole)
        let start = whole.utf8.distance(from: whole.startIndex, to: trimmed.startIndex)
        let range = start..<start + trimmed.utf8.count
        return range.upperBound <= text.count ? range : 0..<text.count
    }
}
