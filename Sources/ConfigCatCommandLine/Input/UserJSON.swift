package import ConfigCatEvaluation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Users as JSON: `{"Identifier", "Email"?, "Country"?, "custom"?}`.
///
/// Custom attributes are strings, numbers or arrays of strings; `{"date": seconds}` is a Date (Unix time), and
/// `{"number": "NaN"}` is a number that JSON cannot represent.
package enum UserJSON {
    /// Returns the user in a JSON string; nil for `null`.
    ///
    /// - Throws: ``InputError`` if the string is not JSON, or does not describe a user.
    package static func user(json: String) throws(InputError) -> ConfigCatUser? {
        let document: JSONDocument
        do {
            document = try JSONDocument(Array(json.utf8))
        } catch {
            throw InputError("not JSON: \(error)")
        }
        return try user(document.root, in: document)
    }

    /// Returns the user in a node of a document; nil for `null`.
    ///
    /// - Throws: ``InputError`` if the node does not describe a user.
    package static func user(_ node: Int, in document: JSONDocument) throws(InputError) -> ConfigCatUser? {
        if document.kind(of: node) == .null { return nil }
        guard document.kind(of: node) == .object else { throw InputError("the user is not a JSON object") }
        var members: [(name: String, value: Int)] = []
        document.forEachMember(of: node) { members.append((document.text(of: $0), $1)) }
        var identifier: String?
        var email: String?
        var country: String?
        var custom: [(name: String, value: ConfigCatUser.AttributeValue)] = []
        for (name, value) in members where document.kind(of: value) != .null {
            switch name {
            case ConfigCatUser.idKey: identifier = try text(value, name, in: document)
            case ConfigCatUser.emailKey: email = try text(value, name, in: document)
            case ConfigCatUser.countryKey: country = try text(value, name, in: document)
            case "custom": custom = try attributes(value, in: document)
            default:
                throw InputError("unknown member '\(name)'; custom attributes belong in \"custom\"")
            }
        }
        guard let identifier else { throw InputError("\"Identifier\" is missing") }
        return ConfigCatUser(
            identifier: identifier, email: email, country: country, custom: ConfigCatUser.Attributes(custom))
    }

    private static func text(_ node: Int, _ name: String, in document: JSONDocument) throws(InputError) -> String {
        guard document.kind(of: node) == .string else { throw InputError("\"\(name)\" is not a string") }
        return document.text(of: node)
    }

    private static func attributes(
        _ node: Int, in document: JSONDocument
    ) throws(InputError) -> [(name: String, value: ConfigCatUser.AttributeValue)] {
        guard document.kind(of: node) == .object else { throw InputError("\"custom\" is not an object") }
        var members: [(name: Int, value: Int)] = []
        document.forEachMember(of: node) { members.append(($0, $1)) }
        var attributes: [(name: String, value: ConfigCatUser.AttributeValue)] = []
        for member in members where document.kind(of: member.value) != .null {
            let name = document.text(of: member.name)
            guard let value = attribute(member.value, in: document) else {
                throw InputError(
                    "the attribute \"\(name)\" is not a string, a number, an array of strings, {\"date\": seconds} or "
                        + "{\"number\": \"NaN\" | \"Infinity\" | \"-Infinity\"}")
            }
            attributes.append((name, value))
        }
        return attributes
    }

    private static func attribute(_ node: Int, in document: JSONDocument) -> ConfigCatUser.AttributeValue? {
        switch document.kind(of: node) {
        case .string:
            return .string(document.text(of: node))
        case .number:
            // `5.0` is a Double, as it is in Swift.
            if let integer = Int(document.text(of: node)) { return .int(integer) }
            return document.double(of: node).map { .double($0) }
        case .array:
            return document.strings(of: node).map { .stringArray($0) }
        case .object:
            if let date = document.member("date", of: node), let seconds = document.double(of: date) {
                return .date(Date(timeIntervalSince1970: seconds))
            }
            if let number = document.member("number", of: node), document.kind(of: number) == .string {
                return DecimalFormat.double(attribute: document.text(of: number)).map { .double($0) }
            }
            return nil
        case .true, .false, .null:
            return nil
        }
    }
}

/// An error in the user's input.
package struct InputError: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
