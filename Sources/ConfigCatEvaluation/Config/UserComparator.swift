/// How a user condition compares the user's attribute, numbered as in config JSON v6.
public enum UserComparator: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case isOneOf = 0
    case isNotOneOf = 1
    case containsAnyOf = 2
    case notContainsAnyOf = 3
    case semverIsOneOf = 4
    case semverIsNotOneOf = 5
    case semverLess = 6
    case semverLessOrEqual = 7
    case semverGreater = 8
    case semverGreaterOrEqual = 9
    case numberEquals = 10
    case numberNotEquals = 11
    case numberLess = 12
    case numberLessOrEqual = 13
    case numberGreater = 14
    case numberGreaterOrEqual = 15
    case isOneOfHashed = 16
    case isNotOneOfHashed = 17
    case dateBefore = 18
    case dateAfter = 19
    case equalsHashed = 20
    case notEqualsHashed = 21
    case startsWithAnyOfHashed = 22
    case notStartsWithAnyOfHashed = 23
    case endsWithAnyOfHashed = 24
    case notEndsWithAnyOfHashed = 25
    case arrayContainsAnyOfHashed = 26
    case arrayNotContainsAnyOfHashed = 27
    case equals = 28
    case notEquals = 29
    case startsWithAnyOf = 30
    case notStartsWithAnyOf = 31
    case endsWithAnyOf = 32
    case notEndsWithAnyOf = 33
    case arrayContainsAnyOf = 34
    case arrayNotContainsAnyOf = 35
    /// Config JSON v5 only (16 there): the attribute's unsalted SHA-1 is in the list.
    case isOneOfSHA1 = 254
    /// Config JSON v5 only (17 there): the attribute's unsalted SHA-1 is not in the list.
    case isNotOneOfSHA1 = 255

    /// The comparator that a v6 document names by this number.
    init?(v6 number: Int) {
        guard (0...35).contains(number) else { return nil }
        self.init(rawValue: UInt8(number))
    }

    /// The comparator that a v5 document names by this number.
    init?(v5 number: Int) {
        switch number {
        case 0...15: self.init(rawValue: UInt8(number))
        case 16: self = .isOneOfSHA1
        case 17: self = .isNotOneOfSHA1
        default: return nil
        }
    }

    /// In which form the comparison value comes.
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

    /// Whether comparison values are hashes, which the evaluation log does not show.
    public var isHashed: Bool {
        switch self {
        case .isOneOfHashed, .isNotOneOfHashed, .equalsHashed, .notEqualsHashed, .startsWithAnyOfHashed,
            .notStartsWithAnyOfHashed, .endsWithAnyOfHashed, .notEndsWithAnyOfHashed, .arrayContainsAnyOfHashed,
            .arrayNotContainsAnyOfHashed, .isOneOfSHA1, .isNotOneOfSHA1:
            true
        default: false
        }
    }

    /// Whether hashes are made with the config's salt.
    var isSalted: Bool {
        isHashed && self != .isOneOfSHA1 && self != .isNotOneOfSHA1
    }

    /// Whether each comparison value is a length and a hash of that many bytes, `N_hash`.
    var hashesPart: Bool {
        switch self {
        case .startsWithAnyOfHashed, .notStartsWithAnyOfHashed, .endsWithAnyOfHashed, .notEndsWithAnyOfHashed: true
        default: false
        }
    }

    var isSemver: Bool { (4...9).contains(rawValue) }
    var isDate: Bool { self == .dateBefore || self == .dateAfter }

    /// The comparator as the evaluation log writes it.
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
