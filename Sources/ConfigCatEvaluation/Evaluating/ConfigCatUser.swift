#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The user for whom a setting is evaluated, described by attributes. ConfigCat calls it the User Object.
///
///     let user = ConfigCatUser(
///         identifier: "435170f4", email: "jane@example.com", country: "HU",
///         custom: ["Rating": 4.5, "Roles": ["editor", "beta"]])
public struct ConfigCatUser: Sendable {
    /// The name of the attribute `identifier`.
    public static let idKey = "Identifier"
    /// The name of the attribute `email`.
    public static let emailKey = "Email"
    /// The name of the attribute `country`.
    public static let countryKey = "Country"

    /// The identifier of the user or session. By default, percentage options are chosen by it.
    public let identifier: String
    /// The attribute `Email`.
    public let email: String?
    /// The attribute `Country`.
    public let country: String?
    /// All other attributes. One with the name of a predefined attribute is ignored.
    public let custom: Attributes

    /// Creates a user.
    ///
    /// - Parameters:
    ///   - identifier: What identifies the user or session.
    ///   - email: The attribute `Email`.
    ///   - country: The attribute `Country`.
    ///   - custom: Further attributes, with values as literals: `["Rating": 4.5, "Roles": ["editor"]]`.
    public init(identifier: String, email: String? = nil, country: String? = nil, custom: Attributes = [:]) {
        self.identifier = identifier
        self.email = email
        self.country = country
        self.custom = custom
    }

    /// Creates a user with custom attributes of any type.
    ///
    /// - Parameters:
    ///   - identifier: What identifies the user or session.
    ///   - email: The attribute `Email`.
    ///   - country: The attribute `Country`.
    ///   - custom: Further attributes, sorted by name: `String`, integers, floating-point numbers, `Date`, `[String]`.
    ///     A value of another type is converted to its description.
    @_disfavoredOverload
    public init(identifier: String, email: String? = nil, country: String? = nil, custom: [String: Any]?) {
        let pairs = (custom ?? [:]).map { (name: $0.key, value: AttributeValue(any: $0.value)) }
        self.init(identifier: identifier, email: email, country: country, custom: Attributes(unordered: pairs))
    }

    /// Returns a predefined or custom attribute.
    ///
    /// - Parameter name: The name, compared byte by byte in UTF-8.
    /// - Returns: The value, or nil if the user has no attribute with that name.
    public func attribute(for name: String) -> AttributeValue? {
        name.withBytes { bytes in
            if bytes.elementsEqual(Self.idKey.utf8) { return .string(identifier) }
            if bytes.elementsEqual(Self.emailKey.utf8) { return email.map { .string($0) } }
            if bytes.elementsEqual(Self.countryKey.utf8) { return country.map { .string($0) } }
            return custom.value(named: bytes)
        }
    }
}

extension ConfigCatUser {
    /// The value of an attribute. It can be written as a literal: `"Pro"`, `4.5`, `3`, `["editor", "beta"]`.
    public enum AttributeValue: Sendable {
        /// A string. Other comparators convert it: `"4,5"` is a number, `"[\"a\"]"` an array.
        case string(String)
        /// A whole number. Date comparators take it as seconds since 1970-01-01T00:00:00Z.
        case int(Int)
        /// A floating-point number. Date comparators take it as seconds since 1970-01-01T00:00:00Z.
        case double(Double)
        /// A time, for date comparators. Text comparators take it as the seconds since 1970-01-01T00:00:00Z.
        case date(Date)
        /// An array of strings, for array comparators. Text comparators take it as JSON.
        case stringArray([String])

        /// Creates a value from an integer of any type. One that does not fit into an `Int` becomes a `Double`.
        public init(_ integer: some BinaryInteger) {
            self = Int(exactly: integer).map { .int($0) } ?? .double(Double(integer))
        }

        /// Creates a value from a floating-point number of any type.
        public init(_ number: some BinaryFloatingPoint) {
            self = .double(Double(number))
        }

        init(any value: Any) {
            switch value {
            case let value as AttributeValue: self = value
            case let value as String: self = .string(value)
            case let value as Bool: self = .string(value ? "true" : "false")
            case let value as any BinaryInteger: self.init(value)
            case let value as any BinaryFloatingPoint: self.init(value)
            case let value as Date: self = .date(value)
            case let value as [String]: self = .stringArray(value)
            default: self = .string(String(describing: value))
            }
        }
    }
}

extension ConfigCatUser.AttributeValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral
{
    /// Creates a ``string(_:)``.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Creates an ``int(_:)``.
    public init(integerLiteral value: Int) { self = .int(value) }
    /// Creates a ``double(_:)``.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Creates a ``stringArray(_:)``.
    public init(arrayLiteral elements: String...) { self = .stringArray(elements) }
}

extension ConfigCatUser.AttributeValue {
    /// The value as a string, for text comparators and percentage options.
    package var text: String {
        switch self {
        case .string(let text): text
        case .int(let number): String(number)
        case .double(let number): DecimalFormat.text(number)
        case .date(let date): DecimalFormat.text(date.secondsSince1970)
        case .stringArray(let strings): "[" + strings.map { JSONEscapes.quoted($0) }.joined(separator: ",") + "]"
        }
    }

    /// The value as JSON: a date in ISO 8601, and a number that is not finite as a string.
    var json: String {
        switch self {
        case .int, .stringArray: text
        case .double(let number) where number.isFinite: text
        case .date(let date): JSONEscapes.quoted(ISO8601.string(date.secondsSince1970))
        case .string, .double: JSONEscapes.quoted(text)
        }
    }

    /// The value as a number, for number comparators; nil if it is not a number.
    var number: Double? {
        switch self {
        case .string(let text): DecimalFormat.double(attribute: text)
        case .int(let number): Double(number)
        case .double(let number): number
        case .date, .stringArray: nil
        }
    }

    /// The value in seconds since 1970, for date comparators; nil if it is neither a date nor a number.
    var seconds: Double? {
        if case .date(let date) = self { return date.secondsSince1970 }
        return number
    }

    /// The value as an array, for array comparators; nil if it is not an array of strings.
    var strings: [String]? {
        switch self {
        case .stringArray(let strings): strings
        case .string(let text):
            (try? JSONDocument(Array(text.utf8))).flatMap { $0.strings(of: $0.root) }
        default: nil
        }
    }
}

extension Date {
    /// The seconds since 1970, rounded to microseconds. Foundation counts from 2001, so a conversion to 1970 and back
    /// can turn …199.999 into …199.99899999.
    var secondsSince1970: Double {
        let seconds = timeIntervalSince1970
        let microseconds = (seconds * 1_000_000).rounded()
        return microseconds.magnitude < 9e15 ? microseconds / 1_000_000 : seconds
    }
}

extension ConfigCatUser: CustomStringConvertible {
    /// The attributes as a JSON object: `Identifier`, `Email` and `Country` first, then the custom ones.
    public var description: String {
        var members = [(Self.idKey, AttributeValue.string(identifier))]
        if let email { members.append((Self.emailKey, .string(email))) }
        if let country { members.append((Self.countryKey, .string(country))) }
        for (name, value) in custom.entries where ![Self.idKey, Self.emailKey, Self.countryKey].contains(name) {
            members.append((name, value))
        }
        let texts = members.map { name, value in JSONEscapes.quoted(name) + ":" + value.json }
        return "{" + texts.joined(separator: ",") + "}"
    }
}
