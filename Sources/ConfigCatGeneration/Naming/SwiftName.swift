/// The name of the Swift constant for a setting key, in lowerCamelCase.
///
///     new-checkout → newCheckout      URLTimeout → urlTimeout      2fa → _2fa      default → `default`
package struct SwiftName: Sendable, Hashable {
    /// The name without backquotes.
    package let text: String

    /// Creates the name for a key. Different keys may have the same name.
    package init(key: String) {
        let words = Self.words(of: key)
        let isScreaming = !key.unicodeScalars.contains(where: \.properties.isLowercase)
        var name = ""
        for (index, word) in words.enumerated() {
            name += index == 0 ? Self.first(word) : Self.next(word, isScreaming: isScreaming)
        }
        if name.isEmpty { name = "emptyKey" }
        // Names may begin with a letter, but neither with a digit nor with a mark that belongs to a letter.
        let begins = name.unicodeScalars.first.map { $0 == "_" || $0.properties.isXIDStart } ?? false
        text = begins ? name : "_" + name
    }

    /// The name as Swift code: keywords are in backquotes.
    package var code: String { Self.keywords.contains(text) ? "`\(text)`" : text }

    /// Returns the parts of a key between separators. Of the characters that no name may have, spaces and punctuation
    /// separate, and all others, such as emoji, become words with their numbers, so that they still make a difference.
    private static func words(of key: String) -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        func end() {
            if !word.isEmpty { words.append(String(word)) }
            word = String.UnicodeScalarView()
        }
        for scalar in key.unicodeScalars {
            // What is not drawn, such as a variation selector, would make names that look the same.
            if scalar != "_", scalar.properties.isXIDContinue, !scalar.properties.isDefaultIgnorableCodePoint {
                word.append(scalar)
                continue
            }
            end()
            if !scalar.isASCII, !isSeparator(scalar) { words.append("u" + String(scalar.value, radix: 16)) }
        }
        end()
        return words
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.properties.isDefaultIgnorableCodePoint { return true }
        return switch scalar.properties.generalCategory {
        case .spaceSeparator, .lineSeparator, .paragraphSeparator, .control, .format, .dashPunctuation,
            .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation, .otherPunctuation,
            .connectorPunctuation, .nonspacingMark, .enclosingMark:
            true
        default: false
        }
    }

    /// Returns a word with its leading capital letters in lower case; the last of several begins the next word.
    private static func first(_ word: String) -> String {
        let capitals = word.unicodeScalars.prefix {
            $0.properties.isUppercase || $0.properties.generalCategory == .titlecaseLetter
        }
        let rest = word.unicodeScalars.dropFirst(capitals.count)
        let isNextWord = capitals.count > 1 && rest.first?.properties.isLowercase == true
        let lowered = isNextWord ? capitals.dropLast() : capitals
        return String(String.UnicodeScalarView(lowered)).lowercased()
            + String(String.UnicodeScalarView(word.unicodeScalars.dropFirst(lowered.count)))
    }

    private static func next(_ word: String, isScreaming: Bool) -> String {
        let word = isScreaming ? word.lowercased() : word
        guard let first = word.unicodeScalars.first else { return word }
        return first.properties.titlecaseMapping + String(String.UnicodeScalarView(word.unicodeScalars.dropFirst()))
    }

    /// The words that Swift reserves, and those that have a meaning after a dot.
    private static let keywords: Set<String> = [
        "Any", "Protocol", "Self", "Type", "actor", "any", "as", "associatedtype", "async", "await", "break", "case",
        "catch", "class", "continue", "default", "defer", "deinit", "do", "dynamic", "else", "enum", "extension",
        "fallthrough", "false", "fileprivate", "for", "func", "guard", "if", "import", "in", "indirect", "infix",
        "init", "inout", "internal", "is", "lazy", "let", "mutating", "nil", "nonisolated", "nonmutating", "open",
        "operator", "optional", "override", "package", "postfix", "precedencegroup", "prefix", "private", "protocol",
        "public", "repeat", "required", "rethrows", "return", "self", "some", "static", "struct", "subscript", "super",
        "switch", "throw", "throws", "true", "try", "typealias", "unowned", "var", "weak", "where", "while",
    ]
}
