extension String {
    /// Makes a text from bytes that are written straight into its memory, rather than copied once more.
    ///
    /// - Parameters:
    ///   - count: How many bytes there are.
    ///   - fill: Writes all of them; it may be called twice.
    /// - Returns: Nil if the bytes are not UTF-8, or `fill` returns false.
    package init?(byteCount count: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>) -> Bool) {
        var isFilled = true
        let text = String(unsafeUninitializedCapacity: count) { buffer in
            isFilled = fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            return isFilled ? count : 0
        }
        guard isFilled else { return nil }
        // Bytes that are not UTF-8 have become U+FFFD. Where there is one, it is seen by a closer look.
        if text.hasReplacement {
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                isFilled = fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                filled = isFilled ? count : 0
            }
            guard isFilled, let valid = String(validating: bytes, as: UTF8.self) else { return nil }
            self = valid
        } else {
            self = text
        }
    }

    private var hasReplacement: Bool {
        if #available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *), utf8Span.isKnownASCII { return false }
        var last = (UInt8(0), UInt8(0))
        for byte in utf8 {
            if last == (0xEF, 0xBF), byte == 0xBD { return true }
            last = (last.1, byte)
        }
        return false
    }
}
