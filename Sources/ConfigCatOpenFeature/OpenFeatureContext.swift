public import ConfigCatEvaluation

/// The evaluation context of OpenFeature, which becomes ConfigCat's user.
///
///     let context = OpenFeatureContext(targetingKey: "435170f4", attributes: ["email": "jane@example.com", "beta": true])
///     let user = try context.user()
///
/// | in the context | in the user |
/// |---|---|
/// | `targetingKey` | the identifier |
/// | `Email`, or else `email` | the attribute `Email` |
/// | `Country`, or else `country` | the attribute `Country` |
/// | all others, and `email` and `country` | custom attributes of the same name |
///
/// Without a targeting key, the identifier is the attribute `Identifier`, or else empty, as in ConfigCat's own providers. A
/// context without a targeting key and attributes is no user, so that the client's default user applies. Custom attributes
/// can be Booleans, which become the strings `true` and `false`; lists of strings; and any other list or structure, as a
/// string with its JSON. `null` is the same as no attribute.
public struct OpenFeatureContext: Sendable, Hashable {
    /// What identifies the user or session; nil if the context has none.
    public var targetingKey: String?
    /// The attributes.
    public var attributes: [String: OpenFeatureValue]

    /// Creates a context.
    ///
    /// - Parameters:
    ///   - targetingKey: What identifies the user or session.
    ///   - attributes: The attributes.
    public init(targetingKey: String? = nil, attributes: [String: OpenFeatureValue] = [:]) {
        self.targetingKey = targetingKey
        self.attributes = attributes
    }

    /// Creates a context from the form that it has in OFREP, where `targetingKey` is beside the attributes.
    ///
    /// - Parameter value: A structure; ``OpenFeatureValue/null`` is an empty context.
    /// - Throws: ``OpenFeatureError`` with the code `INVALID_CONTEXT` if the value is not a structure, or its targeting
    ///   key not a string.
    public init(_ value: OpenFeatureValue) throws(OpenFeatureError) {
        switch value {
        case .null: self.init()
        case .structure(var attributes):
            let targetingKey = try Self.text("targetingKey", attributes.removeValue(forKey: "targetingKey"))
            self.init(targetingKey: targetingKey, attributes: attributes)
        default: throw OpenFeatureError(.invalidContext, "the context is not an object")
        }
    }

    /// Creates a context from the body of an OFREP request: `{"context": {"targetingKey": …, …}}`.
    ///
    /// - Parameter body: The body. Without a context, the context is empty.
    /// - Throws: ``OpenFeatureError`` with the code `INVALID_CONTEXT` if the body is not such an object.
    public init(ofrepRequest body: String) throws(OpenFeatureError) {
        let request: OpenFeatureValue
        do {
            request = try OpenFeatureValue(json: body)
        } catch {
            throw OpenFeatureError(.invalidContext, "the body is not valid: \(error.message)")
        }
        guard case .structure(let members) = request else {
            throw OpenFeatureError(.invalidContext, "the body is not a JSON object")
        }
        try self.init(members["context"] ?? .null)
    }

    /// Returns the user that the context describes.
    ///
    /// - Returns: The user; nil if the context has neither a targeting key nor attributes.
    /// - Throws: ``OpenFeatureError`` with the code `INVALID_CONTEXT` if an attribute that has to be a string is not, or
    ///   an attribute is nested more than 100 levels deep.
    public func user() throws(OpenFeatureError) -> ConfigCatUser? {
        if targetingKey == nil, attributes.allSatisfy({ $0.value == .null }) { return nil }
        let email = try Self.predefined(ConfigCatUser.emailKey, "email", attributes)
        let country = try Self.predefined(ConfigCatUser.countryKey, "country", attributes)
        let identifier =
            if let targetingKey { targetingKey } else {
                try Self.text(ConfigCatUser.idKey, attributes[ConfigCatUser.idKey]) ?? ""
            }
        var custom: [(name: String, value: ConfigCatUser.AttributeValue)] = []
        custom.reserveCapacity(attributes.count)
        for (name, value) in attributes {
            switch name {
            case ConfigCatUser.idKey, ConfigCatUser.emailKey, ConfigCatUser.countryKey: continue
            default: if let attribute = try Self.attribute(name, value) { custom.append((name, attribute)) }
            }
        }
        // A dictionary has no order.
        custom.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return ConfigCatUser(
            identifier: identifier, email: email, country: country, custom: ConfigCatUser.Attributes(custom))
    }

    /// Returns an attribute under ConfigCat's name, or else under the usual one.
    private static func predefined(
        _ name: String, _ other: String, _ attributes: [String: OpenFeatureValue]
    ) throws(OpenFeatureError) -> String? {
        if let text = try text(name, attributes[name]) { return text }
        return try text(other, attributes[other])
    }

    private static func text(_ name: String, _ value: OpenFeatureValue?) throws(OpenFeatureError) -> String? {
        switch value {
        case nil, .null: nil
        case .string(let text): text
        default: throw OpenFeatureError(.invalidContext, "the attribute \"\(name)\" is not a string")
        }
    }

    /// Returns a custom attribute; nil for `null`.
    private static func attribute(
        _ name: String, _ value: OpenFeatureValue
    ) throws(OpenFeatureError) -> ConfigCatUser.AttributeValue? {
        switch value {
        case .null: return nil
        case .boolean(let value): return .string(value ? "true" : "false")
        case .string(let text): return .string(text)
        case .integer(let number): return .int(number)
        case .double(let number): return .double(number)
        case .date(let date): return .date(date)
        case .list, .structure:
            guard value.isShallow() else {
                throw OpenFeatureError(
                    .invalidContext,
                    "the attribute \"\(name)\" is nested more than \(OpenFeatureValue.maximumDepth) levels deep")
            }
            return value.strings.map { .stringArray($0) } ?? .string(value.json)
        }
    }
}

extension OpenFeatureValue {
    /// The elements of a list of strings; nil for any other value.
    fileprivate var strings: [String]? {
        guard case .list(let values) = self else { return nil }
        var strings: [String] = []
        strings.reserveCapacity(values.count)
        for value in values {
            guard case .string(let text) = value else { return nil }
            strings.append(text)
        }
        return strings
    }
}
