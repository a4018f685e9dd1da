import ConfigCatEvaluation
import Foundation
import Testing

@testable import ConfigCatServing

@Suite("Version5Document with random configs")
struct Version5RandomTests {
    /// SplitMix64, so that failures can be repeated.
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }

        mutating func pick<Element>(_ elements: [Element]) -> Element {
            elements[Int(next() % UInt64(elements.count))]
        }
    }

    private static let texts = [
        "", "a", "A", "b", "ab", " a", "a ", "a,b", "1", "1.0", "1,5", "01", "-0", "NaN", "Infinity", "1e3", "1000",
        "1.0.0", "1.0", "v1.0.0", "1.0.0-a", "1.0.0+b", "2.0.0", "é", "e\u{301}", "\u{A0}a", "\u{FEFF}a", "\u{0}",
    ]

    private static func condition(_ random: inout Random) -> JSONValue {
        let comparator = Int(random.next() % 36)
        var object = JSONObject()
        object["a"] = .string(random.pick(["Identifier", "Email", "X", "é", "e\u{301}"]))
        object["c"] = JSONValue(comparator)
        switch comparator {
        case 10...15, 18, 19: object["d"] = .number(random.pick(["1", "1.5", "-0", "1000", "1e3", "0.1"]))
        case 6...9, 20, 21, 28, 29: object["s"] = .string(random.pick(texts))
        default:
            object["l"] = .array((0..<Int(random.next() % 4)).map { _ in .string(random.pick(texts)) })
        }
        return .object(JSONObject("u", .object(object)))
    }

    private static func setting(_ random: inout Random) -> JSONValue {
        var setting = JSONObject()
        setting["t"] = 1
        setting["v"] = ["s": "fallback"]
        setting["i"] = "f"
        let rules: [JSONValue] = (0..<Int(random.next() % 4)).map { number in
            ["c": [condition(&random)], "s": ["v": ["s": .string("rule \(number)")], "i": "r"]]
        }
        setting["r"] = .array(rules)
        if random.next() % 2 == 0 {
            let shares = random.pick([[50, 50], [0, 100], [10, 20, 70], [30, 30], [100], [60, 60]])
            let options: [JSONValue] = shares.enumerated().map { number, share in
                ["p": JSONValue(share), "v": ["s": .string("option \(number)")], "i": "o"]
            }
            setting["p"] = .array(options)
        }
        return .object(setting)
    }

    @Test("what v5 can express evaluates as before for every user")
    func random() throws {
        var random = Random(state: 14)
        var users: [ConfigCatUser?] = [nil]
        for _ in 0..<60 {
            var custom: [String: Any] = [:]
            if random.next() % 3 > 0 { custom["X"] = random.pick(Self.texts) }
            if random.next() % 3 > 0 { custom["é"] = random.pick([1, 1.5, -0.0, 1000, .nan, .infinity]) }
            users.append(
                ConfigCatUser(
                    identifier: random.pick(Self.texts),
                    email: random.next() % 3 == 0 ? nil : random.pick(Self.texts), custom: custom))
        }
        var count = 0
        for _ in 0..<3_000 {
            let written: JSONValue = ["p": ["s": "salt"], "f": ["key": Self.setting(&random)]]
            let config = try Config(json: written.json)
            guard let version5 = try? Version5Document.make(from: config) else { continue }
            count += 1
            let old = try Config(json: version5.json)
            for user in users {
                let results = (
                    Samples.result("key", in: config, for: user), Samples.result("key", in: old, for: user)
                )
                if results.0 != results.1 {
                    Issue.record(
                        "\(results) for \(user.map { "\($0)" } ?? "nobody") in \(written.json) as \(version5.json)")
                    return
                }
            }
        }
        #expect(count > 500)
    }
}
