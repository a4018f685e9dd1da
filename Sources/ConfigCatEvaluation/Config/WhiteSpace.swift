/// Trimming as every ConfigCat SDK does it: of characters with the Unicode property White_Space.
package enum WhiteSpace {
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

    /// Calls `body` with the trimmed bytes of a text.
    static func withTrimmed<Result>(
        _ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        guard mayBeTrimmed(text) else { return body(text) }
        return trimmed(String(decoding: text, as: UTF8.self)).withBytes(body)
    }
}
