/// A line about a difference: words of this package, and text from the config.
package struct DifferenceDetail: Sendable, Equatable {
    package enum Fragment: Sendable, Equatable {
        case words(String)
        /// Text from the config, which may contain anything.
        case code(String)
    }

    package private(set) var fragments: [Fragment]

    init(_ fragments: [Fragment]) { self.fragments = fragments }

    init(_ words: String) { fragments = [.words(words)] }

    /// Creates the line `words: before → after`.
    init(_ words: String, from before: String, to after: String) {
        fragments = [.words(words + ": "), .code(before), .words(" → "), .code(after)]
    }

    mutating func add(_ fragment: Fragment) { fragments.append(fragment) }

    func prefixed(_ words: String) -> DifferenceDetail { DifferenceDetail([.words(words)] + fragments) }

    /// The line as plain text.
    package var text: String {
        fragments.map { fragment in
            switch fragment {
            case .words(let text): text
            case .code(let text): OneLine.text(text)
            }
        }.joined()
    }
}

/// Text on one line.
enum OneLine {
    /// Returns a text with its line breaks and other control characters as escapes.
    static func text(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            default:
                switch scalar.properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator, .format:
                    output += "\\u{\(String(scalar.value, radix: 16))}"
                default: output.unicodeScalars.append(scalar)
                }
            }
        }
        return output
    }
}
