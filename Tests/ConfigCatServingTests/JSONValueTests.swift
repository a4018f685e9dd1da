import ConfigCatEvaluation
import Testing

@testable import ConfigCatServing

@Suite("JSONValue")
struct JSONValueTests {
    static func parse(_ text: String) throws -> JSONValue { try JSONValue(Array(text.utf8)) }

    @Test(
        "what is parsed and written means the same",
        arguments: [
            #"{"b":1,"a":[true,false,null,{}],"c":{"d":[]}}"#,
            "[1.0,-0,1e400,12345678901234567890,0.10]",
            #"{"a":1,"b":2,"a":3}"#,
            #"["\ud800","x\udc00y","é"]"#,
            #"{"\ud800":1,"\ud801":2}"#,
            #"["\u0000\n\"\\"]"#,
        ])
    func roundTrip(_ text: String) throws {
        let written = try Self.parse(text).json
        let again = try Self.parse(written)
        #expect(again.json == written)
        #expect(text.contains("u0000") || written == text)
    }

    @Test("white space and a byte order mark are left out")
    func compact() throws {
        #expect(try Self.parse("\u{FEFF} { \"a\" : [ 1 , 2 ] }\n").json == #"{"a":[1,2]}"#)
    }

    @Test("the last member with a name counts, and null is no member")
    func duplicates() throws {
        var object = try #require(try Self.parse(#"{"a":1,"b":0,"\u0061":2}"#).object)
        #expect(object["a"]?.integer == 2)
        object["a"] = 3
        #expect(
            JSONValue.object(object).json == #"{"b":0,"\u0061":3}"#
                || JSONValue.object(object).json == #"{"b":0,"a":3}"#)
        object["a"] = nil
        object["c"] = "new"
        #expect(JSONValue.object(object).json == #"{"b":0,"c":"new"}"#)
        #expect(try Self.parse(#"{"a":null}"#)["a"] == nil)
    }

    @Test("names are compared as bytes")
    func names() throws {
        let object = try Self.parse("{\"e\u{301}\":1,\"\u{e9}\":2}")
        #expect(object["e\u{301}"]?.integer == 1)
        #expect(object["\u{e9}"]?.integer == 2)
    }

    @Test("a lone surrogate is replaced in the value, but not in the document")
    func loneSurrogate() throws {
        let value = try Self.parse(#"["a\ud800b"]"#)
        #expect(value.array?.first?.text == "a\u{FFFD}b")
        #expect(value.json == #"["a\ud800b"]"#)
    }

    @Test("numbers are read exactly, or not at all")
    func numbers() throws {
        #expect(try Self.parse("9223372036854775807").integer == .max)
        #expect(try Self.parse("9223372036854775808").integer == nil)
        #expect(try Self.parse("5.0").integer == 5)
        #expect(try Self.parse("5.5").integer == nil)
        #expect(try Self.parse("1e999").double == .infinity)
        #expect(JSONValue(5.0).json == "5.0")
        #expect(JSONValue(1e21).json == "1e+21")
        #expect(JSONValue(Double.nan).json == "null")
    }

    @Test("a document that is nested too deep is an error")
    func depth() throws {
        #expect(try Self.parse(String(repeating: "[", count: 512) + String(repeating: "]", count: 512)).array != nil)
        #expect(throws: JSONParsingError.self) { try Self.parse(String(repeating: "[", count: 100_000)) }
    }
}
