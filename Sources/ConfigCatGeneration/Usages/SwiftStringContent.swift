/// Reads the value of a Swift string literal.
enum SwiftStringContent {
    /// Returns the value of what is between the quotes; nil if it has an escape that Swift does not have.
    static func value(of content: ArraySlice<UInt8>, pounds: Int, isMultiline: Bool) -> String? {
        unescaped(isMultiline ? withoutIndentation(content) : Array(content), pounds: pounds)
    }

    /// Returns the lines of a multi-line literal without the first line break, the last one, and the indentation of the
    /// closing quotes.
    private static func withoutIndentation(_ content: ArraySlice<UInt8>) -> [UInt8] {
        let normalized = String(decoding: content, as: UTF8.self).unicodeScalars.split(
            omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" })
        guard normalized.count >= 2, let last = normalized.last else { return Array(content) }
        let indentation = Array(String(last).utf8)
        let lines = normalized.dropFirst().dropLast().map { line -> [UInt8] in
            var bytes = Array(String(line).utf8)
            if bytes.last == 0x0D { bytes.removeLast() }
            return bytes.starts(with: indentation) ? Array(bytes.dropFirst(indentation.count)) : bytes
        }
        return Array(lines.joined(separator: [0x0A]))
    }

    private static func unescaped(_ bytes: [UInt8], pounds: Int) -> String? {
        var output: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let escape = index + 1 + pounds
            guard bytes[index] == UInt8(ascii: "\\"), escape <= bytes.count,
                bytes[index + 1..<escape].allSatisfy({ $0 == UInt8(ascii: "#") })
            else {
                output.append(bytes[index])
                index += 1
                continue
            }
            guard escape < bytes.count else { return nil }
            index = escape + 1
            switch bytes[escape] {
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "0"): output.append(0)
            case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"): output.append(bytes[escape])
            case 0x0A: break
            case UInt8(ascii: "u"):
                guard let (scalar, end) = scalar(bytes, at: index) else { return nil }
                output += Array(String(Character(scalar)).utf8)
                index = end
            default: return nil
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Reads `{1F389}`.
    private static func scalar(_ bytes: [UInt8], at start: Int) -> (Unicode.Scalar, end: Int)? {
        guard start < bytes.count, bytes[start] == UInt8(ascii: "{"),
            let end = bytes[start...].prefix(10).firstIndex(of: UInt8(ascii: "}")),
            let number = UInt32(String(decoding: bytes[start + 1..<end], as: UTF8.self), radix: 16),
            let scalar = Unicode.Scalar(number)
        else { return nil }
        return (scalar, end + 1)
    }
}
