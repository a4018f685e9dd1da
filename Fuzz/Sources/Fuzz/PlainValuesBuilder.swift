/// Builds a file of plain values from the input.
enum PlainValuesBuilder {
    static func document(_ reader: inout InputReader) -> String {
        let members = (0..<reader.number(below: 6)).map { _ in
            let key = Vocabulary.quoted(reader.choice(Vocabulary.keys), &reader)
            let value = reader.choice(
                ["true", "false", "null", "[]", "{}", Vocabulary.quoted(Vocabulary.word(&reader), &reader)]
                    + Vocabulary.writtenNumbers)
            return "\(key):\(value)"
        }
        return "{\"flags\":{\(members.joined(separator: ","))}}"
    }
}
