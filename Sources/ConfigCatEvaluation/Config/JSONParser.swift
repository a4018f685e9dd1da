/// Parses JSON (RFC 8259) without recursion.
struct JSONParser: ~Copyable {
    private var nodes = GrowingTable<JSONDocument.Node>()
    private var position = 0
    private var failure: (reason: String, offset: Int)?

    /// The innermost container that is still open, or -1. Its node's `next` refers to the one around it, plus 1.
    private var container = -1
    private var isObject = false
    private var depth = 0
    /// The depth of containers from which the nodes of their elements are removed once they are checked.
    private let keptDepth: Int

    init(keptDepth: Int = .max) {
        self.keptDepth = keptDepth
    }

    /// Parses a document. The caller has to deallocate the nodes.
    ///
    /// - Parameters:
    ///   - bytes: The document.
    ///   - keptDepth: The depth of the containers, the outermost of which has depth 1, that keep no nodes of their
    ///     elements; deeper ones have none either. ``parse(containerAt:of:)`` returns these nodes.
    /// - Returns: The nodes.
    /// - Throws: ``JSONParsingError`` if the document is not JSON.
    static func parse(
        _ bytes: Span<UInt8>, keptDepth: Int = .max
    ) throws(JSONParsingError) -> UnsafeTable<JSONDocument.Node> {
        guard bytes.count < Int(UInt32.max) else {
            throw JSONParsingError(reason: "the document is longer than 4 GiB", line: 1, column: 1)
        }
        var parser = JSONParser(keptDepth: keptDepth)
        // A config has a node for each ten bytes.
        if keptDepth == .max { parser.nodes.reserveCapacity(bytes.count / 9 + 1) }
        if !parser.parseDocument(bytes), let failure = parser.failure {
            let place = JSONDocument.place(of: failure.offset, in: bytes)
            throw JSONParsingError(reason: failure.reason, line: place.line, column: place.column)
        }
        return parser.nodes.finish()
    }

    /// Parses a container of a document that has been parsed before, and therefore is JSON. The nodes are valid until
    /// the next call.
    mutating func parse(containerAt start: Int, of bytes: Span<UInt8>) -> UnsafeTable<JSONDocument.Node> {
        nodes.truncate(to: 0)
        (position, container, depth) = (start, -1, 0)
        precondition(parseValues(bytes), "the same bytes were JSON before")
        return UnsafeTable(UnsafeBufferPointer(nodes[nodes.indices]))
    }

    private mutating func parseDocument(_ bytes: Span<UInt8>) -> Bool {
        // A byte order mark is not JSON, but some editors write one.
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
        guard parseValues(bytes) else { return false }
        skipWhitespace(bytes)
        return position == bytes.count || fail("text after the end of the JSON value")
    }

    private mutating func parseValues(_ bytes: Span<UInt8>) -> Bool {
        while true {
            // One value, or the start of a container.
            skipWhitespace(bytes)
            guard position < bytes.count else { return fail("unexpected end of text, a value is missing") }
            switch bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth < JSONDocument.maximumDepth else {
                    return fail("nested deeper than \(JSONDocument.maximumDepth) levels")
                }
                open(isObject: bytes[position] == UInt8(ascii: "{"))
                skipWhitespace(bytes)
                if position < bytes.count, bytes[position] == closer {
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
            while container >= 0 {
                skipWhitespace(bytes)
                guard position < bytes.count else {
                    return fail("unexpected end of text, \(isObject ? "'}'" : "']'") is missing")
                }
                if bytes[position] == closer {
                    close()
                    continue
                }
                guard bytes[position] == UInt8(ascii: ",") else {
                    return fail("unexpected character, ',' or \(isObject ? "'}'" : "']'") is missing")
                }
                position += 1
                if isObject {
                    skipWhitespace(bytes)
                    guard parseName(bytes) else { return false }
                }
                break
            }
            if container < 0 { return true }
        }
    }

    @inline(__always)
    private var closer: UInt8 { isObject ? UInt8(ascii: "}") : UInt8(ascii: "]") }

    @inline(__always)
    private mutating func open(isObject: Bool) {
        let outer = container
        container = nodes.count
        append(isObject ? .object : .array, start: position, end: position)
        nodes[container].next = UInt32(truncatingIfNeeded: outer + 1)
        self.isObject = isObject
        depth += 1
        position += 1
    }

    @inline(__always)
    private mutating func close() {
        position += 1
        let outer = Int(nodes[container].next) - 1
        if depth >= keptDepth { nodes.truncate(to: container + 1) }
        nodes[container].end = UInt32(truncatingIfNeeded: position)
        nodes[container].next = UInt32(truncatingIfNeeded: nodes.count)
        container = outer
        isObject = outer >= 0 && nodes[outer].kind == .object
        depth -= 1
    }

    /// Parses a member name and its colon.
    @inline(__always)
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

    @inline(__always)
    private mutating func parseString(_ bytes: Span<UInt8>) -> Bool {
        let start = position + 1
        let end = PlainText.end(bytes, from: start)
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return parseString(bytes, from: start, end) }
        append(.string, start: start, end: end)
        position = end + 1
        return true
    }

    /// Parses the rest of a string with escapes or characters that are not ASCII.
    private mutating func parseString(_ bytes: Span<UInt8>, from start: Int, _ end: Int) -> Bool {
        var index = end
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
                index = PlainText.end(bytes, from: index)
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

/// The characters of JSON strings that stand for themselves and need no check: ASCII without quotes, backslashes and
/// control characters.
enum PlainText {
    /// Returns the place of the first other byte, or the end.
    @inline(__always)
    static func end(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        let raw = bytes.bytes
        // Eight bytes at once. A flag may be wrong only in bytes after one whose flag is right.
        while bytes.count - index >= 8 {
            let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            let flags =
                zeros(word ^ 0x2222_2222_2222_2222) | zeros(word ^ 0x5C5C_5C5C_5C5C_5C5C)
                | (word &- 0x2020_2020_2020_2020) | word
            let found = flags & 0x8080_8080_8080_8080
            if found != 0 { return index + found.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.count, isPlain(bytes[index]) { index += 1 }
        return index
    }

    /// Returns a word in which the highest bit of a byte is set if the byte is the first one that is zero.
    @inline(__always)
    private static func zeros(_ word: UInt64) -> UInt64 { (word &- 0x0101_0101_0101_0101) & ~word }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
