import Foundation
import Testing

@testable import ConfigCatEvaluation

@Suite("Users from values")
struct UserEncodingTests {
    private struct Account: Encodable {
        var id = UUID(uuidString: "4B7C4B2E-51C1-4A8E-9B65-3A8A2B1E0C11")
        var email: String? = "jane@example.com"
        var country = "HU"
        var plan = Plan.pro
        var groups = ["beta", "staff"]
        var orders = 31
        var rating = 4.5
        var isStaff = true
        var registered = Date(timeIntervalSince1970: 1_700_000_000.25)
        var nickname: String?
        var address = Address()

        enum CodingKeys: String, CodingKey {
            case id, email, plan, groups, orders, rating, isStaff, registered, nickname, address
            case country = "Country"
        }
    }
    private enum Plan: String, Encodable { case pro }
    private struct Address: Encodable {
        var city = "\"Bp\""
        var floors = [1, 2]
        var moved = Date(timeIntervalSince1970: 0)
        var isHome = true
        var none: Int?
    }

    @Test("members become attributes")
    func account() throws {
        let user = try ConfigCatUser(encoding: Account())
        #expect(user.identifier == "4B7C4B2E-51C1-4A8E-9B65-3A8A2B1E0C11")
        #expect(user.email == "jane@example.com")
        #expect(user.country == "HU")
        #expect(
            user.custom.description
                == #"[plan=string("pro"), groups=stringArray(["beta", "staff"]), orders=int(31), rating=double(4.5), "#
                + #"isStaff=string("true"), registered=date, "#
                + #"address=string("{\"city\":\"\\\"Bp\\\"\",\"floors\":[1,2],\"moved\":\"1970-01-01T00:00:00.000Z\",\"isHome\":true}")]"#
        )
        guard case .date(let date)? = user.custom["registered"] else { Issue.record("not a date"); return }
        #expect(date == Date(timeIntervalSince1970: 1_700_000_000.25))
    }

    private struct Numbers: Encodable {
        var id = UInt64.max
        var int8 = Int8.min
        var int64 = Int64.max
        var uint64 = UInt64.max
        var decimal = Decimal(string: "0.1000000000000000000000000000001")
        var float = Float(0.5)
        var double = 0.1
        var infinite = Double.infinity
        var int128 = Int128.max
        var uint128 = UInt128.max
        var list128: [Int128?] = [nil, -1]
        var nested = ["big": UInt64.max]
        var nestedDecimal = [Decimal(string: "12345678901234567890.5")]
        var url = URL(string: "https://example.com/a?b")
        var data = Data([1, 2, 3])
    }

    @Test("numbers are exact: what fits into neither an Int nor a Double is a string of digits")
    func numbers() throws {
        let user = try ConfigCatUser(encoding: Numbers())
        #expect(user.identifier == "18446744073709551615")
        #expect(
            user.custom.description
                == #"[int8=int(-128), int64=int(9223372036854775807), uint64=string("18446744073709551615"), "#
                + #"decimal=string("0.1000000000000000000000000000001"), float=double(0.5), double=double(0.1), "#
                + #"infinite=double(inf), int128=string("170141183460469231731687303715884105727"), "#
                + #"uint128=string("340282366920938463463374607431768211455"), list128=string("[null,-1]"), "#
                + #"nested=string("{\"big\":18446744073709551615}"), nestedDecimal=string("[12345678901234567890.5]"), "#
                + #"url=string("https://example.com/a?b"), data=string("AQID")]"#)
    }

    @Test("an identifier that is passed takes precedence, and the value's own are custom attributes")
    func explicitIdentifier() throws {
        let user = try ConfigCatUser(encoding: ["id": "1", "identifier": "2", "email": "e"], identifier: "3")
        #expect(user.identifier == "3" && user.email == "e")
        #expect(user.custom.description == #"[id=string("1"), identifier=string("2")]"#)
        let both = try ConfigCatUser(encoding: ["id": "1", "identifier": "2"])
        #expect(both.identifier == "2" && both.custom.description == #"[id=string("1")]"#)
    }

    @Test("dictionaries of any values become attributes, sorted by name")
    func dictionary() throws {
        let attributes: [String: any Sendable] = [
            "identifier": 4711, "email": "e", "z": true, "a": 1.5, "none": Int?.none, "list": ["x", "y"],
            "mixed": ["x", 1] as [any Sendable],
            "nested": ["b": 1, "a": Date(timeIntervalSince1970: 0)] as [String: any Sendable],
            "kind": Plan.pro, "range": 1..<3, "value": ConfigCatUser.AttributeValue.int(3),
            "big": UInt64.max, "url": URL(filePath: "/x"),
        ]
        let user = try ConfigCatUser(attributes: attributes)
        #expect(user.identifier == "4711")
        #expect(
            user.custom.description
                == #"[a=double(1.5), big=string("18446744073709551615"), kind=string("pro"), list=stringArray(["x", "y"]), "#
                + #"mixed=string("[\"x\",1]"), nested=string("{\"a\":\"1970-01-01T00:00:00.000Z\",\"b\":1}"), "#
                + #"range=string("[1,3]"), url=string("file:///x"), value=int(3), z=string("true")]"#)
    }

    @Test("evaluations use the attributes")
    func evaluation() throws {
        struct Person: Encodable {
            var id = "1"
            var age = 20
            var since = Date(timeIntervalSince1970: 1_000)
        }
        let config = try Config(
            json: Data(
                #"""
                {"f":{"a":{"t":0,"v":{"b":false},"r":[{"c":[{"u":{"a":"age","c":15,"d":18}},
                {"u":{"a":"since","c":18,"d":2000}}],"s":{"v":{"b":true}}}]}}}
                """#.utf8))
        let user = try ConfigCatUser(encoding: Person())
        #expect(
            config.values(for: user, warn: { _ in Issue.record("a warning") }, fail: { _, _ in })["a"] as? Bool == true)
    }

    private final class Node: Encodable {
        nonisolated(unsafe) var next: Node?
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode("n", forKey: .id)
            try container.encodeIfPresent(next, forKey: .next)
        }
        enum Key: CodingKey { case id, next }
    }

    private struct Itself: Encodable {
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(self)
        }
    }

    private struct Empty: Encodable {}

    private static func message(_ value: some Encodable) -> String {
        (#expect(throws: UserAttributesError.self) { try ConfigCatUser(encoding: value) })?.message ?? ""
    }

    @Test("what is not a user is an error that says why")
    func errors() {
        #expect(Self.message(["email": "e"]).contains("no identifier"))
        #expect(Self.message(Empty()).contains("no identifier"))
        #expect(Self.message(["id": Optional<String>.none]).contains("no identifier"))
        #expect(Self.message(["id": ""]).contains("empty"))
        #expect(Self.message("text").contains("encoded as a string"))
        #expect(Self.message([1, 2]).contains("encoded as an array"))
        #expect(Self.message(Optional<String>.none).contains("encoded as nil"))
        #expect(Self.message(Date()).contains("encoded as a date"))
        #expect(Self.message(["id": ["a"]]).contains("the attribute 'id' is an array, not a string or a whole number"))
        #expect(Self.message(["id": 1.5]).contains("is a number"))
        #expect(Self.message(["id": 1, "email": 2]).contains("the attribute 'email' is a number, not a string"))
        #expect(Self.message(Itself()).contains("nested more than 32 levels"))
        let node = Node()
        node.next = node
        #expect(Self.message(node).contains("the attribute 'next.next.next.next…' is nested more than 32 levels deep"))
        node.next = nil
        var deep: any Sendable = 1
        for _ in 0..<1000 { deep = [deep] as [any Sendable] }
        let attributes: [String: any Sendable] = ["id": "1", "deep": ["a": deep] as [String: any Sendable]]
        #expect(throws: UserAttributesError.self) { try ConfigCatUser(attributes: attributes) }
    }

    @Test("an error of the value itself is thrown unchanged")
    func ownError() {
        struct Failing: Encodable {
            struct Failure: Error {}
            func encode(to encoder: any Encoder) throws { throw Failure() }
        }
        #expect(throws: Failing.Failure.self) { try ConfigCatUser(encoding: Failing()) }
    }

    private class Base: Encodable {
        var id = "1"
        var base = 2
    }
    private final class Derived: Base {
        var own = 3
        override func encode(to encoder: any Encoder) throws {
            try super.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(own, forKey: .own)
            var list = container.nestedUnkeyedContainer(forKey: .list)
            try list.encode("a")
            try list.encodeNil()
            var nested = list.nestedContainer(keyedBy: Key.self)
            try nested.encode(1, forKey: .own)
            var inner = container.nestedContainer(keyedBy: Key.self, forKey: .inner)
            try inner.encodeNil(forKey: .own)
            try 5.encode(to: container.superEncoder())
        }
        enum Key: CodingKey { case own, list, inner }
    }

    @Test("containers of all kinds are encoded, those of superclasses into the same object")
    func containers() throws {
        #expect(
            try ConfigCatUser(encoding: Derived()).custom.description
                == #"[base=int(2), own=int(3), list=string("[\"a\",null,{\"own\":1}]"), inner=string("{\"own\":null}"), super=int(5)]"#
        )
    }
}

extension ConfigCatUser.Attributes {
    /// The names and values, in order. Dates are left out, because their description depends on the platform.
    fileprivate var description: String {
        let texts = entries.map { name, value in
            if case .date = value { return "\(name)=date" }
            return "\(name)=\(value)"
        }
        return "[" + texts.joined(separator: ", ") + "]"
    }
}
