/// Trims characters with the Unicode property White_Space, as all ConfigCat SDKs do.
package enum Whitespace {
    package static func trimmed(_ text: String) -> Substring {
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return Substring(scalars)
    }

    /// Returns whether a string may begin or end with white space. White space is either ASCII up to 0x20 or not ASCII.
    @inline(__always)
    static func mayBeTrimmed(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        func isVisible(_ byte: UInt8?) -> Bool { byte.map { $0 > 0x20 && $0 < 0x80 } ?? true }
        return !isVisible(text.first) || !isVisible(text.last)
    }

    /// Returns the range of a UTF-8 string without the white space around it.
    static func trimmedRange(of text: UnsafeBufferPointer<UInt8>) -> Range<Int> {
        guard mayBeTrimmed(text) else { return 0..<text.count }
        let whole = String(decoding: text, as: UTF8.self)
        let trimmed = trimmed(whole)
        let start = whole.utf8.distance(from: whole.startIndex, to: trimmed.startIndex)
        let range = start..<start + trimmed.utf8.count
        return range.upperBound <= text.count ? range : 0..<text.count
    }
}
