import Foundation

@testable import ConfigCatEvaluation

/// Builds users from the input.
enum UserBuilder {
    static func user(_ reader: inout InputReader) -> ConfigCatUser? {
        if reader.chance(1, in: 6) { return nil }
        let identifier = Vocabulary.word(&reader)
        let email = reader.chance(2, in: 3) ? Vocabulary.word(&reader) : nil
        let country = reader.chance(2, in: 3) ? Vocabulary.word(&reader) : nil
        var attributes = ConfigCatUser.Attributes([(name: String, value: ConfigCatUser.AttributeValue)]())
        // More than 16 attributes are looked up through an index instead of a linear search.
        let many = reader.chance(1, in: 8) ? 20 : 0
        for number in 0..<many { attributes["n\(number)"] = .int(number) }
        for _ in 0..<reader.number(below: 6) {
            attributes[reader.choice(Vocabulary.attributes)] = reader.chance(1, in: 10) ? nil : value(&reader)
        }
        return ConfigCatUser(identifier: identifier, email: email, country: country, custom: attributes)
    }

    private static func value(_ reader: inout InputReader) -> ConfigCatUser.AttributeValue {
        switch reader.number(below: 6) {
        case 0, 1: .string(Vocabulary.word(&reader))
        case 2: .int(Int(truncatingIfNeeded: reader.chance(1, in: 2) ? reader.bits() : UInt64(reader.byte())))
        case 3: .double(Vocabulary.double(&reader))
        case 4: .date(Date(timeIntervalSince1970: Vocabulary.double(&reader)))
        default: .stringArray(reader.list(below: 5) { Vocabulary.word(&$0) })
        }
    }
}
