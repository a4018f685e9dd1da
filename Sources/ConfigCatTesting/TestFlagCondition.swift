import ConfigCatEvaluation

/// A condition of a targeting rule: it compares an attribute of the user, as the rules of ConfigCat's dashboard do.
///
///     flags.set(.searchEngine, to: "vector", where: .email(endsWith: "@example.com"), .not(.country(isOneOf: "DE")))
///
/// A user without the attribute does not meet the condition, and does not meet its opposite either. Strings are compared
/// as UTF-8 bytes. Rules with segments or prerequisite flags come from a config file:
/// ``TestFlagValues/load(contentsOfFile:)``.
public struct TestFlagCondition: Sendable {
    enum Operand: Sendable, Equatable {
        case text(String)
        case list([String])
        case number(Double)
    }

    let attribute: String
    let comparator: UserComparator
    let operand: Operand

    private init(_ attribute: String, _ comparator: UserComparator, _ operand: Operand) {
        self.attribute = attribute
        self.comparator = comparator
        self.operand = operand
    }

    // MARK: The identifier

    /// Returns a condition that is met if the user's identifier equals one of the values.
    public static func identifier(isOneOf values: String...) -> Self { Self("Identifier", .isOneOf, .list(values)) }
    /// Returns a condition that is met if the user's identifier begins with one of the values.
    public static func identifier(startsWith values: String...) -> Self {
        Self("Identifier", .startsWithAnyOf, .list(values))
    }
    /// Returns a condition that is met if the user's identifier ends with one of the values.
    public static func identifier(endsWith values: String...) -> Self {
        Self("Identifier", .endsWithAnyOf, .list(values))
    }
    /// Returns a condition that is met if the user's identifier contains one of the values.
    public static func identifier(contains values: String...) -> Self {
        Self("Identifier", .containsAnyOf, .list(values))
    }

    // MARK: The email address and the country

    /// Returns a condition that is met if the user's email address equals one of the values.
    public static func email(isOneOf values: String...) -> Self { Self("Email", .isOneOf, .list(values)) }
    /// Returns a condition that is met if the user's email address begins with one of the values.
    public static func email(startsWith values: String...) -> Self { Self("Email", .startsWithAnyOf, .list(values)) }
    /// Returns a condition that is met if the user's email address ends with one of the values.
    public static func email(endsWith values: String...) -> Self { Self("Email", .endsWithAnyOf, .list(values)) }
    /// Returns a condition that is met if the user's email address contains one of the values.
    public static func email(contains values: String...) -> Self { Self("Email", .containsAnyOf, .list(values)) }
    /// Returns a condition that is met if the user's country equals one of the values.
    public static func country(isOneOf values: String...) -> Self { Self("Country", .isOneOf, .list(values)) }

    // MARK: Custom attributes: strings

    /// Returns a condition that is met if a custom attribute equals one of the values.
    public static func custom(_ attribute: String, isOneOf values: String...) -> Self {
        Self(attribute, .isOneOf, .list(values))
    }
    /// Returns a condition that is met if a custom attribute begins with one of the values.
    public static func custom(_ attribute: String, startsWith values: String...) -> Self {
        Self(attribute, .startsWithAnyOf, .list(values))
    }
    /// Returns a condition that is met if a custom attribute ends with one of the values.
    public static func custom(_ attribute: String, endsWith values: String...) -> Self {
        Self(attribute, .endsWithAnyOf, .list(values))
    }
    /// Returns a condition that is met if a custom attribute contains one of the values.
    public static func custom(_ attribute: String, contains values: String...) -> Self {
        Self(attribute, .containsAnyOf, .list(values))
    }
    /// Returns a condition that is met if a custom attribute is an array of strings, and one of them equals one of the
    /// values.
    public static func custom(_ attribute: String, includes values: String...) -> Self {
        Self(attribute, .arrayContainsAnyOf, .list(values))
    }

    // MARK: Custom attributes: numbers, versions and times

    /// Returns a condition that is met if a custom attribute is a number that equals the value.
    public static func custom(_ attribute: String, equals value: Double) -> Self {
        Self(attribute, .numberEquals, .number(value))
    }
    /// Returns a condition that is met if a custom attribute is a number that is less than the value.
    public static func custom(_ attribute: String, lessThan value: Double) -> Self {
        Self(attribute, .numberLess, .number(value))
    }
    /// Returns a condition that is met if a custom attribute is a number that is greater than the value.
    public static func custom(_ attribute: String, greaterThan value: Double) -> Self {
        Self(attribute, .numberGreater, .number(value))
    }
    /// Returns a condition that is met if a custom attribute is a semantic version that precedes the value.
    public static func custom(_ attribute: String, versionBefore value: String) -> Self {
        Self(attribute, .semverLess, .text(value))
    }
    /// Returns a condition that is met if a custom attribute is a semantic version that follows the value.
    public static func custom(_ attribute: String, versionAfter value: String) -> Self {
        Self(attribute, .semverGreater, .text(value))
    }
    /// Returns a condition that is met if a custom attribute is a time before the value, in seconds since 1970.
    public static func custom(_ attribute: String, before value: Double) -> Self {
        Self(attribute, .dateBefore, .number(value))
    }
    /// Returns a condition that is met if a custom attribute is a time after the value, in seconds since 1970.
    public static func custom(_ attribute: String, after value: Double) -> Self {
        Self(attribute, .dateAfter, .number(value))
    }

    // MARK: The opposite

    /// Returns the opposite of a condition. A user without the attribute meets neither.
    public static func not(_ condition: Self) -> Self {
        let opposite = opposites[condition.comparator] ?? condition.comparator
        // Times have no comparators that include the value itself, so it moves to the next number.
        let operand: Operand =
            switch (opposite, condition.operand) {
            case (.dateAfter, .number(let value)): .number(value.nextDown)
            case (.dateBefore, .number(let value)): .number(value.nextUp)
            default: condition.operand
            }
        return Self(condition.attribute, opposite, operand)
    }

    private static let opposites: [UserComparator: UserComparator] = {
        let pairs: [(UserComparator, UserComparator)] = [
            (.isOneOf, .isNotOneOf), (.startsWithAnyOf, .notStartsWithAnyOf), (.endsWithAnyOf, .notEndsWithAnyOf),
            (.containsAnyOf, .notContainsAnyOf), (.arrayContainsAnyOf, .arrayNotContainsAnyOf),
            (.numberEquals, .numberNotEquals), (.numberLess, .numberGreaterOrEqual),
            (.numberGreater, .numberLessOrEqual), (.semverLess, .semverGreaterOrEqual),
            (.semverGreater, .semverLessOrEqual), (.dateBefore, .dateAfter),
        ]
        return Dictionary(uniqueKeysWithValues: pairs + pairs.map { ($1, $0) })
    }()

    // MARK: JSON

    /// Whether JSON has a number for the operand.
    var isFinite: Bool { if case .number(let value) = operand { value.isFinite } else { true } }

    /// The condition in config JSON v6.
    var json: String {
        let value =
            switch operand {
            case .text(let text): "\"s\":\(JSONEscapes.quoted(text))"
            case .list(let list): "\"l\":[\(list.map { JSONEscapes.quoted($0) }.joined(separator: ","))]"
            case .number(let number): "\"d\":\(DecimalFormat.text(number))"
            }
        return "{\"u\":{\"a\":\(JSONEscapes.quoted(attribute)),\"c\":\(comparator.rawValue),\(value)}}"
    }
}
