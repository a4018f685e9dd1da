@testable import ConfigCatEvaluation

/// Builds config JSON v5 from the input.
struct Version5Builder {
    mutating func document(_ reader: inout InputReader) -> String {
        // The last setting is always valid, so that the document is recognised as v5.
        let settings = (0..<reader.number(below: 4)).map { _ in setting(&reader) } + ["\"last\":{\"t\":0,\"v\":true}"]
        return "{\"p\":{\"u\":\"https://example.com\",\"r\":0},\"f\":{\(settings.joined(separator: ","))}}"
    }

    private func setting(_ reader: inout InputReader) -> String {
        let type = reader.number(below: 4)
        var members = ["\"v\":\(value(&reader, type))"]
        if reader.chance(3, in: 4) { members.append("\"t\":\(type)") }
        if reader.chance(1, in: 2) { members.append("\"i\":\"v\"") }
        let rules = (0..<reader.number(below: 4)).map { _ in rule(&reader, type) }
        if !rules.isEmpty { members.append("\"r\":[\(rules.joined(separator: ","))]") }
        let shares = reader.choice([[], ["100"], ["50", "50"], ["33.3", "66.7"], ["1e400"], ["1"], ["-1", "101"]])
        let options = shares.map { "{\(order(&reader))\"p\":\($0),\"v\":\(value(&reader, type))}" }
        members.append("\"p\":[\(options.joined(separator: ","))]")
        return "\(Vocabulary.quoted(reader.choice(Vocabulary.keys), &reader)):{\(members.joined(separator: ","))}"
    }

    private func order(_ reader: inout InputReader) -> String {
        reader.chance(1, in: 2) ? "\"o\":\(reader.choice(["0", "1", "2", "-1", "\"x\"", "1e400"]))," : ""
    }

    private func value(_ reader: inout InputReader, _ type: Int) -> String {
        switch reader.chance(1, in: 32) ? reader.number(below: 4) : type {
        case 0: reader.chance(1, in: 2) ? "true" : "false"
        case 1: Vocabulary.quoted(Vocabulary.word(&reader), &reader)
        case 2: reader.choice(["0", "1", "-1", "5.0", "9223372036854775807", "1e2"])
        default: reader.choice(Vocabulary.writtenNumbers)
        }
    }

    private func rule(_ reader: inout InputReader, _ type: Int) -> String {
        let comparator = reader.number(below: 19)
        let words = reader.list(below: 4) { reader in
            let word = Vocabulary.word(&reader)
            return comparator >= 16 ? Vocabulary.sha1(word) : word
        }
        let operand = Vocabulary.quoted(words.joined(separator: reader.choice([",", ", "])), &reader)
        let attribute = Vocabulary.quoted(reader.choice(Vocabulary.attributes), &reader)
        return "{\(order(&reader))\"a\":\(attribute),\"t\":\(comparator),\"c\":\(operand),"
            + "\"v\":\(value(&reader, type)),\"i\":\"r\"}"
    }
}
