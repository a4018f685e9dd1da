import Foundation

/// The documents that are evaluated and decoded: those of `../shared/bench`, with which the other SDKs were measured, or,
/// if that folder is absent, generated ones of the same structure.
struct Documents {
    let directory: URL?

    init() {
        // From Benchmarks/Sources/Benchmarks/Documents.swift to the project; `shared` is beside it.
        let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let shared = project.deletingLastPathComponent().appending(path: "shared/bench")
        directory = FileManager.default.fileExists(atPath: shared.path) ? shared : nil
    }

    func bytes(_ name: String, else make: () -> String) -> [UInt8] {
        if let directory, let data = try? Data(contentsOf: directory.appending(path: name)) { return Array(data) }
        return Array(make().utf8)
    }

    var w1: [UInt8] { bytes("config_w1.json") { Self.document(["w1": #"{"t":0,"v":{"b":true},"i":"v1"}"#]) } }
    var w2: [UInt8] {
        bytes("config_w2.json") {
            let rules = (0..<10).map { rule in
                let emails = (0..<10).map { "\"user\(rule)_\($0)@example.com\"" }.joined(separator: ",")
                return #"{"c":[{"u":{"a":"Email","c":0,"l":[\#(emails)]}}],"s":{"v":{"b":true},"i":"v\#(rule)"}}"#
            }
            return Self.document(["w2": #"{"t":0,"v":{"b":false},"i":"v0","r":[\#(rules.joined(separator: ","))]}"#])
        }
    }
    var w3: [UInt8] {
        bytes("config_w3.json") {
            let hashes = (0..<20).map { "\"\(Self.hash($0))\"" }.joined(separator: ",")
            return Self.document([
                "w3":
                    #"{"t":0,"v":{"b":false},"r":[{"c":[{"u":{"a":"Email","c":16,"l":[\#(hashes)]}}],"s":{"v":{"b":true}}}]}"#
            ])
        }
    }
    var w4: [UInt8] {
        bytes("config_w4.json") {
            Self.document([
                "w4":
                    #"{"t":0,"v":{"b":false},"p":[{"p":50,"v":{"b":true},"i":"v1"},{"p":50,"v":{"b":false},"i":"v2"}]}"#
            ])
        }
    }
    var w5: [UInt8] {
        bytes("config_w5.json") {
            Self.document([
                "base":
                    #"{"t":2,"v":{"i":42},"r":[{"c":[{"u":{"a":"Country","c":0,"l":["US","HU"]}}],"s":{"v":{"i":43}}}]}"#,
                "mid":
                    #"{"t":0,"v":{"b":false},"r":[{"c":[{"p":{"f":"base","c":0,"v":{"i":43}}}],"s":{"v":{"b":true}}}]}"#,
                "w5":
                    #"{"t":1,"v":{"s":"off"},"r":[{"c":[{"u":{"a":"Version","c":9,"s":"2.1.0"}},{"u":{"a":"Rating","c":15,"d":4.5}},{"s":{"s":0,"c":0}},{"p":{"f":"mid","c":0,"v":{"b":true}}}],"s":{"v":{"s":"on"}}}]}"#,
            ])
        }
    }
    var w6: [UInt8] { bytes("config_370.json") { Self.document(Self.settings(370)) } }
    var w7: [UInt8] { bytes("config_10k.json") { Self.document(Self.settings(10_000)) } }

    /// Returns settings: 60% plain, 25% with rules, 10% with percentage options, 5% with prerequisites and segments.
    private static func settings(_ count: Int) -> [String: String] {
        var settings: [String: String] = [:]
        for index in 0..<count {
            let key = "feature\(["Search", "Catalog", "Checkout"][index % 3])\(index)Enabled"
            let head = #""t":0,"v":{"b":\#(index % 2 == 0)},"i":"\#(hash(index).prefix(8))""#
            switch index % 20 {
            case 0..<12: settings[key] = "{\(head)}"
            case 12..<17:
                let emails = (0..<20).map { "\"user\(index * 31 + $0)@example.com\"" }.joined(separator: ",")
                let hashes = (0..<8).map { "\"\(hash(index + $0))\"" }.joined(separator: ",")
                settings[key] =
                    #"{\#(head),"r":[{"c":[{"u":{"a":"Version","c":6,"s":"2.\#(index).1"}}],"s":{"v":{"b":true}}},{"c":[{"u":{"a":"Identifier","c":16,"l":[\#(hashes)]}}],"s":{"v":{"b":true}}},{"c":[{"u":{"a":"Email","c":0,"l":[\#(emails)]}}],"s":{"v":{"b":true}}}]}"#
            case 17..<19:
                settings[key] = #"{\#(head),"p":[{"p":20,"v":{"b":true}},{"p":80,"v":{"b":false}}]}"#
            default:
                settings[key] =
                    #"{\#(head),"r":[{"c":[{"s":{"s":0,"c":0}},{"p":{"f":"featureSearch0Enabled","c":0,"v":{"b":true}}}],"s":{"v":{"b":true}}}]}"#
            }
        }
        return settings
    }

    private static func document(_ settings: [String: String]) -> String {
        let members = settings.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        return
            #"{"p":{"s":"YmVuY2htYXJrIHNhbHQ="},"s":[{"n":"Beta users","r":[{"a":"Email","c":2,"l":["@example.com","@beta.example.org"]}]}],"f":{\#(members)}}"#
    }

    /// Returns 64 pseudorandom hex digits.
    private static func hash(_ seed: Int) -> String {
        var state = UInt64(seed + 1)
        return (0..<4).map { _ in
            state = (state ^ 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
            state ^= state >> 29
            let digits = String(state, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
