import ConfigCat
import ConfigCatEvaluation
import ConfigCatOpenFeature
import Foundation
import Testing

@Suite("Evaluations in the terms of OpenFeature")
struct OpenFeatureTests {
    private let snapshot: ConfigCatClientSnapshot

    init() throws { snapshot = ConfigCatClientSnapshot(config: try Config(json: ReasonConfig.json)) }

    private func details(_ key: String, _ user: ConfigCatUser? = nil) -> EvaluationDetails {
        snapshot.getValueDetails(for: key, defaultValue: "" as any Sendable, user: user)
    }

    @Test("a resolution has the value, the variation ID and OpenFeature's reason")
    func resolution() {
        let resolution = OpenFeatureResolution(
            snapshot.getValueDetails(for: "ruled", defaultValue: "", user: ReasonConfig.jane))
        #expect(resolution.value == "jane")
        #expect(resolution.variant == "v-rule")
        #expect(resolution.reason == .targetingMatch)
        #expect(resolution.errorCode == nil)
        #expect(resolution.errorMessage == nil)
    }

    @Test(
        "reasons are OpenFeature's; over OFREP, DEFAULT is STATIC",
        arguments: [
            ("plain", ReasonConfig.jane, "DEFAULT", "STATIC"), ("ruled", .jane, "TARGETING_MATCH", "TARGETING_MATCH"),
            ("split", .jane, "SPLIT", "SPLIT"), ("missing", .jane, "ERROR", "ERROR"),
        ] as [(String, ConfigCatUser, String, String)])
    func reasons(key: String, user: ConfigCatUser, reason: String, overOFREP: String) {
        let found = OpenFeatureReason(details(key, user).reason)
        #expect(found.rawValue == reason)
        #expect(found.overOFREP.rawValue == overOFREP)
        #expect(OpenFeatureReason(EvaluationReason(rawValue: "of a later release")) == .unknown)
    }

    @Test("each error has OpenFeature's code")
    func errorCodes() {
        let codes: [(EvaluationErrorCode, String?)] = [
            (.none, nil), (.configJsonNotAvailable, "PROVIDER_NOT_READY"), (.settingKeyMissing, "FLAG_NOT_FOUND"),
            (.settingValueTypeMismatch, "TYPE_MISMATCH"), (.invalidConfigModel, "PARSE_ERROR"),
            (.invalidUserInput, "GENERAL"), (.unexpectedError, "GENERAL"),
            (EvaluationErrorCode(rawValue: 4711), "GENERAL"),
        ]
        for (code, expected) in codes { #expect(OpenFeatureErrorCode(code)?.rawValue == expected) }
        let resolution = OpenFeatureResolution(snapshot.getValueDetails(for: "plain", defaultValue: 3))
        #expect(resolution.value == 3)
        #expect(resolution.reason == .error)
        #expect(resolution.errorCode == .typeMismatch)
        #expect(resolution.errorMessage?.contains("of type Bool") == true)
    }

    @Test("an object flag is a setting with JSON; other text is a type mismatch")
    func objects() throws {
        let config = Config(values: ["object": .string(#"{"a":[1,2.5,"x",null,true]}"#), "text": .string("{")])
        let snapshot = ConfigCatClientSnapshot(config: config)
        let object = OpenFeatureResolution(
            parsing: snapshot.getValueDetails(for: "object", defaultValue: ""), defaultValue: nil)
        #expect(object.value == ["a": [1, 2.5, "x", nil, true]])
        #expect(object.reason == .default)
        let text = OpenFeatureResolution(
            parsing: snapshot.getValueDetails(for: "text", defaultValue: ""), defaultValue: ["b": 1])
        #expect(text.value == ["b": 1])
        #expect(text.errorCode == .typeMismatch)
        let missing = OpenFeatureResolution(
            parsing: snapshot.getValueDetails(for: "missing", defaultValue: ""), defaultValue: ["b": 1])
        #expect(missing.value == ["b": 1])
        #expect(missing.errorCode == .flagNotFound)
    }

    @Test(
        "OFREP's answers have exactly the protocol's members",
        arguments: [
            ("plain", 200, #"{"key":"plain","value":true,"reason":"STATIC","variant":"v-plain"}"#),
            ("ruled", 200, #"{"key":"ruled","value":"jane","reason":"TARGETING_MATCH","variant":"v-rule"}"#),
            ("split", 200, #"{"key":"split","value":2,"reason":"SPLIT","variant":"v-two"}"#),
            ("ratio", 200, #"{"key":"ratio","value":5.0,"reason":"STATIC"}"#),
        ])
    func ofrepSuccess(key: String, status: Int, json: String) {
        let evaluation = OFREPEvaluation(details(key, ReasonConfig.jane))
        #expect(evaluation.status == status)
        #expect(evaluation.json == json)
    }

    @Test("OFREP's errors have a status, a code and details")
    func ofrepFailures() throws {
        let missing = OFREPEvaluation(details("missing"), metadata: ["team": "shop", "beta": true])
        #expect(missing.status == 404)
        #expect(missing.json.hasPrefix(#"{"key":"missing","errorCode":"FLAG_NOT_FOUND","errorDetails":"#))
        #expect(missing.json.hasSuffix(#","metadata":{"beta":true,"team":"shop"}}"#))
        #expect(try JSONSerialization.jsonObject(with: Data(missing.json.utf8)) is [String: Any])
        let malformed = OFREPEvaluation(details("malformed"))
        #expect(malformed.status == 400)
        #expect(malformed.json.contains(#""errorCode":"PARSE_ERROR""#))
        let error = OpenFeatureError(.invalidContext, #"a "bad" user"#)
        let failure = OFREPFailure(error, key: nil)
        #expect(failure.status == 400)
        #expect(failure.json == #"{"errorCode":"INVALID_CONTEXT","errorDetails":"a \"bad\" user"}"#)
        #expect(OFREPFailure(key: "x", errorCode: .providerNotReady, errorDetails: nil).status == 500)
    }
}

extension ConfigCatUser {
    fileprivate static var jane: ConfigCatUser { ReasonConfig.jane }
}

@Suite("Users from evaluation contexts")
struct OpenFeatureContextTests {
    private func user(_ json: String) throws -> ConfigCatUser? {
        try OpenFeatureContext(OpenFeatureValue(json: json)).user()
    }

    @Test("the targeting key, email and country are predefined attributes; all others are custom")
    func attributes() throws {
        let user = try #require(
            try user(
                #"""
                {"targetingKey":"7","email":"a@b.c","Country":"HU","plan":"Pro","age":31,"rating":4.5,"beta":true,
                "roles":["a","b"],"mixed":["a",1,null],"nested":{"b":[true],"a":"\""},"nothing":null}
                """#))
        #expect(user.identifier == "7")
        #expect(user.email == "a@b.c")
        #expect(user.country == "HU")
        func text(_ name: String) -> String? { user.attribute(for: name).map { "\($0)" } }
        #expect(text("plan") == #"string("Pro")"#)
        #expect(text("age") == "int(31)")
        #expect(text("rating") == "double(4.5)")
        #expect(text("beta") == #"string("true")"#)
        #expect(text("roles") == #"stringArray(["a", "b"])"#)
        if case .string(let json)? = user.attribute(for: "mixed") { #expect(json == #"["a",1,null]"#) }
        if case .string(let json)? = user.attribute(for: "nested") {
            #expect(json == #"{"a":"\"","b":[true]}"#)
        } else {
            Issue.record("the nested attribute is not text")
        }
        #expect(user.attribute(for: "nothing") == nil)
        #expect(user.attribute(for: "targetingKey") == nil)
    }

    @Test("ConfigCat's own names take precedence, and the usual ones remain as custom attributes")
    func precedence() throws {
        let user = try #require(
            try user(#"{"Email":"A","email":"b","country":"c","Country":null,"Identifier":"i"}"#))
        #expect(user.email == "A")
        #expect(user.country == "c")
        #expect(user.identifier == "i")
        #expect(user.attribute(for: "email").map { "\($0)" } == #"string("b")"#)
    }

    @Test("a context without a targeting key has an empty identifier; without anything, it is no user")
    func noTargetingKey() throws {
        #expect(try user(#"{"plan":"Pro"}"#)?.identifier == "")
        #expect(try user("{}") == nil)
        #expect(try user(#"{"plan":null,"targetingKey":null}"#) == nil)
        #expect(try user("null") == nil)
        #expect(try user(#"{"targetingKey":""}"#)?.identifier == "")
    }

    @Test("dates are dates, and in nested values ISO 8601")
    func dates() throws {
        let date = Date(timeIntervalSince1970: 1_700_000_000)
        let context = OpenFeatureContext(attributes: ["since": .date(date), "all": [.date(date)]])
        let user = try #require(try context.user())
        if case .date(let found)? = user.attribute(for: "since") {
            #expect(found == date)
        } else {
            Issue.record("no date")
        }
        if case .string(let text)? = user.attribute(for: "all") {
            #expect(text.hasPrefix(#"["2023-11-14T22:13:20"#))
        } else {
            Issue.record("no text")
        }
    }

    @Test(
        "what does not describe a user is an invalid context, with the attribute",
        arguments: [
            (#"{"targetingKey":7}"#, "targetingKey"), (#"{"Email":["a"]}"#, "Email"), (#"{"country":true}"#, "country"),
            (#"{"Identifier":1}"#, "Identifier"), ("[]", "not an object"), (#""x""#, "not an object"),
        ])
    func invalid(json: String, named: String) {
        let error = #expect(throws: OpenFeatureError.self) { try user(json) }
        #expect(error?.code == .invalidContext)
        #expect(error?.message.contains(named) == true)
    }

    @Test("deep nesting is an error, not a crash")
    func deep() throws {
        let text = String(repeating: "[", count: 400) + String(repeating: "]", count: 400)
        #expect(throws: OpenFeatureError.self) { try OpenFeatureValue(json: text) }
        let body = #"{"context":{"deep":\#(text)}}"#
        let error = #expect(throws: OpenFeatureError.self) { try OpenFeatureContext(ofrepRequest: body) }
        #expect(error?.code == .invalidContext)
        var value: OpenFeatureValue = "x"
        for _ in 0..<300 { value = [value] }
        #expect(throws: OpenFeatureError.self) { try OpenFeatureContext(attributes: ["deep": value]).user() }
        #expect(value.json.contains("null"))
    }

    @Test("the body of an OFREP request is an object with a context")
    func request() throws {
        let context = try OpenFeatureContext(ofrepRequest: #"{"context":{"targetingKey":"7","beta":true}}"#)
        #expect(context == OpenFeatureContext(targetingKey: "7", attributes: ["beta": true]))
        #expect(try OpenFeatureContext(ofrepRequest: "{}") == OpenFeatureContext())
        for body in ["", "{", "[]", #"{"context":1}"#, "{\"context\":{\"a\":\"\u{0}\"}}"] {
            let error = #expect(throws: OpenFeatureError.self) { try OpenFeatureContext(ofrepRequest: body) }
            #expect(error?.code == .invalidContext)
        }
    }
}
