/// A JSON document (RFC 8259) as a flat list of nodes that refer to its bytes.
///
/// Parsing allocates one table for the nodes and nothing per value, so a large document costs little. A hostile one
/// cannot cost much: depth is limited, work is linear in the length, and bytes that are not UTF-8 are rejected.
package struct JSONDocument: Sendable {
    /// The kind of a node's value.
    package enum Kind: UInt8, Sendable, BitwiseCopyable {
        case null, `false`, `true`, number, string, array, object
    }

    /// One value or member name. Its children, if any, follow it directly.
    package struct Node: Sendable, BitwiseCopyable {
        package var kind: Kind
        /// Whether a string contains escapes, so that its value differs from its bytes.
        package var isEscaped: Bool
        /// The place in `bytes` where a string, without its quotes, or a number begins and ends.
        package var start: UInt32
        package var end: UInt32
        /// The index of the first node after this one and all its children.
        package var next: UInt32

        package var range: Range<Int> { Int(start)..<Int(max(start, end)) }
    }

    /// The deepest nesting that is accepted. A config JSON has about 12 levels.
    package static let maximumDepth = 512

    package let bytes: UnsafeTable<UInt8>
    package let nodes: UnsafeTable<Node>
    /// Frees the tables; nil if they have another owner.
    private let owner: Owner?

    private final class Owner: Sendable {
        let bytes: UnsafeTable<UInt8>?
        let nodes: UnsafeTable<Node>

        init(_ bytes: UnsafeTable<UInt8>?, _ nodes: UnsafeTable<Node>) { (self.bytes, self.nodes) = (bytes, nodes) }

        deinit {
            bytes?.deallocate()
            nodes.deallocate()
        }
    }

    package init(_ bytes: [UInt8]) throws(JSONParsingError) {
        nodes = try JSONParser.parse(bytes.span)
        self.bytes = UnsafeTable(bytes)
        owner = Owner(self.bytes, nodes)
    }

    /// Parses bytes that the caller keeps for as long as the document.
    ///
    /// - Parameters:
    ///   - bytes: The document.
    ///   - keptDepth: The depth of the containers that have no nodes for their elements; see
    ///     ``part(at:_:)``.
    /// - Throws: ``JSONParsingError`` if the document is not JSON.
    init(unowned bytes: UnsafeBufferPointer<UInt8>, keptDepth: Int = .max) throws(JSONParsingError) {
        nodes = try JSONParser.parse(bytes.span, keptDepth: keptDepth)
        self.bytes = UnsafeTable(bytes)
        owner = Owner(nil, nodes)
    }

    private init(bytes: UnsafeTable<UInt8>, nodes: UnsafeTable<Node>) {
        (self.bytes, self.nodes, owner) = (bytes, nodes, nil)
    }

    /// Returns a container as a document of its own, which has nodes for all elements, at the same places in the bytes.
    ///
    /// - Parameters:
    ///   - node: A container.
    ///   - parser: The owner of the new nodes, which are valid until it parses the next value.
    /// - Returns: The document.
    func part(at node: Int, _ parser: inout JSONParser) -> JSONDocument {
        let start = Int(nodes[node].start)
        return JSONDocument(bytes: bytes, nodes: parser.parse(containerAt: start, of: bytes[bytes.indices].span))
    }

    package var root: Int { 0 }

    package func kind(of node: Int) -> Kind { nodes[node].kind }

    /// Calls `body` with the name node and value node of every member of an object, in document order.
    @inline(__always)
    package func forEachMember(of object: Int, _ body: (_ name: Int, _ value: Int) -> Void) {
        _ = containsMember(of: object) { name, value in
            body(name, value)
            return false
        }
    }

    /// Returns whether an object has a member for which `body` returns true. After such a one, it is not called again.
    @inline(__always)
    package func containsMember(of object: Int, where body: (_ name: Int, _ value: Int) -> Bool) -> Bool {
        guard object >= 0, nodes[object].kind == .object else { return false }
        let end = Int(nodes[object].next)
        var name = object + 1
        while name < end {
            let value = name + 1
            if body(name, value) { return true }
            name = Int(nodes[value].next)
        }
        return false
    }

    /// Calls `body` with the node of every element of an array, in order.
    @inline(__always)
    package func forEachElement(of array: Int, _ body: (_ element: Int) -> Void) {
        guard array >= 0, nodes[array].kind == .array else { return }
        let end = Int(nodes[array].next)
        var element = array + 1
        while element < end {
            body(element)
            element = Int(nodes[element].next)
        }
    }

    /// Returns the value of the last member with this name; nil if there is none or the value is `null`.
    package func member(_ name: StaticString, of object: Int) -> Int? {
        var found: Int?
        forEachMember(of: object) { nameNode, value in
            if isName(nameNode, name) { found = value }
        }
        guard let found, nodes[found].kind != .null else { return nil }
        return found
    }

    /// Returns whether a member name equals an ASCII string.
    package func isName(_ node: Int, _ name: StaticString) -> Bool {
        let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        if nodes[node].isEscaped { return text(of: node).utf8.elementsEqual(name) }
        return bytes[nodes[node].range].elementsEqual(name)
    }

    /// Returns the value of a string node, or the digits of a number node.
    package func text(of node: Int) -> String {
        guard nodes[node].isEscaped else { return String(decoding: bytes[nodes[node].range], as: UTF8.self) }
        var text = GrowingTable<UInt8>()
        appendText(of: node, to: &text)
        return String(decoding: text[text.indices], as: UTF8.self)
    }

    /// Appends the value of a string node in UTF-8. A lone surrogate escape, which has no UTF-8 form, becomes U+FFFD.
    package func appendText(of node: Int, to output: inout GrowingTable<UInt8>) {
        let text = bytes[nodes[node].range]
        guard nodes[node].isEscaped else {
            output.append(contentsOf: text)
            return
        }
        JSONEscapes.appendUnescaped(text.span, to: &output)
    }

    /// Returns the value of a number node as a Double, which is infinite if the number is too large.
    package func double(of node: Int) -> Double? {
        guard nodes[node].kind == .number else { return nil }
        return DecimalFormat.double(bytes[nodes[node].range])
    }

    /// Returns the value of a number node as an Int; nil if it has a fraction or does not fit.
    package func integer(of node: Int) -> Int? {
        guard nodes[node].kind == .number else { return nil }
        let digits = bytes[nodes[node].range]
        if let integer = DecimalFormat.integer(digits) { return integer }
        // `5.0` and `5e0` are whole too. A number without a point or an exponent did not fit; a Double would round it.
        guard digits.contains(where: { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }) else {
            return nil
        }
        return double(of: node).flatMap { Int(exactly: $0) }
    }

    package func bool(of node: Int) -> Bool? {
        switch nodes[node].kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// Returns the elements of an array node; nil if not all of them are strings.
    package func strings(of node: Int) -> [String]? {
        guard nodes[node].kind == .array else { return nil }
        var strings: [String] = []
        var areStrings = true
        forEachElement(of: node) { element in
            areStrings = areStrings && nodes[element].kind == .string
            if areStrings { strings.append(text(of: element)) }
        }
        return areStrings ? strings : nil
    }

    /// Returns the line and the column of a byte, both from 1. Columns are counted in bytes.
    package static func place(of offset: Int, in bytes: Span<UInt8>) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        for index in 0..<min(offset, bytes.count) {
            if bytes[index] == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return (line, column)
    }
}

/// An error that says why a document is not JSON, and where.
package struct JSONParsingError: Error, Equatable, CustomStringConvertible {
    package var reason: String
    package var line: Int
    package var column: Int

    package var description: String { "line \(line), column \(column): \(reason)" }
}
