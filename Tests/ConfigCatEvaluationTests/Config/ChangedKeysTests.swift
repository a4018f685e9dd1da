import Testing

@testable import ConfigCatEvaluation

@Suite("Changed keys")
struct ChangedKeysTests {
    private typealias Member = (name: String, key: String, body: String)

    /// Keys as they are written and as they are read: two spellings of "é", escapes, and an empty key.
    private static let names = [
        ("a", "a"), ("b", "b"), ("\\u0061", "a"), ("\u{E9}", "\u{E9}"), ("e\u{301}", "e\u{301}"), ("", ""),
        ("a key of more than fifteen bytes", "a key of more than fifteen bytes"), ("\\n", "\n"), ("c", "c"), ("d", "d"),
    ]
    private static let bodies = [
        #"{"t":0,"v":{"b":true}}"#, #"{"t":0,"v":{"b":false}}"#, #"{"t":0, "v":{"b":true}}"#, "null", "1",
        #"{"t":1,"v":{"s":"\u0078"}}"#, #"{"t":1,"v":{"s":"x"}}"#,
    ]

    private func members(_ generator: inout SeededGenerator) -> [Member] {
        (0..<Int.random(in: 0...8, using: &generator)).compactMap { _ in
            guard let name = Self.names.randomElement(using: &generator),
                let body = Self.bodies.randomElement(using: &generator)
            else { return nil }
            return (name.0, name.1, body)
        }
    }

    private func config(_ members: [Member]) throws -> Config {
        try Config(json: #"{"f":{\#(members.map { "\"\($0.name)\":\($0.body)" }.joined(separator: ","))}}"#)
    }

    private func isSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

    /// The last member of each key, in order.
    private func settings(_ members: [Member]) -> [Member] {
        members.indices.filter { index in
            !members[(index + 1)...].contains { isSame($0.key, members[index].key) }
        }.map { members[$0] }
    }

    @Test("the keys are those of settings whose text differs, and then those of removed settings")
    func random() throws {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<3000 {
            let (old, new) = (members(&generator), members(&generator))
            let (oldSettings, newSettings) = (settings(old), settings(new))
            let changed = newSettings.filter { setting in
                !oldSettings.contains { isSame($0.key, setting.key) && $0.body == setting.body }
            }
            let removed = oldSettings.filter { setting in
                !newSettings.contains { isSame($0.key, setting.key) }
            }
            let found = try config(new).changedKeys(from: config(old))
            #expect(found.map { Array($0.utf8) } == (changed + removed).map { Array($0.key.utf8) })
        }
    }

    @Test("without another config, all settings have changed")
    func first() throws {
        let config = try Config(json: #"{"f":{"b":{"t":0,"v":{"b":true}},"a":{"t":0,"v":{"b":true}}}}"#)
        #expect(config.changedKeys(from: nil) == ["b", "a"])
        #expect(config.changedKeys(from: config) == [])
    }

    @Test("merged configs with unescaped strings and plain values are compared by their texts")
    func merged() throws {
        let remote = try Config(json: #"{"f":{"\u0061":{"t":1,"v":{"s":"x\ny"}},"b":{"t":0,"v":{"b":true}}}}"#)
        let local = Config(values: ["b": .string("a value of more than fifteen bytes"), "c": .int(1)])
        let merged = local.merged(over: remote)
        #expect(merged.keys == ["a", "b", "c"])
        #expect(merged["a"]?.value == .string("x\ny"))
        #expect(merged["b"]?.value == .string("a value of more than fifteen bytes"))
        #expect(merged.changedKeys(from: remote) == ["b", "c"])
        #expect(remote.changedKeys(from: merged) == ["b", "c"])
        #expect(merged.changedKeys(from: local.merged(over: remote)) == [])
    }
}
