#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The User Object: the attributes that a setting is evaluated for.
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

    /// What identifies the user or session; by default, percentage options are chosen by it.
    public let identifier: String
    /// The attribute `Email`.
    public let email: String?
    /// The attribute `Country`.
    public let country: String?
    /// All other attributes. One named like a predefined attribute is ignored.
    public let custom: Attributes

    /// Makes a User Object.
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

    /// Makes a User Object from attributes of any type.
    ///
    /// - Parameters:
    ///   - identifier: What identifies the user or session.
    ///   - email: The attribute `Email`.
    ///   - country: The attribute `Country`.
    ///   - custom: Further attributes: String, integers, floating-point numbers, Date, [String]. A value of another
    ///     type is taken as its description.
    @_disfavoredOverload
    public init(identifier: String, email: String? = nil, country: String? = nil, custom: [String: Any]?) {
        let pairs = (custom ?? [:]).map { (name: $0.key, value: AttributeValue(any: $0.value)) }
        self.init(identifier: identifier, email: email, country: country, custom: Attributes(unordered: pairs))
    }

    /// A predefined or custom attribute by its name; nil if the user has none of that name.
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
    /// The value of an attribute. Literals make one: `"Pro"`, `4.5`, `3`, `["editor", "beta"]`.
    public enum AttributeValue: Sendable {
        case string(String)
        case int(Int)
        case double(Double)
        /// For date comparators; elsewhere it counts as its seconds since 1970-01-01T00:00:00Z.
        case date(Date)
        /// For array comparators.
        case stringArray([String])

        /// An integer of any type; one that no Int holds becomes a Double.
        public init(_ integer: some BinaryInteger) {
            self = Int(exactly: integer).map { .int($0) } ?? .double(Double(integer))
        }

        /// A floating-point number of any type.
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
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(arrayLiteral elements: String...) { self = .stringArray(elements) }
}

extension ConfigCatUser.AttributeValue {
    /// The value as text comparators and percentage options see it.
    package var text: String {
        switch self {
        case .string(let text): text
        case .int(let number): String(number)
        case .double(let number): DecimalFormat.text(number)
        case .date(let date): DecimalFormat.text(date.secondsSince1970)
        case .stringArray(let strings): "[" + strings.map { JSONEscapes.quoted($0) }.joined(separator: ",") + "]"
        }
    }

    /// The value as number comparators see it; nil if it is no number.
    var number: Double? {
        switch self {
        case .string(let text): DecimalFormat.double(attribute: text)
        case .int(let number): Double(number)
        case .double(let number): number
        case .date, .stringArray: nil
        }
    }

    /// The value as date comparators see it: seconds since 1970; nil if it is no date.
    var seconds: Double? {
        if case .date(let date) = self { return date.secondsSince1970 }
        return number
    }

    /// The value as array comparators see it; nil if it is no array of strings.
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
    /// Seconds since 1970, without the error of a rounded difference: Foundation counts from 2001, so that a time such
    /// as …199.999 can come back as …199.99899999.
    var secondsSince1970: Double {
        let seconds = timeIntervalSince1970
        let microseconds = (seconds * 1_000_000).rounded()
        return microseconds.magnitude < 9e15 ? microseconds / 1_000_000 : seconds
    }
}

extension ConfigCatUser: CustomStringConvertible {
    /// The attributes as a JSON object: Identifier, Email and Country first, then the custom ones.
    public var description: String {
        var members = [(Self.idKey, AttributeValue.string(identifier))]
        if let email { members.append((Self.emailKey, .string(email))) }
        if let country { members.append((Self.countryKey, .string(country))) }
        for (name, value) in custom.entries where ![Self.idKey, Self.emailKey, Self.countryKey].contains(name) {
            members.append((name, value))
        }
        let texts = members.map { name, value in
            switch value {
            case .int, .stringArray: JSONEscapes.quoted(name) + ":" + value.text
            case .double(let number) where number.isFinite: JSONEscapes.quoted(name) + ":" + value.text
            case .date(let date):
                JSONEscapes.quoted(name) + ":" + JSONEscapes.quoted(ISO8601.iso8601(date.secondsSince1970))
            case .string, .double: JSONEscapes.quoted(name) + ":" + JSONEscapes.quoted(value.text)
            }
        }
        return "{" + texts.joined(separator: ",") + "}"
    }
}
