package import ConfigCatEvaluation

/// Default values and descriptions in OpenFeature's manifest format:
/// `{"flags": {key: {"flagType", "defaultValue", "description"}}}`.
///
/// The format: https://github.com/open-feature/cli/blob/main/schema/v0/flag-manifest.json
package struct FlagManifest: Sendable {
    package struct Flag: Sendable {
        package var key: String
        package var defaultValue: SettingValue
        package var description: String?
        /// The place of the key in the file.
        var offset = 0

        package init(key: String, defaultValue: SettingValue, description: String?) {
            self.key = key
            self.defaultValue = defaultValue
            self.description = description
        }
    }

    package var flags: [Flag]

    package init(_ flags: [Flag]) { self.flags = flags }

    /// Reads a manifest. Members that the format does not define are ignored.
    ///
    /// - Throws: ``GenerationError`` with the place of each error.
    package init(_ source: SourceText) throws(GenerationError) {
        let document: JSONDocument
        do { document = try source.document() } catch { throw GenerationError([error]) }
        guard let flags = document.member("flags", of: document.root), document.kind(of: flags) == .object else {
            throw GenerationError([source.diagnostic("not a manifest: \"flags\" is not an object", at: 0)])
        }
        var members: [(name: Int, value: Int)] = []
        document.forEachMember(of: flags) { members.append(($0, $1)) }
        self.flags = []
        var errors: [SourceDiagnostic] = []
        for member in members where errors.count < FlagGeneration.maximumDiagnostics {
            do {
                self.flags.append(try Self.flag(member.name, member.value, document))
            } catch {
                errors.append(source.diagnostic(error.message, at: error.offset))
            }
        }
        if !errors.isEmpty { throw GenerationError(errors) }
    }

    private struct Problem: Error {
        var message: String
        var offset: Int
    }

    private static func flag(_ name: Int, _ node: Int, _ document: JSONDocument) throws(Problem) -> Flag {
        let key = document.text(of: name)
        func problem(_ text: String, _ node: Int?) -> Problem {
            Problem(message: "flag '\(key)': \(text)", offset: document.start(of: node ?? name))
        }
        guard document.kind(of: node) == .object else { throw problem("it is not an object", node) }
        guard let typeNode = document.member("flagType", of: node), document.kind(of: typeNode) == .string else {
            throw problem("\"flagType\" is missing or not a string", document.member("flagType", of: node))
        }
        let typeName = document.text(of: typeNode)
        if typeName == "object" {
            throw problem("the flagType 'object' is not the type of any ConfigCat setting", typeNode)
        }
        guard let type = SettingType.allCases.first(where: { $0.manifestName == typeName }) else {
            throw problem("the flagType '\(typeName)' is not boolean, string, integer or float", typeNode)
        }
        guard let valueNode = document.member("defaultValue", of: node) else {
            throw problem("\"defaultValue\" is missing", nil)
        }
        guard let value = value(valueNode, type, document) else {
            throw problem("\"defaultValue\" is not of the flagType '\(typeName)'", valueNode)
        }
        let description = document.member("description", of: node)
        if let description, document.kind(of: description) != .string {
            throw problem("\"description\" is not a string", description)
        }
        var flag = Flag(key: key, defaultValue: value, description: description.map(document.text))
        flag.offset = document.start(of: name)
        return flag
    }

    private static func value(_ node: Int, _ type: SettingType, _ document: JSONDocument) -> SettingValue? {
        switch type {
        case .bool: document.bool(of: node).map { .bool($0) }
        case .string: document.kind(of: node) == .string ? .string(document.text(of: node)) : nil
        case .int: document.integer(of: node).map { .int($0) }
        case .double: document.double(of: node).flatMap { $0.isFinite ? .double($0) : nil }
        }
    }

    // MARK: - Writing

    /// Writes the manifest.
    ///
    /// - Parameter origin: What the manifest was made from; it is in `$comment`.
    /// - Returns: The manifest as JSON, in the order of the keys' bytes.
    package func json(from origin: String) -> String {
        let members = flags.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { flag in
            var lines = [
                "\"flagType\": \"\(flag.defaultValue.type.manifestName)\"",
                "\"defaultValue\": \(Self.json(flag.defaultValue))",
            ]
            if let description = flag.description {
                lines.append("\"description\": \(JSONEscapes.quoted(description))")
            }
            return "    \(JSONEscapes.quoted(flag.key)): {\n      \(lines.joined(separator: ",\n      "))\n    }"
        }
        let body = members.isEmpty ? "{}" : "{\n\(members.joined(separator: ",\n"))\n  }"
        return """
            {
              "$schema": "https://raw.githubusercontent.com/open-feature/cli/refs/heads/main/schema/v0/flag-manifest.json",
              "$comment": \(JSONEscapes.quoted(GeneratedHeader.text(from: origin))),
              "flags": \(body)
            }

            """
    }

    private static func json(_ value: SettingValue) -> String {
        switch value {
        case .bool(let bool): bool ? "true" : "false"
        case .string(let text): JSONEscapes.quoted(text)
        case .int(let int): String(int)
        // JSON has no infinite numbers. The greatest finite one is the nearest.
        case .double(let double):
            DecimalFormat.text(min(max(double, -.greatestFiniteMagnitude), .greatestFiniteMagnitude))
        }
    }

    /// Returns whether a file is a manifest that this generator wrote and nobody has taken over: it has the `$comment`.
    package static func isGenerated(_ bytes: [UInt8]) -> Bool {
        guard let document = try? JSONDocument(bytes), let comment = document.member("$comment", of: document.root),
            document.kind(of: comment) == .string
        else { return false }
        return GeneratedHeader.isHeader(document.text(of: comment))
    }
}

extension SettingType {
    /// The name of the type in a manifest.
    package var manifestName: String {
        switch self {
        case .bool: "boolean"
        case .string: "string"
        case .int: "integer"
        case .double: "float"
        }
    }
}
