/// Reads a JSON document for the compiler: fields by their one-letter names, strings as slices of the pool.
struct DocumentReader {
    let document: JSONDocument
    /// The offset of the document in the pool.
    let base: Int

    init(_ document: JSONDocument, base: Int) {
        self.document = document
        self.base = base
    }

    /// The members of an object that config JSON defines: the node of each value, or -1 if it is absent or null.
    struct Fields {
        var a = -1, b = -1, c = -1, d = -1, f = -1, i = -1, l = -1, n = -1
        var o = -1, p = -1, r = -1, s = -1, t = -1, u = -1, v = -1
    }

    /// Returns the fields of an object, the last of each name; nil if the node is not an object.
    func fields(of node: Int) -> Fields? {
        guard node >= 0, document.kind(of: node) == .object else { return nil }
        var fields = Fields()
        document.forEachMember(of: node) { name, value in
            let found = document.kind(of: value) == .null ? -1 : value
            switch letter(of: name) {
            case UInt8(ascii: "a"): fields.a = found
            case UInt8(ascii: "b"): fields.b = found
            case UInt8(ascii: "c"): fields.c = found
            case UInt8(ascii: "d"): fields.d = found
            case UInt8(ascii: "f"): fields.f = found
            case UInt8(ascii: "i"): fields.i = found
            case UInt8(ascii: "l"): fields.l = found
            case UInt8(ascii: "n"): fields.n = found
            case UInt8(ascii: "o"): fields.o = found
            case UInt8(ascii: "p"): fields.p = found
            case UInt8(ascii: "r"): fields.r = found
            case UInt8(ascii: "s"): fields.s = found
            case UInt8(ascii: "t"): fields.t = found
            case UInt8(ascii: "u"): fields.u = found
            case UInt8(ascii: "v"): fields.v = found
            default: break
            }
        }
        return fields
    }

    /// Returns the only byte of a member name; 0 if the name does not have exactly one.
    private func letter(of name: Int) -> UInt8 {
        let node = document.nodes[name]
        guard node.isEscaped else { return node.end == node.start + 1 ? document.bytes[Int(node.start)] : 0 }
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
