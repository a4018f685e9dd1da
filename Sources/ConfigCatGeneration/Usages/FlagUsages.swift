package import ConfigCatEvaluation

/// Finds the settings that no code mentions, and the mentions of settings that the config does not have.
///
/// It reads tokens, not types. A setting counts as mentioned if any string literal is its key, or its name follows a dot
/// that begins an expression or follows `FeatureFlag`. Only calls are reported as mentions of unknown settings.
package struct FlagUsages: Sendable {
    /// Settings of the config that no code mentions, in the order of their keys' bytes.
    package private(set) var unmentioned: [String] = []
    /// Mentions of settings that the config does not have, in the order of files and lines.
    package private(set) var unknown: [FlagMention] = []

    /// - Parameters:
    ///   - config: The config.
    ///   - sources: The Swift files. Files that the generator wrote only tell the names of declarations.
    package init(of config: Config, in sources: [SourceText]) {
        let keys = Set(config.keys.map { Array($0.utf8) })
        var names: [String: [[UInt8]]] = [:]
        for key in config.keys { names[SwiftName(key: key).text, default: []].append(Array(key.utf8)) }
        var scan = Scan(keys: keys, names: names)
        var files: [(source: SourceText, tokens: [SwiftToken])] = []
        for source in sources {
            let code = String(decoding: source.bytes, as: UTF8.self)
            if GeneratedHeader.begins(code) {
                for declaration in PreviousFlags(code).declarations where names[declaration.name.text] == nil {
                    scan.removedNames[declaration.name.text] = declaration.key
                }
                continue
            }
            let tokens = SwiftScanner.tokens(of: source.bytes)
            scan.addDeclaredNames(tokens)
            files.append((source, tokens))
        }
        for file in files { scan.read(file.tokens, file.source) }
        unmentioned = config.keys.filter { !scan.mentioned.contains(Array($0.utf8)) }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        unknown = scan.unknown
    }

    private struct Scan {
        let keys: Set<[UInt8]>
        /// The keys of the config by the names that the generator gives them.
        let names: [String: [[UInt8]]]
        /// Generated declarations of settings that the config does not have: keys by names.
        var removedNames: [String: String] = [:]
        /// Names that handwritten code declares. They may be anything.
        var declaredNames: Set<String> = []
        var mentioned: Set<[UInt8]> = []
        var unknown: [FlagMention] = []

        init(keys: Set<[UInt8]>, names: [String: [[UInt8]]]) {
            self.keys = keys
            self.names = names
        }

        mutating func addDeclaredNames(_ tokens: [SwiftToken]) {
            for (token, next) in zip(tokens, tokens.dropFirst()) {
                if token.isWord("let") || token.isWord("var") || token.isWord("func") || token.isWord("case"),
                    let name = next.word
                {
                    declaredNames.insert(name)
                }
            }
        }

        mutating func read(_ tokens: [SwiftToken], _ source: SourceText) {
            var places = LinePlaces(source.bytes)
            func report(_ form: FlagMention.Form, _ text: String, _ removedKey: String?, _ token: SwiftToken) {
                let place = places.place(of: token.range.lowerBound)
                unknown.append(
                    FlagMention(
                        form: form, text: text, removedKey: removedKey, file: source.name, line: place.line,
                        column: place.column))
            }
            for index in tokens.indices {
                let token = tokens[index]
                if let text = token.string {
                    let key = Array(text.utf8)
                    if keys.contains(key) {
                        mentioned.insert(key)
                    } else if Self.isKeyArgument(tokens, index) {
                        report(.key, text, nil, token)
                    }
                } else if let name = token.word, index > 0, tokens[index - 1].isSymbol(".") {
                    guard let isFlag = Self.flagMember(tokens, index) else { continue }
                    if let keys = names[name] {
                        mentioned.formUnion(keys)
                    } else if let key = removedNames[name], !declaredNames.contains(name) {
                        report(.name, name, key, token)
                    } else if isFlag, !declaredNames.contains(name), !Self.builtIn.contains(name) {
                        report(.name, name, nil, token)
                    }
                }
            }
        }

        /// Members that are not names of settings.
        private static let builtIn: Set<String> = ["init", "self", "Type"]

        /// Returns whether a string is the key in `getValue(for: "key"`, `getValueDetails(for: "key"` or
        /// `("key", defaultValue:`.
        private static func isKeyArgument(_ tokens: [SwiftToken], _ index: Int) -> Bool {
            func token(_ offset: Int) -> SwiftToken? {
                tokens.indices.contains(index + offset) ? tokens[index + offset] : nil
            }
            if token(-1)?.isSymbol(":") == true, token(-2)?.isWord("for") == true, token(-3)?.isSymbol("(") == true,
                let callee = token(-4)?.word
            {
                return callee == "getValue" || callee == "getValueDetails"
            }
            return token(-1)?.isSymbol("(") == true && token(1)?.isSymbol(",") == true
                && token(2)?.isWord("defaultValue") == true && token(3)?.isSymbol(":") == true
        }

        /// Returns whether the word after a dot is certainly the name of a declared setting; nil if it is a member of a
        /// value, such as `array.count`.
        private static func flagMember(_ tokens: [SwiftToken], _ index: Int) -> Bool? {
            let dot = index - 1
            guard dot > 0 else { return false }
            let before = tokens[dot - 1]
            switch before.kind {
            case .word(let word):
                // A keyword, as in `return .newCheckout`, is followed by a space.
                if word == "FeatureFlag" { return true }
                return before.range.upperBound < tokens[dot].range.lowerBound ? false : nil
            case .string, .number: return nil
            case .symbol(let symbol):
                switch symbol {
                case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): return nil
                case UInt8(ascii: "?"), UInt8(ascii: "!"):
                    return before.range.upperBound < tokens[dot].range.lowerBound ? false : nil
                case UInt8(ascii: ">"): return isGenericFlag(tokens, before: dot)
                case UInt8(ascii: ":"): return isArgumentOf(tokens, dot)
                default: return false
                }
            }
        }

        /// Returns whether `FeatureFlag<Bool>` is before the dot.
        private static func isGenericFlag(_ tokens: [SwiftToken], before dot: Int) -> Bool {
            dot >= 4 && tokens[dot - 3].isSymbol("<") && tokens[dot - 4].isWord("FeatureFlag")
        }

        /// Returns whether `value(of:` is before the dot.
        private static func isArgumentOf(_ tokens: [SwiftToken], _ dot: Int) -> Bool {
            dot >= 4 && tokens[dot - 2].isWord("of") && tokens[dot - 3].isSymbol("(")
                && tokens[dot - 4].isWord("value")
        }
    }
}

/// The lines of a file, for places that are asked for from the beginning to the end.
private struct LinePlaces {
    private let bytes: [UInt8]
    private var offset = 0
    private var line = 1
    private var lineStart = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func place(of target: Int) -> (line: Int, column: Int) {
        // Tokens of an interpolation come before the string that contains them.
        if target < offset { (offset, line, lineStart) = (0, 1, 0) }
        while offset < min(target, bytes.count) {
            if bytes[offset] == 0x0A {
                line += 1
                lineStart = offset + 1
            }
            offset += 1
        }
        return (line, target - lineStart + 1)
    }
}
