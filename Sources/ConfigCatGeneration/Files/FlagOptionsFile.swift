import ConfigCatEvaluation

/// Options of the build tool plugin, which has no arguments: `{"accessLevel": "public"}`.
package struct FlagOptionsFile: Sendable {
    package var accessLevel: FlagAccessLevel?

    /// Reads the options.
    ///
    /// - Throws: ``GenerationError`` with the place of an unknown member or value.
    package init(_ source: SourceText) throws(GenerationError) {
        let document: JSONDocument
        do { document = try source.document() } catch { throw GenerationError([error]) }
        guard document.kind(of: document.root) == .object else {
            throw GenerationError([source.diagnostic("the options are not a JSON object", at: 0)])
        }
        var members: [(name: Int, value: Int)] = []
        document.forEachMember(of: document.root) { members.append(($0, $1)) }
        for (name, value) in members {
            guard document.isName(name, "accessLevel") else {
                let message = "unknown option '\(document.text(of: name))'; the only one is \"accessLevel\""
                throw GenerationError([source.diagnostic(message, at: document.start(of: name))])
            }
            guard document.kind(of: value) == .string,
                let level = FlagAccessLevel(rawValue: document.text(of: value))
            else {
                let message = "\"accessLevel\" is not \"internal\", \"package\" or \"public\""
                throw GenerationError([source.diagnostic(message, at: document.start(of: value))])
            }
            accessLevel = level
        }
    }
}
