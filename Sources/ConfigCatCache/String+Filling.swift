extension String {
    /// Creates a string from bytes that are written directly into its memory, without another copy. The result is nil
    /// if the bytes are not UTF-8, or `fill` returns false.
    ///
    /// - Parameters:
    ///   - count: The number of bytes.
    ///   - fill: Writes all bytes, and returns whether that succeeded; it may be called twice.
    package init?(byteCount count: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>) -> Bool) {
        var isFilled = true
        let text = String(unsafeUninitializedCapacity: count) { buffer in
            isFilled = fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            return isFilled ? count : 0
        }
        guard isFilled else { return nil }
        // Invalid UTF-8 has become U+FFFD. If the string contains that character, validate the original bytes.
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
