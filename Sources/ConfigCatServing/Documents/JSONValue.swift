package import ConfigCatEvaluation

/// A JSON document as a tree that can be changed.
///
/// What is not changed keeps its meaning for every reader: members keep their order, also if a name occurs twice,
/// numbers keep their digits, and strings that UTF-8 cannot represent keep their escapes.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number, as it is written.
    case number(String)
    case string(String)
    /// A string with a lone surrogate, as it is written between its quotes. ``text`` is its value.
    case escaped(String)
    case array([JSONValue])
    case object(JSONObject)

    /// Parses a document.
    ///
    /// - Throws: `JSONParsingError` if it is not JSON, or nested deeper than `JSONDocument.maximumDepth`.
    package init(_ bytes: [UInt8]) throws(JSONParsingError) {
        let document = try JSONDocument(bytes)
        self.init(document.root, of: document)
    }

    /// Creates a value from a node of a document. The document's depth is limited, so recursion is too.
    package init(_ node: Int, of document: JSONDocument) {
        switch document.kind(of: node) {
        case .null: self = .null
        case .true: self = .bool(true)
        case .false: self = .bool(false)
        case .number: self = .number(document.text(of: node))
        case .string: self = Self.string(node, of: document)
        case .array:
            var elements: [JSONValue] = []
            document.forEachElement(of: node) { elements.append(JSONValue($0, of: document)) }
            self = .array(elements)
        case .object:
            var object = JSONObject()
            document.forEachMember(of: node) { name, value in
                object.members.append(
                    JSONObject.Member(name: Self.string(name, of: document), value: JSONValue(value, of: document)))
            }
            self = .object(object)
        }
    }

    private static func string(_ node: Int, of document: JSONDocument) -> JSONValue {
        let text = document.text(of: node)
        // `JSONDocument` replaces a lone surrogate by U+FFFD.
        if document.nodes[node].isEscaped, text.utf8.contains(0xEF), text.unicodeScalars.contains("\u{FFFD}") {
            return .escaped(String(decoding: document.bytes[document.nodes[node].range], as: UTF8.self))
        }
        return .string(text)
    }

    /// The value of a string, in which U+FFFD replaces lone surrogates; nil for other values.
    package var text: String? {
        switch self {
        case .string(let text): return text
        case .escaped(let source):
            guard let document = try? JSONDocument(Array("\"\(source)\"".utf8)) else { return nil }
            return document.text(of: document.root)
        default: return nil
        }
    }

    package var bool: Bool? {
        if case .bool(let bool) = self { bool } else { nil }
    }

    package var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    package var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// The number as an Int; nil if it has a fraction or does not fit. `5.0` is 5.
    package var integer: Int? { number { $0.integer(of: $0.root) } }

    /// The number as a Double, which is infinite if the number is too large.
    package var double: Double? { number { $0.double(of: $0.root) } }

    private func number<Number>(_ read: (JSONDocument) -> Number?) -> Number? {
        guard case .number(let digits) = self, let document = try? JSONDocument(Array(digits.utf8)) else { return nil }
        return read(document)
    }

    /// The value of a member of an object; see ``JSONObject/subscript(_:)``.
    package subscript(name: String) -> JSONValue? { object?[name] }

    /// The kind of the value, for messages: `a string`.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string, .escaped: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    // MARK: - Writing

    /// The JSON text without white space.
    package var json: String {
        var output = ""
        write(to: &output)
        return output
    }

    func write(to output: inout String) {
        switch self {
        case .null: output += "null"
        case .bool(let bool): output += bool ? "true" : "false"
        case .number(let digits): output += digits
        case .string(let text): JSONEscapes.appendQuoted(text, to: &output)
        case .escaped(let source): output += "\"\(source)\""
        case .array(let elements):
            output += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { output += "," }
                element.write(to: &output)
            }
            output += "]"
        case .object(let object):
            output += "{"
            for (index, member) in object.members.enumerated() {
                if index > 0 { output += "," }
                member.name.write(to: &output)
                output += ":"
                member.value.write(to: &output)
            }
            output += "}"
        }
    }

    /// Returns whether both values are written in the same way, byte for byte.
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        left.json.utf8.elementsEqual(right.json.utf8)
    }
}

/// The members of a JSON object, in order.
package struct JSONObject: Sendable {
    package struct Member: Sendable {
        /// A string.
        package var name: JSONValue
        package var value: JSONValue

        func isNamed(_ wanted: String) -> Bool { name.text?.utf8.elementsEqual(wanted.utf8) ?? false }
    }

    package var members: [Member] = []

    package init() {}

    /// Accesses the last member with this name, compared as UTF-8 bytes. If a name occurs more than once, the last one
    /// counts, as for all SDKs. Reading returns nil if there is none, or its value is `null`. Writing also removes
    /// other members with this name; writing nil removes all of them.
    package subscript(name: String) -> JSONValue? {
        get {
            guard let last = members.last(where: { $0.isNamed(name) }), case let value = last.value else { return nil }
            if case .null = value { return nil }
            return value
        }
        set {
            let last = members.lastIndex { $0.isNamed(name) }
            guard let newValue else {
                if last != nil { members.removeAll { $0.isNamed(name) } }
                return
            }
            guard let last else {
                members.append(Member(name: .string(name), value: newValue))
                return
            }
            members[last].value = newValue
            let others = members.indices.filter { $0 < last && members[$0].isNamed(name) }
            for index in others.reversed() { members.remove(at: index) }
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral text: String) { self = .string(text) }
    package init(booleanLiteral bool: Bool) { self = .bool(bool) }
    package init(integerLiteral number: Int) { self = .number(String(number)) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(nilLiteral: ()) { self = .null }

    /// Creates an object whose members have this order.
    package init(dictionaryLiteral members: (String, JSONValue)...) {
        var object = JSONObject()
        object.members = members.map { JSONObject.Member(name: .string($0.0), value: $0.1) }
        self = .object(object)
    }

    /// Creates a number.
    package init(_ number: Int) { self = .number(String(number)) }

    /// Creates a number with a point or an exponent, so that every reader takes it for a decimal number. JSON has no
    /// numbers that are not finite; they become `null`.
    package init(_ number: Double) {
        guard number.isFinite else {
            self = .null
            return
        }
        let digits = DecimalFormat.text(number)
        self = .number(
            digits.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") } ? digits : digits + ".0")
    }

    /// Creates a string; `null` for nil.
    package init(_ text: String?) { self = text.map { .string($0) } ?? .null }

    /// Creates the bare value of a setting.
    package init(_ value: SettingValue) {
        switch value {
        case .bool(let bool): self = .bool(bool)
        case .string(let text): self = .string(text)
        case .int(let int): self = JSONValue(int)
        case .double(let double): self = JSONValue(double)
        }
    }
}
