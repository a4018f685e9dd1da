/// The way in which a condition compares an attribute of the user. Raw values are the numbers of config JSON v6.
///
/// Strings are compared as UTF-8 bytes.
public enum UserComparator: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// The attribute equals one of the comparison values.
    case isOneOf = 0
    /// The attribute equals none of the comparison values.
    case isNotOneOf = 1
    /// The attribute contains one of the comparison values.
    case containsAnyOf = 2
    /// The attribute contains none of the comparison values.
    case notContainsAnyOf = 3
    /// The attribute is a semantic version that equals one of the comparison values.
    case semverIsOneOf = 4
    /// The attribute is a semantic version that equals none of the comparison values.
    case semverIsNotOneOf = 5
    /// The attribute is a semantic version that precedes the comparison value.
    case semverLess = 6
    /// The attribute is a semantic version that precedes or equals the comparison value.
    case semverLessOrEqual = 7
    /// The attribute is a semantic version that follows the comparison value.
    case semverGreater = 8
    /// The attribute is a semantic version that follows or equals the comparison value.
    case semverGreaterOrEqual = 9
    /// The attribute is a number equal to the comparison value.
    case numberEquals = 10
    /// The attribute is a number not equal to the comparison value.
    case numberNotEquals = 11
    /// The attribute is a number less than the comparison value.
    case numberLess = 12
    /// The attribute is a number less than or equal to the comparison value.
    case numberLessOrEqual = 13
    /// The attribute is a number greater than the comparison value.
    case numberGreater = 14
    /// The attribute is a number greater than or equal to the comparison value.
    case numberGreaterOrEqual = 15
    /// ``isOneOf`` with hashed comparison values.
    case isOneOfHashed = 16
    /// ``isNotOneOf`` with hashed comparison values.
    case isNotOneOfHashed = 17
    /// The attribute is a time before the comparison value.
    case dateBefore = 18
    /// The attribute is a time after the comparison value.
    case dateAfter = 19
    /// ``equals`` with a hashed comparison value.
    case equalsHashed = 20
    /// ``notEquals`` with a hashed comparison value.
    case notEqualsHashed = 21
    /// ``startsWithAnyOf`` with hashed comparison values.
    case startsWithAnyOfHashed = 22
    /// ``notStartsWithAnyOf`` with hashed comparison values.
    case notStartsWithAnyOfHashed = 23
    /// ``endsWithAnyOf`` with hashed comparison values.
    case endsWithAnyOfHashed = 24
    /// ``notEndsWithAnyOf`` with hashed comparison values.
    case notEndsWithAnyOfHashed = 25
    /// ``arrayContainsAnyOf`` with hashed comparison values.
    case arrayContainsAnyOfHashed = 26
    /// ``arrayNotContainsAnyOf`` with hashed comparison values.
    case arrayNotContainsAnyOfHashed = 27
    /// The attribute equals the comparison value.
    case equals = 28
    /// The attribute does not equal the comparison value.
    case notEquals = 29
    /// The attribute begins with one of the comparison values.
    case startsWithAnyOf = 30
    /// The attribute begins with none of the comparison values.
    case notStartsWithAnyOf = 31
    /// The attribute ends with one of the comparison values.
    case endsWithAnyOf = 32
    /// The attribute ends with none of the comparison values.
    case notEndsWithAnyOf = 33
    /// An element of the attribute, an array of strings, equals one of the comparison values.
    case arrayContainsAnyOf = 34
    /// No element of the attribute, an array of strings, equals one of the comparison values.
    case arrayNotContainsAnyOf = 35
    /// The attribute's unsalted SHA-1 equals one of the comparison values. Only in config JSON v5, where the number is
    /// 16.
    case isOneOfSHA1 = 254
    /// The attribute's unsalted SHA-1 equals none of the comparison values. Only in config JSON v5, where the number is
    /// 17.
    case isNotOneOfSHA1 = 255

    /// Creates the comparator that has this number in config JSON v6.
    init?(v6 number: Int) {
        guard (0...35).contains(number) else { return nil }
        self.init(rawValue: UInt8(number))
    }

    /// Creates the comparator that has this number in config JSON v5.
    init?(v5 number: Int) {
        switch number {
        case 0...15: self.init(rawValue: UInt8(number))
        case 16: self = .isOneOfSHA1
        case 17: self = .isNotOneOfSHA1
        default: return nil
        }
    }

    /// The form of the comparison value.
    enum Operand { case text, number, list }

    var operand: Operand {
        switch self {
        case .semverLess, .semverLessOrEqual, .semverGreater, .semverGreaterOrEqual, .equals, .notEquals,
            .equalsHashed, .notEqualsHashed:
            .text
        case .numberEquals, .numberNotEquals, .numberLess, .numberLessOrEqual, .numberGreater,
            .numberGreaterOrEqual, .dateBefore, .dateAfter:
            .number
        default: .list
        }
    }

    /// Whether comparison values are hashes. The evaluation log does not show them.
    public var isHashed: Bool {
        switch self {
        case .isOneOfHashed, .isNotOneOfHashed, .equalsHashed, .notEqualsHashed, .startsWithAnyOfHashed,
            .notStartsWithAnyOfHashed, .endsWithAnyOfHashed, .notEndsWithAnyOfHashed, .arrayContainsAnyOfHashed,
            .arrayNotContainsAnyOfHashed, .isOneOfSHA1, .isNotOneOfSHA1:
            true
        default: false
        }
    }

    /// Whether the config's salt is part of what is hashed.
    var isSalted: Bool {
        isHashed && self != .isOneOfSHA1 && self != .isNotOneOfSHA1
    }

    /// Whether each comparison value has the form `N_hash`: a number of bytes, and the hash of that many bytes.
    var hashesPart: Bool {
        switch self {
        case .startsWithAnyOfHashed, .notStartsWithAnyOfHashed, .endsWithAnyOfHashed, .notEndsWithAnyOfHashed: true
        default: false
        }
    }

    var isSemver: Bool { (4...9).contains(rawValue) }
    var isDate: Bool { self == .dateBefore || self == .dateAfter }

    /// The comparator in the form that the evaluation log uses.
    package var text: String {
        switch self {
        case .isOneOf, .semverIsOneOf, .isOneOfHashed, .isOneOfSHA1: "IS ONE OF"
        case .isNotOneOf, .semverIsNotOneOf, .isNotOneOfHashed, .isNotOneOfSHA1: "IS NOT ONE OF"
        case .containsAnyOf: "CONTAINS ANY OF"
        case .notContainsAnyOf: "NOT CONTAINS ANY OF"
        case .semverLess, .numberLess: "<"
        case .semverLessOrEqual, .numberLessOrEqual: "<="
        case .semverGreater, .numberGreater: ">"
        case .semverGreaterOrEqual, .numberGreaterOrEqual: ">="
        case .numberEquals: "="
        case .numberNotEquals: "!="
        case .dateBefore: "BEFORE"
        case .dateAfter: "AFTER"
        case .equals, .equalsHashed: "EQUALS"
        case .notEquals, .notEqualsHashed: "NOT EQUALS"
        case .startsWithAnyOf, .startsWithAnyOfHashed: "STARTS WITH ANY OF"
        case .notStartsWithAnyOf, .notStartsWithAnyOfHashed: "NOT STARTS WITH ANY OF"
        case .endsWithAnyOf, .endsWithAnyOfHashed: "ENDS WITH ANY OF"
        case .notEndsWithAnyOf, .notEndsWithAnyOfHashed: "NOT ENDS WITH ANY OF"
        case .arrayContainsAnyOf, .arrayContainsAnyOfHashed: "ARRAY CONTAINS ANY OF"
        case .arrayNotContainsAnyOf, .arrayNotContainsAnyOfHashed: "ARRAY NOT CONTAINS ANY OF"
        }
    }
}
