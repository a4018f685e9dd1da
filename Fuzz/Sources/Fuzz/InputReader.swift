/// Converts the bytes of an input to choices, one byte for each, so that a mutation of one byte changes one choice. After
/// the end of the input, every choice is the first.
struct InputReader {
    private var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) { rest = input[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func number(below limit: Int) -> Int { Int(byte()) % limit }

    mutating func chance(_ one: Int, in all: Int) -> Bool { number(below: all) >= all - one }

    mutating func choice<Element>(_ elements: [Element]) -> Element { elements[number(below: elements.count)] }

    /// Returns a list whose length is a choice below `limit`.
    mutating func list<Element>(below limit: Int, _ element: (inout InputReader) -> Element) -> [Element] {
        (0..<number(below: limit)).map { _ in element(&self) }
    }

    mutating func bits() -> UInt64 { (0..<8).reduce(0) { bits, _ in bits << 8 | UInt64(byte()) } }

    mutating func bytes(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func remainder() -> [UInt8] { bytes(rest.count) }

    /// Returns a string of fewer than `limit` bytes; invalid UTF-8 is replaced.
    mutating func string(below limit: Int) -> String {
        String(decoding: bytes(number(below: limit)), as: UTF8.self)
    }
}
