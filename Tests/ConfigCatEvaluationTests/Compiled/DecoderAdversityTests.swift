import ConfigCatPlatform
import Testing

@testable import ConfigCatEvaluation

/// Fast paths of decoding against byte-by-byte references, with inaccessible memory before and after the bytes.
@Suite("Adversity: decoding")
struct DecoderAdversityTests {
    /// Memory with inaccessible pages on both sides, to which a read outside of it would be fatal.
    private final class GuardedMemory {
        private let start: UnsafeMutableRawPointer
        private let page = 4096
        private let size: Int

        init(atLeast count: Int) throws {
            size = (count + page - 1) / page * page
            let memory = mmap(
                nil, (count + page - 1) / page * page + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            start = try #require(memory == MAP_FAILED ? nil : memory)
            try #require(mprotect(start + page, size, PROT_READ | PROT_WRITE) == 0)
        }

        deinit { munmap(start, size + 2 * page) }

        /// Calls `body` with a copy of bytes that touches the inaccessible page after it, or before it.
        func with<Result>(_ bytes: [UInt8], atEnd: Bool, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
            let place = start + page + (atEnd ? size - bytes.count : 0)
            bytes.withUnsafeBytes { bytes in
                if let source = bytes.baseAddress { place.copyMemory(from: source, byteCount: bytes.count) }
            }
            return body(
                UnsafeBufferPointer(start: place.assumingMemoryBound(to: UInt8.self), count: bytes.count))
        }
    }

    private static func parsed(_ bytes: UnsafeBufferPointer<UInt8>) -> [String] {
        do {
            let nodes = try JSONParser.parse(bytes.span)
            defer { nodes.deallocate() }
            return nodes.indices.map { ReferenceParser.text(nodes[$0]) }
        } catch {
            return ["\(error)"]
        }
    }

    private static func reference(_ bytes: [UInt8]) -> [String] {
        var parser = ReferenceParser()
        return parser.parse(bytes.span)
    }

    private static let pieces: [[UInt8]] =
        [
            "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"\\u0066\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"",
            "\"\\u12\"",
            "\\", "\\u", "\\\"", "tru", "true", "false", "null", "nul", "0", "-", "-0", "01", "1.", "1.5e+", "1E9",
            "-0.0e-0",
            " ", "\n", "\r", "\t", "\u{FEFF}", "é", "€", "😀", "abcdefg", "abcdefgh", "\"abcdefghijklmnop\"", "f", "v",
        ].map { Array($0.utf8) } + [
            [0], [0x1F], [0x7F], [0x80], [0xC2], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF],
        ]

    @Test("documents of random pieces have the nodes, or the error, of a parser that reads byte by byte")
    func pieces() throws {
        let memory = try GuardedMemory(atLeast: 1)
        var random = SeededGenerator(seed: 31)
        for _ in 0..<15_000 {
            var bytes: [UInt8] = Bool.random(using: &random) ? [] : Array("{\"f\":{\"a\":[".utf8)
            for _ in 0..<Int.random(in: 0...14, using: &random) {
                bytes += Self.pieces.randomElement(using: &random) ?? []
            }
            let expected = Self.reference(bytes)
            let atEnd = Bool.random(using: &random)
            guard memory.with(bytes, atEnd: atEnd, Self.parsed) == expected else {
                Issue.record("\(String(decoding: bytes, as: UTF8.self)): expected \(expected)")
                return
            }
        }
    }

    @Test("damaged configs have the nodes, or the error, of a parser that reads byte by byte, at all alignments")
    func damaged() throws {
        let memory = try GuardedMemory(atLeast: 200_000)
        var random = SeededGenerator(seed: 32)
        for path in HostileInputStressTests.seeds {
            let original = try ConformanceData.bytes(path)
            for round in 0..<48 {
                var bytes = Array(repeating: UInt8(ascii: " "), count: round % 8) + original
                for _ in 0..<Int.random(in: 0...2, using: &random) {
                    let place = Int.random(in: bytes.indices, using: &random)
                    let piece = Self.pieces.randomElement(using: &random) ?? []
                    bytes.replaceSubrange(
                        place..<min(bytes.count, place + (Bool.random(using: &random) ? 1 : 0)), with: piece)
                }
                if round % 6 == 5 { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
                guard bytes.count < 200_000 else { continue }
                let isSame = memory.with(bytes, atEnd: true, Self.parsed) == Self.reference(bytes)
                #expect(isSame, "\(path), round \(round)")
            }
        }
    }

    @Test("a string of each length ends where it should, whatever byte is in each place")
    func places() throws {
        let memory = try GuardedMemory(atLeast: 1)
        let special: [[UInt8]] = [
            [0], [0x1F], Array("\\\"".utf8), Array("\\u0041".utf8), Array("\\x".utf8), [0x22], [0x5C], [0xC3, 0xA9],
            [0xE2, 0x82, 0xAC], [0xF0, 0x9F, 0x98, 0x80], [0xF0, 0x9F, 0x98], [0x80], [0x7F],
        ]
        for length in [0, 1, 6, 7, 8, 9, 15, 16, 17] {
            for place in 0...length {
                for piece in special {
                    for suffix in ["", "\"", "\" ", "\"]", "\"x"] {
                        var bytes = [UInt8(ascii: "\"")] + Array(repeating: UInt8(ascii: "a"), count: length)
                        bytes.insert(contentsOf: piece, at: 1 + place)
                        bytes += suffix.utf8
                        let isSame = memory.with(bytes, atEnd: true, Self.parsed) == Self.reference(bytes)
                        if !isSame { Issue.record("\(bytes)") }
                    }
                }
            }
        }
    }

    @Test("the depth limit is met at the same byte, also in a document of which parts are parsed")
    func depth() throws {
        for extra in -2...2 {
            for opener in ["[", #"{"a":"#] {
                let depth = JSONDocument.maximumDepth - 3 + extra
                let closer = opener == "[" ? "]" : "}"
                let value = String(repeating: opener, count: depth) + "1" + String(repeating: closer, count: depth)
                let bytes = Array(#"{"f":{"k":{"t":0,"v":{"b":true},"x":\#(value)}}}"#.utf8)
                let expected = Self.reference(bytes)
                #expect(bytes.withUnsafeBufferPointer { Self.parsed($0) } == expected)
                #expect(Self.compiled(bytes, wholeSize: 0) == Self.compiled(bytes, wholeSize: .max))
            }
        }
    }

    // MARK: - Hex digits

    @Test("eight hex digits are read as one by one, whatever byte is in each place")
    func hexDigits() throws {
        let memory = try GuardedMemory(atLeast: 1)
        var random = SeededGenerator(seed: 33)
        let digits = Array("0123456789abcdef".utf8)
        for count in [40, 64] {
            for place in 0..<count {
                for byte in UInt8.min ... .max {
                    var bytes = (0..<count).map { _ in digits.randomElement(using: &random) ?? 0 }
                    bytes[place] = byte
                    var words: [UInt64] = [0, 0, 0, 0]
                    var isValid = true
                    for (index, byte) in bytes.enumerated() {
                        guard let digit = HexDigits.value(byte) else {
                            isValid = false
                            break
                        }
                        words[index / 16] |= UInt64(digit) << UInt64(60 - index % 16 * 4)
                    }
                    let digest = memory.with(bytes, atEnd: true) { Digest(hex: $0, byteCount: count / 2) }
                    let found = digest.map { [$0.first, $0.second, $0.third, $0.fourth] }
                    if found != (isValid ? words : nil) { Issue.record("byte \(byte) at \(place) of \(count)") }
                }
            }
        }
    }

    @Test("bytes are compared and hashed within their memory")
    func comparisons() throws {
        let memory = try GuardedMemory(atLeast: 1)
        for count in 0...33 {
            let bytes = (0..<count).map { UInt8($0 + 1) }
            let end = memory.with(bytes, atEnd: true) { ByteHash.hash($0, seed: 5) }
            let start = memory.with(bytes, atEnd: false) { ByteHash.hash($0, seed: 5) }
            #expect(end == start)
        }
    }

    // MARK: - Whole documents and parts

    private static func compiled(_ bytes: [UInt8], wholeSize: Int, limit: Int = ConfigCompiler.maximumSize) -> [String]
    {
        var document = GrowingTable<UInt8>()
        document.append(copying: bytes)
        do {
            return PartwiseCompilingTests.description(
                of: try ConfigCompiler.compile(document, limit: limit, wholeSize: wholeSize))
        } catch {
            return ["\(error.code) \(error.message)"]
        }
    }

    private static let members: [String] = [
        #""f":{"a":{"t":0,"v":{"b":true},"r":[{"c":[{"s":{"s":0,"c":0}}],"s":{"v":{"b":false}}}]},"\u0062":{"t":1,"v":{"s":"x\ny"}}}"#,
        #""f":{"old":{"v":1,"t":2,"r":[{"o":1,"a":"x","t":0,"c":"a,b","v":2},{"o":0,"a":"y","t":2,"c":"c","v":3}]}}"#,
        #""\u0066":{"z":{"t":3,"v":{"d":-0.0}},"n":null,"m":[1,[2]],"z":{"t":2,"v":{"i":9223372036854775807}}}"#,
        #""flags":{"p":true,"q":"\ud83d\ude00","r":[{"a":1}],"s":{"v":{"w":{}}}}"#, #""flags":null"#, #""f":null"#,
        #""f":{}"#,
        #""s":[{"n":"seg\u0031","r":[{"a":"Email","c":0,"l":["x","y\t"]}]},[{"n":"no"}],7]"#, #""s":{"n":{"r":[]}}"#,
        #""s":[{"n":"\ud800","r":{"a":[]}}]"#, #""p":{"s":"salt\n","u":"https:\/\/a.b","r":1}"#,
        #""p":{"s":{"u":"x"},"u":[1],"r":[{}]}"#, #""p":[{"s":"x"}]"#, #""p":null"#, #""\u0070":{"\u0073":"sa"}"#,
        #""x":[[[[[{"f":{}}]]]]]"#, #""":{"f":{"a":{}}}"#,
        #""f":{"k":{"t":1,"v":{"s":"a"},"r":[{"c":[{"u":{"a":"A","c":16,"l":["00"]}},{"p":{"f":"k","c":0,"v":{"s":"a"}}}],"p":[{"p":50,"v":{"s":"b"}}]}],"p":[{"p":1e400,"v":{"s":"q\"" }}]}}"#,
    ]

    @Test("members in any order, repeated, escaped or of another type are compiled whole and in parts to the same")
    func members() {
        var random = SeededGenerator(seed: 34)
        for round in 0..<500 {
            let members = (0..<Int.random(in: 1...6, using: &random)).compactMap { _ in
                Self.members.randomElement(using: &random)
            }
            let space = ["", " ", "\r\n", "\t \n"].randomElement(using: &random) ?? ""
            let bytes = Array("\(space){\(space)\(members.joined(separator: space + "," + space))\(space)}".utf8)
            let size = bytes.count + Int.random(in: -1...12, using: &random)
            for limit in [ConfigCompiler.maximumSize, size] {
                let isSame =
                    Self.compiled(bytes, wholeSize: 0, limit: limit)
                    == Self.compiled(bytes, wholeSize: .max, limit: limit)
                #expect(isSame, "round \(round), limit \(limit): \(String(decoding: bytes, as: UTF8.self))")
            }
        }
    }

    @Test("a document around 1 MiB is compiled as a whole one is", arguments: [-9, -1, 0, 1, 7, 8, 9])
    func border(_ difference: Int) {
        let setting =
            #":{"t":1,"v":{"s":"\u0041 \\"},"r":[{"c":[{"s":{"s":0,"c":0}}],"s":{"v":{"s":"é"}}}],"p":[{"p":100,"v":{"s":"z"}}]}"#
        let settings = (0..<7000).map { "\"key\($0)\"" + setting }.joined(separator: ",\n")
        let tail = #"},"s":[{"n":"a","r":[{"a":"Email","c":0,"l":["b"]}]}],"p":{"s":"salt","r":0,"u":"x"}}"#
        let head = #"{"f":{"#
        let padding = String(
            repeating: " ",
            count: ConfigCompiler.wholeSize + difference - head.utf8.count - settings.utf8.count - tail.utf8.count)
        let bytes = Array((head + settings + padding + tail).utf8)
        #expect(bytes.count == ConfigCompiler.wholeSize + difference)
        let expected = Self.compiled(bytes, wholeSize: .max)
        #expect(expected.count > 7000)
        #expect(Self.compiled(bytes, wholeSize: ConfigCompiler.wholeSize) == expected)
        let cut = Array(bytes.dropLast())
        #expect(Self.compiled(cut, wholeSize: ConfigCompiler.wholeSize) == Self.compiled(cut, wholeSize: .max))
    }

    // MARK: - Buffers and changes

    @Test("a buffer of any pieces holds the document, and is empty after it was taken")
    func buffers() throws {
        var random = SeededGenerator(seed: 35)
        let original = try ConformanceData.bytes(HostileInputStressTests.seeds[0])
        for _ in 0..<20 {
            let buffer = DocumentBuffer()
            if Bool.random(using: &random) {
                buffer.reserveCapacity(Int.random(in: 0...2 * original.count, using: &random))
            }
            var rest = original[...]
            while !rest.isEmpty {
                let count = Int.random(in: 0...700, using: &random)
                if Bool.random(using: &random) {
                    buffer.append(rest.prefix(count))
                } else {
                    buffer.append(AnySequence(rest.prefix(count)))
                }
                rest = rest.dropFirst(count)
            }
            #expect(buffer.count == original.count)
            #expect(Array(try Config(taking: buffer).document.utf8) == original)
            #expect(buffer.count == 0)
            #expect(throws: ConfigDecodingError.self) { try Config(taking: buffer) }
        }
    }

    @Test("a server that announces an enormous body does not end the process, if the limit admits it")
    func enormousLength() async {
        await #expect(processExitsWith: .success) { DocumentBuffer().reserveCapacity(1 << 60) }
    }

    @Test("a plain value whose type changes has changed, also if its text is the same")
    func changedType() throws {
        let text = try Config(json: #"{"flags":{"a":"1","b":"true","c":"x"}}"#)
        let other = try Config(json: #"{"flags":{"a":1,"b":true,"c":"x"}}"#)
        #expect(other.changedKeys(from: text) == ["a", "b"])
        #expect(Config(values: ["a": .int(1)]).changedKeys(from: Config(values: ["a": .string("1")])) == ["a"])
    }
}

/// The rules of JSON, byte by byte, with all containers on a stack.
private struct ReferenceParser {
    static func text(_ node: JSONDocument.Node) -> String {
        "\(node.kind) \(node.isEscaped) \(node.start) \(node.end) \(node.next)"
    }

    mutating func parse(_ bytes: Span<UInt8>) -> [String] {
        if !parseDocument(bytes), let failure {
            let place = JSONDocument.place(of: failure.offset, in: bytes)
            return ["\(JSONParsingError(reason: failure.reason, line: place.line, column: place.column))"]
        }
        return nodes.map(Self.text)
    }

    private(set) var nodes: [JSONDocument.Node] = []
    private var position = 0
    private var failure: (reason: String, offset: Int)?

    /// A container that is still open.
    private struct Container {
        var node: Int
        var isObject: Bool
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
