extension ConfigCatUser {
    /// Creates a user from a value that can be encoded, such as the account of a request.
    ///
    ///     struct Account: Encodable {
    ///         var id: UUID
    ///         var email: String
    ///         var plan: String
    ///         var groups: [String]
    ///     }
    ///     let user = try ConfigCatUser(encoding: account)
    ///
    /// The member `identifier`, `Identifier` or `id`, the first that is present, becomes ``identifier``; `email` or
    /// `Email` becomes ``email``, `country` or `Country` becomes ``country``. All other members become custom attributes
    /// of the same name, in the order in which they are encoded:
    ///
    /// - strings, `Int`s, floating-point numbers, `Date`s and arrays of strings unchanged
    /// - Booleans as `"true"` and `"false"`, `Data` in base64, a `URL` as its string
    /// - a `Decimal`, and an integer that does not fit into an `Int`, as the string of its digits, which is exact
    /// - objects and other arrays as JSON, with dates in ISO 8601
    ///
    /// Members that are nil are left out.
    ///
    /// - Parameters:
    ///   - value: The value. It has to encode an object: a structure, a class or a dictionary.
    ///   - identifier: The identifier; nil takes it from the value. If it is given, `identifier` and `id` become custom
    ///     attributes.
    /// - Throws: ``UserAttributesError`` if there is no identifier, if a predefined attribute has a wrong type, if the
    ///   value does not encode an object, or if it is nested more than 32 levels deep; and any error that the value throws.
    public init(encoding value: some Encodable, identifier: String? = nil) throws {
        let encoded = EncodedAttribute()
        try encoded.set(value, at: [])
        try self.init(encoded, identifier)
    }

    /// Creates a user from attributes of any type, such as the claims of a token.
    ///
    ///     let user = try ConfigCatUser(attributes: ["id": 4711, "email": "jane@example.com", "plan": "Pro"])
    ///
    /// The attributes are mapped as ``init(encoding:identifier:)`` maps members, sorted by name. A value that is not
    /// `Encodable` becomes its description.
    ///
    /// - Parameters:
    ///   - attributes: The attributes by name.
    ///   - identifier: The identifier; nil takes it from the attributes.
    /// - Throws: ``UserAttributesError`` if there is no identifier, if a predefined attribute has a wrong type, or if a
    ///   value is nested more than 32 levels deep; and any error that an `Encodable` value throws.
    public init(attributes: [String: any Sendable], identifier: String? = nil) throws {
        let encoded = EncodedAttribute()
        try encoded.set(attributes, at: [])
        try self.init(encoded, identifier)
    }

    private init(_ encoded: EncodedAttribute, _ identifier: String?) throws {
        try encoded.checkDepth()
        guard case .object(var members) = encoded.content else {
            throw UserAttributesError(
                message: "a user is an object with an identifier, but the value is encoded as \(encoded.kind)")
        }
        func take(_ names: String...) -> (name: String, value: EncodedAttribute)? {
            for name in names {
                guard let index = members.lastIndex(where: { $0.name == name && !$0.value.isNil }) else { continue }
                return members.remove(at: index)
            }
            return nil
        }
        func takeString(_ names: String...) throws -> String? {
            guard let found = take(names[0], names[1]) else { return nil }
            guard case .value(.string(let text)) = found.value.content else {
                throw UserAttributesError(message: "the attribute '\(found.name)' is \(found.value.kind), not a string")
            }
            return text
        }
        var identifier = identifier
        if identifier == nil {
            guard let found = take("identifier", Self.idKey, "id") else {
                throw UserAttributesError(
                    message: "the user has no identifier: neither a member 'identifier' or 'id', nor a parameter")
            }
            switch found.value.content {
            case .value(.string(let text)), .digits(let text): identifier = text
            case .value(.int(let number)): identifier = String(number)
            default:
                throw UserAttributesError(
                    message: "the attribute '\(found.name)' is \(found.value.kind), not a string or a whole number")
            }
        }
        guard let identifier, !identifier.isEmpty else {
            throw UserAttributesError(message: "the user's identifier is an empty string")
        }
        let email = try takeString("email", Self.emailKey)
        let country = try takeString("country", Self.countryKey)
        self.init(identifier: identifier, email: email, country: country, custom: Attributes(members))
    }
}

extension ConfigCatUser.Attributes {
    /// Creates attributes from a value that encodes an object. All members are custom attributes, whatever their names.
    ///
    /// - Parameter value: The value.
    /// - Throws: ``UserAttributesError`` if the value does not encode an object, or is nested too deep; and any error that
    ///   the value throws.
    package init(encoding value: some Encodable) throws {
        let encoded = EncodedAttribute()
        try encoded.set(value, at: [])
        try encoded.checkDepth()
        guard case .object(let members) = encoded.content else {
            throw UserAttributesError(message: "attributes are an object, but the value is encoded as \(encoded.kind)")
        }
        self.init(members)
    }

    fileprivate init(_ members: [(name: String, value: EncodedAttribute)]) {
        self.init(
            members.lazy.compactMap { member in
                member.value.attributeValue.map { (name: member.name, value: $0) }
            })
    }
}

/// An error that says why a value is not a user.
///
///     do {
///         user = try ConfigCatUser(encoding: account)
///     } catch let error as UserAttributesError {
///         logger.warning("\(error)")
///     }
public struct UserAttributesError: Error, Sendable, CustomStringConvertible {
    /// What is wrong, and where. It contains names of attributes, and no values.
    public let message: String

    /// The message.
    public var description: String { message }
}
