import Foundation
import Testing

@testable import ConfigCatEvaluation

@Suite("Users from hostile values")
struct UserEncodingAdversityTests {
    /// A value that nests containers without encoding values in between.
    private struct Nested: Encodable {
        var depth: Int
        var usesArrays: Bool

        func encode(to encoder: any Encoder) throws {
            var object = encoder.container(keyedBy: Key.self)
            try object.encode("1", forKey: .id)
            if usesArrays {
                var array = object.nestedUnkeyedContainer(forKey: .deep)
                for _ in 0..<depth { array = array.nestedUnkeyedContainer() }
                try array.encode("end")
            } else {
                for _ in 0..<depth { object = object.nestedContainer(keyedBy: Key.self, forKey: .deep) }
                try object.encode("end", forKey: .id)
            }
        }
        enum Key: CodingKey { case id, deep }
    }

    @Test("containers that are nested too deep are an error, at any depth", arguments: [true, false])
    func nestedContainers(usesArrays: Bool) throws {
        let user = try ConfigCatUser(encoding: Nested(depth: 20, usesArrays: usesArrays))
        #expect(user.attribute(for: "deep")?.text.contains("\"end\"") == true)
        for depth in [33, 40, 1000, 50_000] {
            let error = #expect(throws: UserAttributesError.self) {
                try ConfigCatUser(encoding: Nested(depth: depth, usesArrays: usesArrays))
            }
            #expect(error?.message.contains("nested more than 32 levels deep") == true)
        }
    }

    /// A value that breaks the rules of `Encodable`: it asks for containers of several kinds, and for several values.
    private struct Confused: Encodable {
        var mode: Int

        func encode(to encoder: any Encoder) throws {
            var object = encoder.container(keyedBy: Key.self)
            try object.encode("1", forKey: .id)
            var single = encoder.singleValueContainer()
            switch mode {
            case 0: try single.encode("text")
            case 1:
                var array = encoder.unkeyedContainer()
                try array.encode(1)
                try object.encode("2", forKey: .id)
            case 2:
                try single.encodeNil()
                try object.encode("2", forKey: .id)
            default:
                for _ in 0..<3 { try object.encode("3", forKey: .id) }
                _ = object.superEncoder()
                _ = object.nestedContainer(keyedBy: Key.self, forKey: .id)
            }
        }
        enum Key: CodingKey { case id }
    }

    @Test("a value that mixes containers is a user or an error, but ends nothing", arguments: 0..<4)
    func confused(mode: Int) {
        _ = try? ConfigCatUser(encoding: Confused(mode: mode))
    }

    @Test("names that only look the same are different attributes")
    func unicode() throws {
        struct Names: Encodable {
            func encode(to encoder: any Encoder) throws {
                var object = encoder.container(keyedBy: EncodedAttribute.Key.self)
                for name in ["id", "\u{E9}", "e\u{301}", "email\u{301}", "ｅmail"] {
                    try object.encode(name, forKey: EncodedAttribute.Key(name))
                }
            }
        }
        let user = try ConfigCatUser(encoding: Names())
        #expect(user.email == nil && user.custom.entries.count == 4)
    }
}
