/// Parses JSON (RFC 8259) without recursion.
struct JSONParser {
    private(set) var nodes: [JSONDocument.Node] = []
    private var position = 0
    private var failure: (reason: String, offset: Int)?

    /// A container that is still open.
    private struct Container {
        var node: Int
        var isObject: Bool
    }

    mutating func parse(_ bytes: Span<UInt8>) throws(JSONParsingError) {
        guard bytes.count < Int(UInt32.max) else {
            throw JSONParsingError(reason: "the document is longer than 4 GiB", line: 1, column: 1)
        }
        nodes.reserveCapacity(bytes.count / 16 + 1)
        if !parseDocument(bytes), let failure {
            var copy: [UInt8] = []
            copy.reserveCapacity(failure.offset)
            for index in 0..<min(failure.offset, bytes.count) { copy.append(bytes[index]) }
            let place = JSONDocument.place(of: failure.offset, in: copy)
            throw JSONParsingError(reason: failure.reason, line: place.line, column: place.column)
        }
    }

    private mutating func parseDocument(_ bytes: Span<UInt8>) -> Bool {
        // A byte order mark is not JSON, but some editors write one.
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
        guard parseValues(bytes) else { return false }
        skipWhitespace(bytes)
        return position == bytes.count || fail("text after the end of the JSON value")
    }

    private mutating func parseValues(_ bytes: Span<UInt8>) -> Bool {
        var open: [Container] = []
        while true {
            // One value, or the start of a container.
            skipWhitespace(bytes)
            guard position < bytes.count else { return fail("unexpected end of text, a value is missing") }
            switch bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let isObject = bytes[position] == UInt8(ascii: "{")
                guard open.count < JSONDocument.maximumDepth else {
                    return fail("nested deeper than \(JSONDocument.maximumDepth) levels")
                }
                open.append(Container(node: nodes.count, isObject: isObject))
                append(isObject ? .object : .array, start: position, end: position)
                position += 1
                skipWhitespace(bytes)
                if position < bytes.count, bytes[position] == closer(isObject) {
                    break
                }
                if isObject {
                    guard parseName(bytes) else { return false }
                }
                continue
            case UInt8(ascii: "\""):
                guard parseString(bytes) else { return false }
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard parseNumber(bytes) else { return false }
            case UInt8(ascii: "t"):
                guard parseLiteral(bytes, "true", .true) else { return false }
            case UInt8(ascii: "f"):
                guard parseLiteral(bytes, "false", .false) else { return false }
            case UInt8(ascii: "n"):
                guard parseLiteral(bytes, "null", .null) else { return false }
            default:
                return fail("unexpected character, a value is missing")
            }
            // After a value, containers can end, and then a comma can follow.
            while let container = open.last {
                skipWhitespace(bytes)
                guard position < bytes.count else {
                    return fail("unexpected end of text, \(container.isObject ? "'}'" : "']'") is missing")
                }
                if bytes[position] == closer(container.isObject) {
                    position += 1
                    nodes[container.node].end = UInt32(position)
                    nodes[container.node].next = UInt32(nodes.count)
                    open.removeLast()
                    continue
                }
                guard bytes[position] == UInt8(ascii: ",") else {
                    return fail("unexpected character, ',' or \(container.isObject ? "'}'" : "']'") is missing")
                }
                position += 1
                if container.isObject {
                    skipWhitespace(bytes)
                    guard parseName(bytes) else { return false }
                }
                break
            }
            if open.isEmpty { return true }
        }
    }

    private func closer(_ isObject: Bool) -> UInt8 {
        isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
    }

    /// Parses a member name and its colon.
    private mutating func parseName(_ bytes: Span<UInt8>) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            return fail("a member name in quotes is missing")
        }
        guard parseString(bytes) else { return false }
        skipWhitespace(bytes)
        guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
            return fail("':' is missing after a member name")
        }
        position += 1
        return true
    }

    private mutating func parseString(_ bytes: Span<UInt8>) -> Bool {
        let start = position + 1
        var index = start
        var isEscaped = false
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                append(.string, start: start, end: index, isEscaped: isEscaped)
                position = index + 1
                return true
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
                let length = JSONEscapes.length(bytes, at: index)
                guard length > 0 else { return fail("invalid escape in a string", at: index) }
                index += length
            } else if byte < 0x20 {
                return fail("unescaped control character in a string", at: index)
            } else if byte < 0x80 {
                index += 1
            } else {
                let length = UTF8Scalars.length(bytes, at: index)
                guard length > 0 else { return fail("a string is not UTF-8", at: index) }
                index += length
            }
        }
        return fail("unexpected end of text in a string", at: index)
    }

    private mutating func parseNumber(_ bytes: Span<UInt8>) -> Bool {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let whole = skipDigits(bytes)
        guard whole > 0 else { return fail("a digit is missing in a number") }
        guard whole == 1 || bytes[position - whole] != UInt8(ascii: "0") else {
            return fail("a number must not begin with 0", at: position - whole)
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            guard skipDigits(bytes) > 0 else { return fail("a digit is missing after '.'") }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard skipDigits(bytes) > 0 else { return fail("a digit is missing in an exponent") }
        }
        append(.number, start: start, end: position)
        return true
    }

    private mutating func parseLiteral(
        _ bytes: Span<UInt8>, _ literal: StaticString, _ kind: JSONDocument.Kind
    ) -> Bool {
        let text = UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
        guard bytes.count - position >= text.count else { return fail("unexpected end of text in '\(literal)'") }
        for (offset, byte) in text.enumerated() where bytes[position + offset] != byte {
            return fail("unexpected character, a value is missing")
        }
        append(kind, start: position, end: position + text.count)
        position += text.count
        return true
    }

    private mutating func skipDigits(_ bytes: Span<UInt8>) -> Int {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        return position - start
    }

    @inline(__always)
    private mutating func skipWhitespace(_ bytes: Span<UInt8>) {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    @inline(__always)
    private mutating func append(_ kind: JSONDocument.Kind, start: Int, end: Int, isEscaped: Bool = false) {
        nodes.append(
            JSONDocument.Node(
                kind: kind, isEscaped: isEscaped, start: UInt32(truncatingIfNeeded: start),
                end: UInt32(truncatingIfNeeded: end), next: UInt32(truncatingIfNeeded: nodes.count + 1)))
    }

    private mutating func fail(_ reason: String, at offset: Int? = nil) -> Bool {
        failure = (reason, offset ?? position)
        return false
    }
}
