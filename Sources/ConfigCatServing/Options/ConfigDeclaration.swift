import ConfigCat

/// A config to serve, as an option or an environment variable declares it: `flags.json`, `shop=flags.json`, an SDK key, or
/// `shop=` and an SDK key.
package struct ConfigDeclaration: Sendable, Hashable {
    package let id: String
    package let origin: ServedConfig.Origin

    /// Reads a declaration of a file. Its ID is the file's name without extension, unless it is given.
    ///
    /// - Throws: ``DeclarationError`` if the ID or the path is empty or invalid.
    package init(file text: String) throws(DeclarationError) {
        let (id, path) = Self.split(text)
        guard !path.isEmpty else { throw DeclarationError("the file's path is empty") }
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        let derived = String(stem.map { Self.isAllowed($0) ? $0 : "-" }.prefix(Self.idLimit))
        self.id = try Self.checked(id ?? (derived.isEmpty ? "flags" : derived))
        origin = .file(path: path)
    }

    /// Reads a declaration of an SDK key. Its ID is `default`, unless it is given.
    ///
    /// - Throws: ``DeclarationError``, which does not quote the SDK key, if it or the ID is empty or invalid.
    package init(sdkKey text: String) throws(DeclarationError) {
        let (id, key) = Self.split(text)
        guard !key.isEmpty else { throw DeclarationError("the SDK key is empty") }
        self.id = try Self.checked(id ?? "default")
        origin = .client(sdkKey: key)
    }

    private static let idLimit = 64

    /// Splits `ID=REST`. A path such as `./a=b` has no ID, because an ID has no slash.
    private static func split(_ text: String) -> (id: String?, rest: String) {
        guard let equals = text.firstIndex(of: "="), !text[..<equals].contains("/") else { return (nil, text) }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    private static func checked(_ id: String) throws(DeclarationError) -> String {
        guard !id.isEmpty, id.utf8.count <= idLimit, id.allSatisfy(isAllowed), id != ".", id != ".." else {
            throw DeclarationError(
                "the ID has to be 1 to \(idLimit) of the characters A to Z, a to z, 0 to 9, _, - and .")
        }
        return id
    }

    private static func isAllowed(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "_-.".contains(character))
    }
}

/// The reason why a server cannot be started or changed as declared.
package struct DeclarationError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
