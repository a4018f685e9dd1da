import ConfigCatEvaluation
import Configuration

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The settings of a server in a JSON file, for swift-configuration.
///
///     {"host": "0.0.0.0", "sdkKey": ["web=…", "shop=…"], "tls": {"certificate": "tls.crt", "key": "tls.key"}}
///
/// The package is built without swift-configuration's own JSON provider, because users of the SDK would build it, too.
enum SettingsFile {
    /// Reads a file.
    ///
    /// - Throws: ``DeclarationError``, which says what is wrong and where.
    static func provider(path: String) throws(DeclarationError) -> InMemoryProvider {
        let bytes: Data
        do { bytes = try Data(contentsOf: URL(filePath: path)) } catch {
            throw DeclarationError("\(path): the file cannot be read: \(error)")
        }
        let document: JSONDocument
        do { document = try JSONDocument(Array(bytes)) } catch { throw DeclarationError("\(path): \(error)") }
        guard document.kind(of: document.root) == .object else { throw DeclarationError("\(path): not a JSON object") }
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        try add(document.root, of: document, at: [], to: &values, path)
        return InMemoryProvider(name: "settings file", values: values)
    }

    private static func add(
        _ object: Int, of document: JSONDocument, at place: [String], to values: inout [AbsoluteConfigKey: ConfigValue],
        _ path: String
    ) throws(DeclarationError) {
        var members: [(name: String, value: Int)] = []
        document.forEachMember(of: object) { members.append((document.text(of: $0), $1)) }
        for (name, value) in members {
            let key = place + [name]
            guard SettingName.isPrefix(key) else {
                throw DeclarationError("\(path): there is no setting '\(key.joined(separator: "."))'")
            }
            switch document.kind(of: value) {
            case .null: continue
            case .object: try add(value, of: document, at: key, to: &values, path)
            case .array:
                guard let strings = document.strings(of: value) else {
                    throw DeclarationError("\(path): '\(key.joined(separator: "."))' is not an array of strings")
                }
                values[AbsoluteConfigKey(key)] = ConfigValue(.stringArray(strings), isSecret: true)
            // Everything else is read from its text, as environment variables and arguments are.
            case .true: values[AbsoluteConfigKey(key)] = ConfigValue(.string("true"), isSecret: false)
            case .false: values[AbsoluteConfigKey(key)] = ConfigValue(.string("false"), isSecret: false)
            case .string, .number:
                values[AbsoluteConfigKey(key)] = ConfigValue(.string(document.text(of: value)), isSecret: true)
            }
        }
    }
}
