#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A value that was encoded: a member of a user, or a part of one.
final class EncodedAttribute {
    enum Content {
        /// Nothing was encoded, or nil.
        case none
        case bool(Bool)
        case value(ConfigCatUser.AttributeValue)
        /// A number that neither `Int` nor `Double` can represent.
        case digits(String)
        case array([EncodedAttribute])
        case object([(name: String, value: EncodedAttribute)])
    }

    /// The depth of the deepest value, where the attributes of a user have the depth 1. Each level takes some of the stack,
    /// and objects that refer to each other would be encoded for ever.
    static let maximumDepth = 32

    var content = Content.none
    /// The error of a part that is nested too deep and is not kept. Containers cannot throw it.
    private var depthError: UserAttributesError?

    var isNil: Bool { if case .none = content { true } else { false } }

    /// The kind of the value, for messages.
    var kind: String {
        switch content {
        case .none: "nil"
        case .bool: "a Boolean"
        case .value(.string): "a string"
        case .value(.date): "a date"
        case .value(.stringArray), .array: "an array"
        case .value(.int), .value(.double), .digits: "a number"
        case .object: "an object"
        }
    }

    /// The value as an attribute of a user; nil if there is none.
    var attributeValue: ConfigCatUser.AttributeValue? {
        switch content {
        case .none: nil
        case .bool(let value): .string(value ? "true" : "false")
        case .value(let value): value
        case .digits(let text): .string(text)
        case .array(let elements): strings(elements).map { .stringArray($0) } ?? .string(json)
        case .object: .string(json)
        }
    }

    private func strings(_ elements: [EncodedAttribute]) -> [String]? {
        var strings: [String] = []
        for element in elements {
            guard case .value(.string(let text)) = element.content else { return nil }
            strings.append(text)
        }
        return strings
    }

    /// The value as JSON.
    var json: String {
        switch content {
        case .none: "null"
        case .bool(let value): value ? "true" : "false"
        case .value(let value): value.json
        case .digits(let text): text
        case .array(let elements): "[" + elements.map(\.json).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { JSONEscapes.quoted($0.name) + ":" + $0.value.json }.joined(separator: ",") + "}"
        }
    }

    /// Encodes a value.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - path: The names and indices that lead to it, for messages.
    /// - Throws: ``UserAttributesError`` if the value is nested too deep; and any error that the value throws.
    func set(_ value: Any, at path: [any CodingKey]) throws {
        if let error = Self.depthError(path) { throw error }
        switch value {
        case let value as String: content = .value(.string(value))
        case let value as Bool: content = .bool(value)
        case let value as Int: content = .value(.int(value))
        case let value as Double: content = .value(.double(value))
        case let value as any BinaryInteger:
            content = Int(exactly: value).map { .value(.int($0)) } ?? .digits(String(describing: value))
        case let value as any BinaryFloatingPoint: content = .value(.init(value))
        case let value as Decimal:
            content = value.isNaN ? .value(.string("NaN")) : .digits(value.description)
        case let value as Date: content = .value(.date(value))
        case let value as URL: content = .value(.string(value.absoluteString))
        case let value as Data: content = .value(.string(value.base64EncodedString()))
        case let value as ConfigCatUser.AttributeValue: content = .value(value)
        case let value as [String: any Sendable]:
            content = .object(
                try value.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                    .map { (name: $0.key, value: try Self.encoded($0.value, at: path + [Key($0.key)])) })
        case let value as [any Sendable]:
            content = .array(
                try value.enumerated().map { try Self.encoded($0.element, at: path + [Key($0.offset)]) })
        case let value as any Encodable: try value.encode(to: AttributeEncoder(target: self, codingPath: path))
        default:
            let mirror = Mirror(reflecting: value)
            let isNil = mirror.displayStyle == .optional && mirror.children.isEmpty
            content = isNil ? .none : .value(.string(String(describing: value)))
        }
    }

    /// Returns the encoder of a part of a value that is encoded. The parts of one that is nested too deep are not kept.
    ///
    /// - Parameters:
    ///   - part: The part.
    ///   - path: The names and indices that lead to it.
    /// - Returns: The encoder.
    static func encoder(_ part: EncodedAttribute, at path: [any CodingKey]) -> AttributeEncoder {
        guard let error = depthError(path) else { return AttributeEncoder(target: part, codingPath: path) }
        part.depthError = error
        return AttributeEncoder(target: EncodedAttribute(), codingPath: path.dropLast())
    }

    /// Checks that no part was nested too deep.
    ///
    /// - Throws: ``UserAttributesError`` if there is one.
    func checkDepth() throws {
        if let depthError { throw depthError }
        switch content {
        case .array(let elements): for element in elements { try element.checkDepth() }
        case .object(let members): for member in members { try member.value.checkDepth() }
        case .none, .bool, .value, .digits: break
        }
    }

    private static func depthError(_ path: [any CodingKey]) -> UserAttributesError? {
        if path.count <= maximumDepth { return nil }
        let start = path.prefix(4).map(\.stringValue).joined(separator: ".")
        return UserAttributesError(
            message: "the attribute '\(start)…' is nested more than \(maximumDepth) levels deep")
    }

    private static func encoded(_ value: Any, at path: [any CodingKey]) throws -> EncodedAttribute {
        let encoded = EncodedAttribute()
        try encoded.set(value, at: path)
        return encoded
    }

    /// Adds a member, and makes the value an object if it is not one.
    func add(_ name: String) -> EncodedAttribute {
        let member = EncodedAttribute()
        if case .object(var members) = content {
            content = .none
            members.append((name, member))
            content = .object(members)
        } else {
            content = .object([(name, member)])
        }
        return member
    }

    /// Adds an element, and makes the value an array if it is not one.
    func addElement() -> EncodedAttribute {
        let element = EncodedAttribute()
        if case .array(var elements) = content {
            content = .none
            elements.append(element)
            content = .array(elements)
        } else {
            content = .array([element])
        }
        return element
    }

    /// A name or an index in a path.
    struct Key: CodingKey {
        let stringValue: String
        let intValue: Int?

        init(_ name: String) { (stringValue, intValue) = (name, nil) }
        init(_ index: Int) { (stringValue, intValue) = (String(index), index) }
        init(stringValue: String) { self.init(stringValue) }
        init(intValue: Int) { self.init(intValue) }
    }
}
