/// Reads a JSON document for the compiler: fields by their one-letter names, strings as slices of the pool.
struct DocumentReader {
    let document: JSONDocument
    /// The offset of the document in the pool.
    let base: Int
    /// Whether there are nodes for the members of settings and segments.
    let isWhole: Bool

    /// The depth of a setting and of a segment in a config, in containers.
    static let depthOfParts = 3

    init(_ document: JSONDocument, base: Int, isWhole: Bool) {
        self.document = document
        self.base = base
        self.isWhole = isWhole
    }

    /// Returns a reader of a setting or a segment, and its node there. If the document is not whole, the node is valid
    /// until `parser` is used again.
    func part(_ node: Int, _ parser: inout JSONParser) -> (reader: DocumentReader, node: Int) {
        guard !isWhole, isKind(node, .object) else { return (self, node) }
        let part = document.part(at: node, &parser)
        return (DocumentReader(part, base: base, isWhole: true), part.root)
    }

    /// The members of an object that config JSON defines: the node of each value, or -1 if it is absent or null.
    struct Fields {
        /// A place for each letter, by its lowest five bits. A document has fewer nodes than bytes, of which there are
        /// at most 2 GiB.
        private var nodes = SIMD32<Int32>(repeating: -1)

        var a: Int { node("a") }
        var b: Int { node("b") }
        var c: Int { node("c") }
        var d: Int { node("d") }
        var f: Int { node("f") }
        var i: Int { node("i") }
        var l: Int { node("l") }
        var n: Int { node("n") }
        var o: Int { node("o") }
        var p: Int { node("p") }
        var r: Int { node("r") }
        var s: Int { node("s") }
        var t: Int { node("t") }
        var u: Int { node("u") }
        var v: Int { node("v") }

        @inline(__always)
        private func node(_ letter: Unicode.Scalar) -> Int { Int(nodes[Int(letter.value & 31)]) }

        /// Sets a field, unless the name is not a letter.
        @inline(__always)
        fileprivate mutating func set(_ name: UInt8, _ node: Int) {
            guard name &- UInt8(ascii: "a") < 26 else { return }
            // An element of a vector is set in memory: to set it by a subscript copies all of them.
            withUnsafeMutableBytes(of: &nodes) {
                $0.storeBytes(of: Int32(truncatingIfNeeded: node), toByteOffset: 4 * Int(name & 31), as: Int32.self)
            }
        }
    }

    /// Returns the fields of an object, the last of each name; nil if the node is not an object.
    @inline(__always)
    func fields(of node: Int) -> Fields? {
        guard node >= 0, document.kind(of: node) == .object else { return nil }
        var fields = Fields()
        document.forEachMember(of: node) { name, value in
            fields.set(letter(of: name), document.kind(of: value) == .null ? -1 : value)
        }
        return fields
    }

    /// Returns the only byte of a member name; 0 if the name does not have exactly one.
    @inline(__always)
    private func letter(of name: Int) -> UInt8 {
        let node = document.nodes[name]
        if node.range.count == 1 { return document.bytes[Int(node.start)] }
        return node.isEscaped ? escapedLetter(of: name) : 0
    }

    private func escapedLetter(of name: Int) -> UInt8 {
        let text = document.text(of: name).utf8
        return text.count == 1 ? text.first ?? 0 : 0
    }

    func isKind(_ node: Int, _ kind: JSONDocument.Kind) -> Bool {
        node >= 0 && document.kind(of: node) == kind
    }

    func integer(_ node: Int) -> Int? { node < 0 ? nil : document.integer(of: node) }
    func double(_ node: Int) -> Double? { node < 0 ? nil : document.double(of: node) }

    /// Returns the JSON text of a value, for a string without its quotes, as a slice of the pool.
    func slice(_ node: Int) -> ArrayRange {
        let range = document.nodes[node].range
        return ArrayRange(from: base + range.lowerBound, to: base + range.upperBound)
    }

    /// Returns the value of a string node as a slice of the pool, to which a string with escapes is appended.
    func text(_ node: Int, into compiler: inout ConfigCompiler) -> ArrayRange? {
        guard isKind(node, .string) else { return nil }
        let string = document.nodes[node]
        if !string.isEscaped { return slice(node) }
        return compiler.append(atMost: string.range.count) { document.appendText(of: node, to: &$0) }
    }

    /// Returns the nodes of an array's elements.
    func elements(_ node: Int) -> [Int] {
        var elements: [Int] = []
        document.forEachElement(of: node) { elements.append($0) }
        return elements
    }
}
