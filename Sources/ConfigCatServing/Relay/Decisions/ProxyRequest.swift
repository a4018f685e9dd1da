import ConfigCatEvaluation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A request for evaluation in the form of ConfigCat's Proxy: `{"key", "user"}`
/// (https://configcat.com/docs/advanced/proxy/endpoints).
///
/// The user is a flat object. `Identifier`, `Email` and `Country` are the predefined attributes, all others are custom
/// ones: strings, numbers or arrays of strings. An attribute that is `null` is the same as no attribute. Work and memory are
/// proportional to the length of the JSON, which the server limits.
struct ProxyRequest: Sendable {
    /// The setting's key; nil if the request has none.
    let key: String?
    /// The user; nil if the request has none, or one without attributes.
    let user: ConfigCatUser?

    /// Creates a request for all settings without a user.
    init() { (key, user) = (nil, nil) }

    /// Creates a request from JSON. Members with other names are ignored.
    ///
    /// - Parameter json: The JSON.
    /// - Throws: ``InvalidRequest`` if it is not such an object.
    init(json: [UInt8]) throws(InvalidRequest) {
        guard !json.isEmpty else { throw InvalidRequest("The body is empty.") }
        let document: JSONDocument
        do {
            document = try JSONDocument(json)
        } catch {
            throw InvalidRequest("The request is not JSON: \(error).")
        }
        guard document.kind(of: document.root) == .object else { throw InvalidRequest("The request is not an object.") }
        if let node = document.member("key", of: document.root) {
            guard document.kind(of: node) == .string else { throw InvalidRequest("\"key\" is not a string.") }
            key = document.text(of: node)
        } else {
            key = nil
        }
        if let node = document.member("user", of: document.root) {
            user = try Self.user(node, in: document)
        } else {
            user = nil
        }
    }

    /// Creates a request from the part of a path that has it in Base64. The URL-safe alphabet and the usual one are
    /// accepted, with and without padding.
    ///
    /// - Parameter base64: The text.
    /// - Throws: ``InvalidRequest`` if it does not contain a request.
    init(base64: some StringProtocol) throws(InvalidRequest) {
        var text = ""
        for character in base64.utf8 where character != UInt8(ascii: "=") {
            switch character {
            case UInt8(ascii: "-"): text.append("+")
            case UInt8(ascii: "_"): text.append("/")
            default: text.unicodeScalars.append(Unicode.Scalar(character))
            }
        }
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: text) else { throw InvalidRequest("The data in the path is not Base64.") }
        try self.init(json: [UInt8](data))
    }

    private static func user(_ node: Int, in document: JSONDocument) throws(InvalidRequest) -> ConfigCatUser? {
        guard document.kind(of: node) == .object else { throw InvalidRequest("\"user\" is not an object.") }
        var members: [(name: Int, value: Int)] = []
        document.forEachMember(of: node) { members.append(($0, $1)) }
        var identifier: String?
        var email: String?
        var country: String?
        var custom = ConfigCatUser.Attributes()
        var isEmpty = true
        for member in members where document.kind(of: member.value) != .null {
            let name = document.text(of: member.name)
            let value = try attribute(name, member.value, in: document)
            isEmpty = false
            switch name {
            case ConfigCatUser.idKey: identifier = value.text
            case ConfigCatUser.emailKey: email = value.text
            case ConfigCatUser.countryKey: country = value.text
            default: custom[name] = value
            }
        }
        if isEmpty { return nil }
        return ConfigCatUser(identifier: identifier ?? "", email: email, country: country, custom: custom)
    }

    private static func attribute(
        _ name: String, _ node: Int, in document: JSONDocument
    ) throws(InvalidRequest) -> ConfigCatUser.AttributeValue {
        switch document.kind(of: node) {
        case .string: return .string(document.text(of: node))
        case .number:
            if let integer = Int(document.text(of: node)) { return .int(integer) }
            if let number = document.double(of: node) { return .double(number) }
        case .array:
            if let strings = document.strings(of: node) { return .stringArray(strings) }
        case .true, .false, .object, .null: break
        }
        throw InvalidRequest(
            "The attribute \(JSONEscapes.quoted(name)) is not a string, a number or an array of strings.")
    }
}

/// An error that says why a request is not valid.
struct InvalidRequest: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
