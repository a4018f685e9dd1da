/// A token of Swift code.
package struct SwiftToken: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// A name or keyword, without its backquotes.
        case word(String)
        /// A string literal; nil if it has interpolations, and therefore no fixed value.
        case string(String?)
        case number(String)
        /// One character of an operator, or a bracket.
        case symbol(UInt8)
    }

    package var kind: Kind
    /// The bytes of the token in the code.
    package var range: Range<Int>

    func isSymbol(_ symbol: Unicode.Scalar) -> Bool { kind == .symbol(UInt8(ascii: symbol)) }
    func isWord(_ word: String) -> Bool { kind == .word(word) }

    var word: String? {
        if case .word(let word) = kind { word } else { nil }
    }

    var string: String? {
        if case .string(let text) = kind { text } else { nil }
    }
}
