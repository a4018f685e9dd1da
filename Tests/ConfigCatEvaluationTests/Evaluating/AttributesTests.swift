import Testing

@testable import ConfigCatEvaluation

@Suite("Custom attributes")
struct AttributesTests {
    typealias Attributes = ConfigCatUser.Attributes

    private func names(_ attributes: Attributes) -> [String] { attributes.entries.map(\.0) }

    @Test(
        "few or many attributes can be found, replaced and removed, and keep their order", arguments: [3, 16, 17, 100])
    func many(_ count: Int) {
        var attributes = Attributes((0..<count).map { (name: "n\($0)", value: .int($0)) })
        #expect(names(attributes) == (0..<count).map { "n\($0)" })
        attributes["n1"] = .int(-1)
        #expect(attributes["n1"]?.text == "-1")
        #expect(names(attributes).count == count)
        attributes["n0"] = nil
        attributes["none"] = nil
        #expect(names(attributes) == (1..<count).map { "n\($0)" })
        #expect(attributes["n0"] == nil)
        for index in 2..<count { #expect(attributes["n\(index)"]?.text == "\(index)") }
        attributes["n0"] = 0
        #expect(names(attributes).last == "n0" && attributes["n0"]?.text == "0")
    }

    @Test("many attributes are found by the bytes of their names, and the last value of a name is used")
    func names() {
        let filler = (0..<100).map { (name: "n\($0)", value: ConfigCatUser.AttributeValue.int($0)) }
        let attributes = Attributes(filler + [("\u{E9}", 1), ("e\u{301}", 2), ("n5", "last")])
        #expect(attributes.entries.count == 102)
        #expect(attributes["\u{E9}"]?.text == "1" && attributes["e\u{301}"]?.text == "2")
        #expect(attributes["n5"]?.text == "last")
        let copy = attributes
        var other = attributes
        other["new"] = "x"
        #expect(copy["new"] == nil && other["new"]?.text == "x")
    }

    @Test("of attributes with the same name in a literal, the place of the first and the value of the last are used")
    func literals() {
        let attributes: Attributes = ["a": 1, "\u{E9}": 2, "b": 3, "a": 4, "e\u{301}": 5]
        #expect(names(attributes) == ["a", "\u{E9}", "b", "e\u{301}"])
        #expect(attributes["a"]?.text == "4" && attributes["\u{E9}"]?.text == "2")
        let empty: Attributes = [:]
        #expect(names(empty).isEmpty && names(["": 1]) == [""])
        let many: Attributes = [
            "0": 0, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "6": 6, "7": 7, "8": 8, "9": 9, "10": 10, "11": 11,
            "12": 12,
            "13": 13, "14": 14, "15": 15, "16": 16, "17": 17, "3": "last",
        ]
        #expect(many.entries.count == 18 && many["3"]?.text == "last")
    }

    @Test("a user with 20,000 attributes is created and evaluated within two minutes", .timeLimit(.minutes(2)))
    func linear() throws {
        let count = 20_000
        let conditions = (0..<count).map { #"{"u":{"a":"n\#($0)","c":28,"s":"x"}}"# }.joined(separator: ",")
        let config = try Config(
            json: #"{"f":{"a":{"t":0,"v":{"b":false},"r":[{"c":[\#(conditions)],"s":{"v":{"b":true}}}]}}}"#)
        let dictionary = Dictionary(uniqueKeysWithValues: (0..<count).map { ("n\($0)", "x") })
        let users = [
            ConfigCatUser(identifier: "1", custom: Attributes((0..<count).map { (name: "n\($0)", value: "x") })),
            ConfigCatUser(identifier: "1", custom: dictionary),
        ]
        for user in users { #expect(try config.details("a", for: user, warn: nil).get().value == .bool(true)) }
    }
}
