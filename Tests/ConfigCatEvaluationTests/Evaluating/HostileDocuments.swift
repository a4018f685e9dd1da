import ConfigCatEvaluation

/// A document of at most 64 kB, and a user, that together cause as much work as possible.
struct HostileDocument: Sendable {
    var name: String
    var json: String
    var key = "a"
    var user: HostileUser = .ordinary

    static let size = 64_000

    enum HostileUser: Sendable {
        case ordinary
        /// All attributes are long strings.
        case long
        /// All attributes are arrays.
        case arrays
    }

    static let all: [HostileDocument] = [
        fan("conditions", #"{"a":"x","c":28,"s":"y"}"#),
        fan("a missing attribute", #"{"a":"missing","c":28,"s":"y"}"#),
        fan("an array as a string", #"{"a":"x","c":28,"s":"y"}"#, user: .arrays),
        fan("a string as an array", #"{"a":"json","c":34,"l":["y"]}"#, user: .arrays),
        fan("a string as a number", #"{"a":"digits","c":10,"d":1}"#, user: .long),
        fan("a string as a version", #"{"a":"version","c":6,"s":"1.0.0"}"#, user: .long),
        fan("hashes with a long salt", #"{"a":"x","c":16,"l":["\#(hash)"]}"#, salt: 20_000),
        flat("hashes with a long salt", salt: 30_000) { #"{"a":"x\#($0 % 8)","c":17,"l":["\#(hash)"]}"# },
        flat("hashes of a long string") { _ in #"{"a":"x","c":17,"l":["\#(hash)"]}"# }.with(.long),
        list("parts of many lengths", comparator: 25, salt: 31_000) { #""\#($0)_\#(hash)""# }.with(.long),
        list("parts of two lengths in turn", comparator: 25, salt: 31_000) { #""\#($0 % 2 + 1)_\#(hash)""# },
        list("searches of one byte", comparator: 3) { _ in #""b""# }.with(.long),
        list("searches that nearly match", comparator: 3) { _ in #""aaaaaaaaaaaaaaaaaaaaaaaaaab""# }.with(.long),
        list("one long search", comparator: 3, count: 2) { "\"\(String(repeating: "a", count: 30_000))\($0)b\"" }
            .with(.long),
        list("versions", comparator: 4) { #""1.0.\#($0)""# },
        list("elements of an array", comparator: 35) { #""\#($0)""# }.with(.arrays),
        list("hashed elements of an array", comparator: 27, salt: 20_000) { _ in #""\#(hash)""# }.with(.arrays),
        flat("lists with a long string") { #"{"a":"x","c":1,"l":["\#($0)"]}"# }.with(.long),
        segment("segments", #"{"a":"x","c":29,"s":"y"}"#),
        segment("segments with warnings", #"{"a":"number","c":29,"s":"y"}"#),
        segment("segments with hashes", #"{"a":"x","c":17,"l":["\#(hash)"]}"#, salt: 15_000),
        prerequisites("a segment in many flags"),
        percentages,
    ]

    static let hash = String(repeating: "0f", count: 32)

    func with(_ user: HostileUser) -> HostileDocument {
        var document = self
        document.user = user
        return document
    }

    /// Returns as many elements as fit into a number of bytes, with commas between them.
    private static func fill(_ space: Int, _ count: Int = .max, _ element: (Int) -> String) -> String {
        var text = ""
        var index = 0
        while index < count {
            let next = element(index)
            guard text.utf8.count + next.utf8.count + 1 <= space else { break }
            text += (index == 0 ? "" : ",") + next
            index += 1
        }
        return text
    }

    private static func document(_ settings: String, segments: String = "", salt: Int = 0) -> String {
        #"{"p":{"s":"\#(String(repeating: "s", count: salt))"},"s":[\#(segments)],"f":{\#(settings)}}"#
    }

    private static func flag(_ key: String, _ rules: String) -> String {
        #""\#(key)":{"t":0,"v":{"b":false},"r":[\#(rules)]}"#
    }

    private static func rule(_ conditions: String) -> String {
        #"{"c":[\#(conditions)],"s":{"v":{"b":true}}}"#
    }

    /// Flag a refers to b 99 times, b to c as often, and so on up to e, whose rules have this condition.
    private static func fan(
        _ name: String, _ condition: String, salt: Int = 0, user: HostileUser = .ordinary
    ) -> HostileDocument {
        let keys = ["a", "b", "c", "d", "e"]
        var settings = zip(keys, keys.dropFirst()).map { key, next in
            let asking = rule(#"{"p":{"f":"\#(next)","c":0,"v":{"b":true}}}"#)
            return flag(key, Array(repeating: asking, count: 99).joined(separator: ","))
        }
        let rest = size - salt - settings.reduce(200) { $0 + $1.utf8.count }
        settings.append(flag("e", fill(rest) { _ in rule(#"{"u":\#(condition)}"#) }))
        return HostileDocument(
            name: "prerequisites in a fan: \(name)", json: document(settings.joined(separator: ","), salt: salt),
            user: user)
    }

    /// Flag a has one rule with as many conditions as fit.
    private static func flat(_ name: String, salt: Int = 0, _ condition: (Int) -> String) -> HostileDocument {
        let conditions = fill(size - salt - 200) { #"{"u":\#(condition($0))}"# }
        return HostileDocument(name: "one rule: \(name)", json: document(flag("a", rule(conditions)), salt: salt))
    }

    /// Flag a has one condition with as many comparison values as fit.
    private static func list(
        _ name: String, comparator: Int, salt: Int = 0, count: Int = .max, _ item: (Int) -> String
    ) -> HostileDocument {
        let items = fill(size - salt - 200, count, item)
        let condition = #"{"u":{"a":"x","c":\#(comparator),"l":[\#(items)]}}"#
        return HostileDocument(name: "one list: \(name)", json: document(flag("a", rule(condition)), salt: salt))
    }

    /// Half of the document is a segment, and the other half refers to it.
    private static func segment(_ name: String, _ condition: String, salt: Int = 0) -> HostileDocument {
        let half = (size - salt) / 2 - 200
        let segment = #"{"n":"S","r":[\#(fill(half) { _ in condition })]}"#
        let rules = fill(half) { _ in rule(#"{"s":{"s":0,"c":1}}"#) }
        return HostileDocument(
            name: "one segment: \(name)", json: document(flag("a", rules), segments: segment, salt: salt))
    }

    /// Flag a depends on many flags, each of which refers to one large segment.
    private static func prerequisites(_ name: String) -> HostileDocument {
        let segment = #"{"n":"S","r":[\#(fill(size / 2) { _ in #"{"a":"number","c":29,"s":"y"}"# })]}"#
        let others = fill(size / 4) { flag("f\($0)", rule(#"{"s":{"s":0,"c":1}}"#)) }
        let count = others.split(separator: "\"f").count
        let rules = fill(size / 4 - 200, count) { rule(#"{"p":{"f":"f\#($0)","c":0,"v":{"b":true}}}"#) }
        return HostileDocument(
            name: "flags: \(name)", json: document(others + "," + flag("a", rules), segments: segment))
    }

    /// As many flags as fit hash a long attribute for their options.
    private static var percentages: HostileDocument {
        let others = fill(size / 2) {
            #""f\#($0)":{"t":0,"a":"x","v":{"b":true},"p":[{"p":100,"v":{"b":false}}]}"#
        }
        let count = others.split(separator: "\"f").count
        let rules = fill(size / 2 - 200, count) { rule(#"{"p":{"f":"f\#($0)","c":0,"v":{"b":true}}}"#) }
        return HostileDocument(
            name: "flags: percentage options by a long string", json: document(others + "," + flag("a", rules)),
            user: .long)
    }
}

extension HostileDocument.HostileUser {
    var user: ConfigCatUser {
        func user(_ value: (String) -> ConfigCatUser.AttributeValue) -> ConfigCatUser {
            let names = ["x", "json", "digits", "version", "number"] + (0..<8).map { "x\($0)" }
            return ConfigCatUser(
                identifier: "1", email: "a@b.c", custom: ConfigCatUser.Attributes(names.map { ($0, value($0)) }))
        }
        let strings = (0..<2000).map { "element \($0)" }
        let array = "[" + strings.map { "\"\($0)\"" }.joined(separator: ",") + "]"
        return switch self {
        case .ordinary: user { $0 == "number" ? 4.5 : "x" }
        case .long:
            user { name in
                switch name {
                case "digits": .string(String(repeating: "1", count: 60_000))
                case "version": .string("1.0.0-" + String(repeating: "a.", count: 30_000) + "a")
                default: .string(String(repeating: "a", count: 60_000))
                }
            }
        case .arrays: user { $0 == "json" ? .string(array) : .stringArray(strings) }
        }
    }
}
