@testable import ConfigCatEvaluation

/// Builds config JSON v6 from the input, mostly valid and malformed in some places.
struct Version6Builder {
    private var salt = ""
    private var segmentNames: [String] = []

    mutating func document(_ reader: inout InputReader) -> String {
        salt = reader.choice(Vocabulary.salts)
        var members: [String] = []
        let saltMember = reader.chance(15, in: 16) ? "\"s\":\(Vocabulary.quoted(salt, &reader))" : ""
        members.append("\"p\":{\(saltMember)}")
        segmentNames = reader.list(below: 3) { $0.choice(["s", "é", ""]) }
        var segments: [String] = []
        for name in segmentNames {
            let conditions = (0..<reader.number(below: 3)).map { _ in userCondition(&reader, context: name) }
            segments.append("{\"n\":\(Vocabulary.quoted(name, &reader)),\"r\":[\(conditions.joined(separator: ","))]}")
        }
        members.append("\"s\":[\(segments.joined(separator: ","))]")
        let settings = (0..<reader.number(below: 5) + 1).map { _ in setting(&reader) }
        members.append("\"f\":{\(settings.joined(separator: ","))}")
        return "{\(members.joined(separator: ","))}"
    }

    /// Returns a config whose settings have list rules only.
    mutating func listDocument(_ reader: inout InputReader) -> String {
        salt = reader.choice(Vocabulary.salts)
        let settings = Vocabulary.keys.prefix(reader.number(below: 3) + 1).map { key in
            let type = reader.number(below: 4)
            let rules = listRules(&reader, type, key).joined(separator: ",")
            return "\(JSONEscapes.quoted(key)):{\"t\":\(type),\"v\":\(value(&reader, type)),\"r\":[\(rules)]}"
        }
        return "{\"p\":{\"s\":\(JSONEscapes.quoted(salt))},\"f\":{\(settings.joined(separator: ","))}}"
    }

    /// Returns the given JSON, or sometimes another value in its place.
    private func orMalformed(_ reader: inout InputReader, _ text: String) -> String {
        reader.chance(1, in: 48) ? reader.choice(["null", "{}", "[]", "0", "\"\"", "-1", "true", "[null]"]) : text
    }

    private mutating func setting(_ reader: inout InputReader) -> String {
        let key = reader.choice(Vocabulary.keys)
        let type = reader.number(below: 4)
        var members = [
            "\"t\":\(orMalformed(&reader, "\(type)"))", "\"v\":\(orMalformed(&reader, value(&reader, type)))",
        ]
        if reader.chance(1, in: 2) { members.append("\"i\":\"v\"") }
        if reader.chance(1, in: 3) {
            members.append("\"a\":\(Vocabulary.quoted(reader.choice(Vocabulary.attributes), &reader))")
        }
        let rules =
            reader.chance(1, in: 4)
            ? listRules(&reader, type, key) : (0..<reader.number(below: 4)).map { _ in rule(&reader, type, key) }
        if !rules.isEmpty { members.append("\"r\":[\(rules.joined(separator: ","))]") }
        if reader.chance(1, in: 3) { members.append("\"p\":\(orMalformed(&reader, options(&reader, type)))") }
        return "\(Vocabulary.quoted(key, &reader)):{\(members.joined(separator: ","))}"
    }

    private func value(_ reader: inout InputReader, _ type: Int) -> String {
        switch reader.chance(1, in: 32) ? reader.number(below: 4) : type {
        case 0: "{\"b\":\(reader.chance(1, in: 2))}"
        case 1: "{\"s\":\(Vocabulary.quoted(Vocabulary.word(&reader), &reader))}"
        case 2: "{\"i\":\(reader.choice(["0", "1", "-1", "5.0", "9223372036854775807", "1e2"]))}"
        default: "{\"d\":\(reader.choice(Vocabulary.writtenNumbers))}"
        }
    }

    private mutating func rule(_ reader: inout InputReader, _ type: Int, _ key: String) -> String {
        let conditions = (0..<reader.number(below: 3)).map { _ in condition(&reader, key) }
        let served =
            reader.chance(1, in: 4)
            ? "\"p\":\(options(&reader, type))"
            : "\"s\":{\"v\":\(orMalformed(&reader, value(&reader, type))),\"i\":\"r\"}"
        return orMalformed(&reader, "{\"c\":[\(conditions.joined(separator: ","))],\(served)}")
    }

    /// Returns rules that test one attribute against lists: the compiler makes one hash table of them.
    private mutating func listRules(_ reader: inout InputReader, _ type: Int, _ key: String) -> [String] {
        let attribute = Vocabulary.quoted(reader.choice(Vocabulary.attributes), &reader)
        let comparator: UserComparator = reader.chance(1, in: 2) ? .isOneOf : .isOneOfHashed
        return (0..<reader.number(below: 10)).map { _ in
            if reader.chance(1, in: 16) { return rule(&reader, type, key) }
            let items = (0..<reader.number(below: 4)).map { _ in item(&reader, comparator, key) }
            let condition =
                "{\"u\":{\"a\":\(attribute),\"c\":\(comparator.rawValue),\"l\":[\(items.joined(separator: ","))]}}"
            let served =
                reader.chance(1, in: 4) ? "\"p\":\(options(&reader, type))" : "\"s\":{\"v\":\(value(&reader, type))}"
            return "{\"c\":[\(condition)],\(served)}"
        }
    }

    private func options(_ reader: inout InputReader, _ type: Int) -> String {
        let shares = reader.choice([
            ["100"], ["50", "50"], ["0", "33.3", "66.7"], ["1", "2"], ["1e400"], ["-1", "101"], [],
        ])
        let options = shares.map {
            "{\"p\":\($0),\"v\":\(orMalformed(&reader, value(&reader, type))),\"i\":\"o\($0)\"}"
        }
        return "[\(options.joined(separator: ","))]"
    }

    private func condition(_ reader: inout InputReader, _ key: String) -> String {
        switch reader.number(below: 6) {
        case 0:
            "{\"s\":{\"s\":\(orMalformed(&reader, "\(reader.number(below: 3))")),\"c\":\(reader.number(below: 2))}}"
        case 1, 2:
            "{\"p\":{\"f\":\(Vocabulary.quoted(reader.choice(Vocabulary.keys), &reader)),\"c\":\(reader.number(below: 2)),"
                + "\"v\":\(value(&reader, reader.number(below: 4)))}}"
        default: "{\"u\":\(orMalformed(&reader, userCondition(&reader, context: key)))}"
        }
    }

    private func userCondition(_ reader: inout InputReader, context: String) -> String {
        let attribute = Vocabulary.quoted(reader.choice(Vocabulary.attributes), &reader)
        let number = reader.number(below: 37)
        let operand: String
        switch UserComparator(v6: number) {
        case nil: operand = "\"s\":\"\""
        case .some(let comparator):
            switch comparator.operand {
            case .number: operand = "\"d\":\(reader.choice(Vocabulary.writtenNumbers))"
            case .text: operand = "\"s\":\(item(&reader, comparator, context))"
            case .list:
                let items = (0..<reader.number(below: 4)).map { _ in item(&reader, comparator, context) }
                operand = "\"l\":[\(items.joined(separator: ","))]"
            }
        }
        return
            "{\"a\":\(attribute),\"c\":\(orMalformed(&reader, "\(number)")),\(orMalformed(&reader, operand, member: true))}"
    }

    private func orMalformed(_ reader: inout InputReader, _ text: String, member: Bool) -> String {
        reader.chance(1, in: 48) ? "\"s\":[],\"d\":\"\",\"l\":{}" : text
    }

    private func item(_ reader: inout InputReader, _ comparator: UserComparator, _ context: String) -> String {
        let word = Vocabulary.word(&reader)
        guard comparator.isHashed else { return Vocabulary.quoted(word, &reader) }
        guard comparator.hashesPart else {
            return "\"\(Vocabulary.sha256(word.utf8, salt: salt, context: context))\""
        }
        let bytes = word.bytes
        let length = reader.number(below: bytes.count + 1)
        let part =
            comparator == .startsWithAnyOfHashed || comparator == .notStartsWithAnyOfHashed
            ? bytes.prefix(length) : bytes.suffix(length)
        let written = reader.choice([length, length, length, length + 1, 4_294_967_295])
        return "\"\(written)_\(Vocabulary.sha256(part, salt: salt, context: context))\""
    }
}
