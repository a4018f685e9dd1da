import ConfigCatEvaluation

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A value in the terms of OpenFeature: of a flag, or of an attribute of an evaluation context.
public enum OpenFeatureValue: Sendable, Hashable {
    /// A Boolean.
    case boolean(Bool)
    /// A string.
    case string(String)
    /// A whole number.
    case integer(Int)
    /// A floating-point number.
    case double(Double)
    /// A time. In JSON, it is a string in ISO 8601.
    case date(Date)
    /// Values in order.
    case list([OpenFeatureValue])
    /// Values by name.
    case structure([String: OpenFeatureValue])
    /// No value.
    case null

    /// Creates the value of a setting: a `Bool`, `String`, `Int` or `Double`; any other becomes its description.
    init(setting value: any Sendable) {
        switch value {
        case let value as Bool: self = .boolean(value)
        case let value as Int: self = .integer(value)
        case let value as Double: self = .double(value)
        case let value as String: self = .string(value)
        default: self = .string("\(value)")
        }
    }
}

extension OpenFeatureValue {
    /// Creates a value from JSON. Whole numbers become ``integer(_:)`` if they are written without a fraction.
    ///
    /// - Parameter json: The JSON.
    /// - Throws: ``OpenFeatureError`` with the code `PARSE_ERROR` if the string is not JSON, or is nested more than 100
    ///   levels deep.
    public init(json: String) throws(OpenFeatureError) {
        do {
            let document = try JSONDocument(Array(json.utf8))
            self = try Self(document.root, in: document, depth: 0)
        } catch let error as OpenFeatureError {
            throw error
        } catch {
            throw OpenFeatureError(.parseError, "\(error)")
        }
    }

    /// The number of levels of lists and structures that are accepted.
    static let maximumDepth = 100

    init(_ node: Int, in document: JSONDocument, depth: Int) throws(OpenFeatureError) {
        guard depth <= Self.maximumDepth else {
            throw OpenFeatureError(.parseError, "the JSON is nested more than \(Self.maximumDepth) levels deep")
        }
        switch document.kind(of: node) {
        case .null: self = .null
        case .true: self = .boolean(true)
        case .false: self = .boolean(false)
        case .string: self = .string(document.text(of: node))
        case .number:
            let text = document.text(of: node)
            self = Int(text).map { .integer($0) } ?? .double(document.double(of: node) ?? .nan)
        case .array:
            var elements: [Int] = []
            document.forEachElement(of: node) { elements.append($0) }
            var values: [OpenFeatureValue] = []
            for element in elements { values.append(try Self(element, in: document, depth: depth + 1)) }
            self = .list(values)
        case .object:
            var members: [(name: Int, value: Int)] = []
            document.forEachMember(of: node) { members.append(($0, $1)) }
            var values: [String: OpenFeatureValue] = [:]
            for (name, value) in members {
                values[document.text(of: name)] = try Self(value, in: document, depth: depth + 1)
            }
            self = .structure(values)
        }
    }
}

extension OpenFeatureValue {
    /// The value as JSON, without white space, and with the members of structures sorted by name. A number that is not
    /// finite becomes `null`, and so does what is nested more than 100 levels deep.
    public var json: String {
        var text = ""
        appendJSON(to: &text)
        return text
    }

    /// Appends the value as ``json``.
    func appendJSON(to text: inout String, depth: Int = 0) {
        guard depth <= Self.maximumDepth else {
            text += "null"
            return
        }
        switch self {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .double(let value): text += value.isFinite ? value.description : "null"
        case .string(let value): JSONEscapes.appendQuoted(value, to: &text)
        case .date(let date): JSONEscapes.appendQuoted(ISO8601.string(date.timeIntervalSince1970), to: &text)
        case .list(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                value.appendJSON(to: &text, depth: depth + 1)
            }
            text += "]"
        case .structure(let values):
            text += "{"
            let members = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                JSONEscapes.appendQuoted(member.key, to: &text)
                text += ":"
                member.value.appendJSON(to: &text, depth: depth + 1)
            }
            text += "}"
        }
    }

    /// Whether lists and structures are nested at most as deep as is accepted.
    func isShallow(depth: Int = 0) -> Bool {
        guard depth <= Self.maximumDepth else { return false }
        return switch self {
        case .list(let values): values.allSatisfy { $0.isShallow(depth: depth + 1) }
        case .structure(let values): values.values.allSatisfy { $0.isShallow(depth: depth + 1) }
        default: true
        }
    }
}

extension OpenFeatureValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    /// Creates a ``string(_:)``.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Creates an ``integer(_:)``.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// Creates a ``double(_:)``.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Creates a ``boolean(_:)``.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    /// Creates a ``list(_:)``.
    public init(arrayLiteral elements: OpenFeatureValue...) { self = .list(elements) }
    /// Creates a ``structure(_:)``. If several elements have the same name, the last value is used.
    public init(dictionaryLiteral elements: (String, OpenFeatureValue)...) {
        self = .structure(Dictionary(elements) { _, last in last })
    }
    /// Creates a ``null``.
    public init(nilLiteral: ()) { self = .null }
}
