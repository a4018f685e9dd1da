import ConfigCatEvaluation

/// The declarations in code that this generator wrote.
package struct PreviousFlags: Sendable {
    package private(set) var declarations: [FlagDeclaration] = []

    /// Reads generated code. What the generator would not have written is ignored.
    package init(_ code: String) {
        guard GeneratedHeader.begins(code) else { return }
        let tokens = SwiftScanner.tokens(of: Array(code.utf8))
        var type: SettingType?
        var isRemoved = false
        for index in tokens.indices {
            let rest = tokens[index...]
            if Self.matches(rest, ["extension", "FeatureFlag", "where", "Value", "==", "="]) {
                type = rest.dropFirst(6).first?.word.flatMap { name in
                    SettingType.allCases.first { $0.swiftName == name }
                }
            } else if Self.matches(rest, ["@", "available", "(", "*", ",", "deprecated"]) {
                isRemoved = true
            } else if Self.matches(rest, ["static", "let"]), let type {
                if var declaration = Self.declaration(rest.dropFirst(3), type) {
                    declaration.isRemoved = isRemoved
                    declarations.append(declaration)
                }
                isRemoved = false
            }
        }
    }

    /// Reads `= FeatureFlag("key", defaultValue: value)`.
    private static func declaration(_ tokens: ArraySlice<SwiftToken>, _ type: SettingType) -> FlagDeclaration? {
        guard matches(tokens, ["=", "FeatureFlag", "("]), let key = tokens.dropFirst(3).first?.string,
            matches(tokens.dropFirst(4), [",", "defaultValue", ":"]),
            let value = value(tokens.dropFirst(7), type)
        else { return nil }
        return FlagDeclaration(key: key, defaultValue: value)
    }

    private static func value(_ tokens: ArraySlice<SwiftToken>, _ type: SettingType) -> SettingValue? {
        guard let first = tokens.first else { return nil }
        if type == .string { return first.string.map { .string($0) } }
        let isNegative = first.isSymbol("-")
        var rest = isNegative ? tokens.dropFirst() : tokens
        if type == .double, rest.first?.isSymbol(".") == true {
            rest = rest.dropFirst()
            if rest.first?.isWord("infinity") == true { return .double(isNegative ? -.infinity : .infinity) }
            return rest.first?.isWord("nan") == true ? .double(.nan) : nil
        }
        switch (type, rest.first?.kind) {
        case (.bool, .word(let word)): return word == "true" ? .bool(true) : word == "false" ? .bool(false) : nil
        case (.int, .number(let digits)): return Int((isNegative ? "-" : "") + digits).map { .int($0) }
        case (.double, .number(let digits)): return Double((isNegative ? "-" : "") + digits).map { .double($0) }
        default: return nil
        }
    }

    /// Returns whether tokens begin with these words and symbols. A symbol of two characters is compared by its first.
    private static func matches(_ tokens: ArraySlice<SwiftToken>, _ expected: [String]) -> Bool {
        guard tokens.count >= expected.count else { return false }
        return zip(tokens, expected).allSatisfy { token, text in
            switch token.kind {
            case .word(let word): word == text
            case .symbol(let byte): byte == text.utf8.first
            default: false
            }
        }
    }
}
