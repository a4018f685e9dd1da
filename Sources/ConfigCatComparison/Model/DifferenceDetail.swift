import ConfigCatEvaluation

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
