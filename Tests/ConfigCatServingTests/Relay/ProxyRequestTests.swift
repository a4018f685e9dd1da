import ConfigCat
import ConfigCatCommandLine
import ConfigCatEvaluation
import Foundation
import Testing

@testable import ConfigCatServing

@Suite("Requests and answers of ConfigCat's Proxy")
struct ProxyRequestTests {
    private static func error(_ json: String) -> String? {
        do {
            _ = try ProxyRequest(json: Array(json.utf8))
            return nil
        } catch {
            return error.description
        }
    }

    @Test("a request has a key and a flat user")
    func complete() throws {
        let request = try ProxyRequest(
            json: Array(
                #"""
                {"key": "caf\u00e9", "sdkKey": "x", "user": {
                  "Identifier": "435170f4", "Email": "jane@example.com", "Country": "HU",
                  "Rating": 4.5, "Age": 18, "Roles": ["editor", "beta"], "Nickname": null}}
                """#.utf8))
        #expect(request.key == "café")
        let expected = """
            {"Identifier":"435170f4","Email":"jane@example.com","Country":"HU","Rating":4.5,"Age":18,\
            "Roles":["editor","beta"]}
            """
        #expect(request.user?.description == expected)
    }

    @Test("predefined attributes that are numbers become strings")
    func numbers() throws {
        let request = try ProxyRequest(json: Array(#"{"user":{"Identifier":12,"Email":1.5}}"#.utf8))
        #expect(request.user?.identifier == "12")
        #expect(request.user?.email == "1.5")
    }

    @Test("a request without attributes has no user", arguments: [#"{}"#, #"{"user":null}"#, #"{"user":{"A":null}}"#])
    func noUser(_ json: String) throws {
        let request = try ProxyRequest(json: Array(json.utf8))
        #expect(request.user == nil)
        #expect(request.key == nil)
    }

    @Test(
        "an error names what is wrong",
        arguments: [
            ("", "The body is empty."),
            ("[]", "The request is not an object."),
            (#"{"key":1}"#, "\"key\" is not a string."),
            (#"{"user":"x"}"#, "\"user\" is not an object."),
            (
                #"{"user":{"Identifier":"x","be\"ta":true}}"#,
                #"The attribute "be\"ta" is not a string, a number or an array of strings."#
            ),
            (
                #"{"user":{"Identifier":false}}"#,
                #"The attribute "Identifier" is not a string, a number or an array of strings."#
            ),
            (#"{"user":{"A":["x",1]}}"#, #"The attribute "A" is not a string, a number or an array of strings."#),
            (#"{"user":{"A":{}}}"#, #"The attribute "A" is not a string, a number or an array of strings."#),
        ])
    func errors(_ json: String, _ message: String) {
        #expect(Self.error(json) == message)
    }

    @Test("an error of JSON says where")
    func place() {
        #expect(Self.error("{\"key\":\n \"a\",}")?.hasPrefix("The request is not JSON: line 2, column ") == true)
    }

    @Test("hostile JSON gives an error or a request")
    func hostile() throws {
        #expect(Self.error(String(repeating: "[", count: 1_000_000)) != nil)
        #expect(Self.error(#"{"user":\#(String(repeating: "{\"a\":", count: 10_000))"#) != nil)
        #expect(throws: InvalidRequest.self) { try ProxyRequest(json: [0xFF, 0xFE]) }
        #expect(Self.error(#"{"user":{"A":1e999,"B":-1e999,"C":123456789012345678901234567890}}"#) == nil)
        let many = (0..<100_000).map { "\"a\($0)\":1" }.joined(separator: ",")
        let request = try ProxyRequest(json: Array("{\"user\":{\(many)}}".utf8))
        #expect(request.user?.attribute(for: "a99999") != nil)
    }

    @Test("data in a path is Base64 with either alphabet, with or without padding")
    func base64() throws {
        let json = #"{"key":"?~?~?~","user":{"Identifier":"ÿÿÿ"}}"#
        let usual = Data(json.utf8).base64EncodedString()
        let safe = usual.replacing("+", with: "-").replacing("/", with: "_")
        #expect(usual != safe)
        for text in [usual, safe, safe.replacing("=", with: "")] {
            let request = try ProxyRequest(base64: text)
            #expect(request.key == "?~?~?~")
            #expect(request.user?.identifier == "ÿÿÿ")
        }
        for text in ["", "*", "a", "é", "e30", "bm8"] {
            if text == "e30" {
                #expect(try ProxyRequest(base64: text).key == nil)
            } else {
                #expect(throws: InvalidRequest.self) { try ProxyRequest(base64: text) }
            }
        }
    }

    @Test("answers have the Proxy's shape for all types")
    func answers() throws {
        let config = try Config(
            json: #"""
                {"f":{
                  "b":{"t":0,"v":{"b":true},"i":"v1"},
                  "s\"":{"t":1,"v":{"s":"<\"\n>"}},
                  "i":{"t":2,"v":{"i":-5},"i":"v3"},
                  "d":{"t":3,"v":{"d":2.5},"i":"v4"},
                  "broken":{"t":0,"v":{"s":"x"},"i":"v5"}}}
                """#)
        let snapshot = ConfigCatClientSnapshot(config: config, logger: .silent)
        #expect(
            ProxyAnswer.json(snapshot.getValueDetails(for: "b", defaultValue: "" as any Sendable))
                == #"{"value":true,"variationId":"v1"}"#)
        let expected =
            #"{"b":{"value":true,"variationId":"v1"},"s\"":{"value":"<\"\n>","variationId":""},"#
            + #""i":{"value":-5,"variationId":"v3"},"d":{"value":2.5,"variationId":"v4"},"#
            + #""broken":{"value":null,"variationId":""}}"#
        #expect(ProxyAnswer.json(snapshot.getAllValueDetails()) == expected)
        #expect(ProxyAnswer.json(keys: snapshot.getAllKeys()) == #"{"keys":["b","s\"","i","d","broken"]}"#)
        #expect(ProxyAnswer.json([EvaluationDetails]()) == "{}")
        #expect(ProxyAnswer.json(keys: []) == #"{"keys":[]}"#)
    }
}
