import Testing

@testable import ConfigCatEvaluation

@Suite("Conformance: override files")
struct OverrideFileTests {
    private func value(_ key: String, in config: Config, for user: ConfigCatUser? = nil) throws -> SettingValue {
        try config.details(key, for: user, warn: nil).get().value
    }

    @Test(
        "a file of plain values and a full config have the same values", arguments: ["test-simple.json", "test.json"])
    func values(_ file: String) throws {
        let config = try ConformanceData.config("official/overrides/" + file)
        #expect(try value("enabledFeature", in: config) == .bool(true))
        #expect(try value("disabledFeature", in: config) == .bool(false))
        #expect(try value("intSetting", in: config) == .int(5))
        #expect(try value("doubleSetting", in: config) == .double(3.14))
        #expect(try value("stringSetting", in: config) == .string("test"))
    }

    @Test(
        "a circular dependency fails, and the message names its path",
        arguments: [
            ("key1", "'key1' -> 'key1'"), ("key2", "'key2' -> 'key3' -> 'key2'"),
            ("key4", "'key4' -> 'key3' -> 'key2' -> 'key3'"),
        ])
    func circularDependencies(_ key: String, path: String) throws {
        let config = try ConformanceData.config("official/overrides/test_circulardependency_v6.json")
        let failure = #expect(throws: EvaluationFailure.self) { try value(key, in: config) }
        #expect(failure?.code == .invalidConfigModel)
        #expect(failure?.message.contains(path) == true)
    }

    @Test("a prerequisite flag of an override is looked up among remote settings too")
    func prerequisites() throws {
        let local = try ConformanceData.config("official/overrides/test_override_flagdependency_v6.json")
        let remote = try Config(
            json: #"{"f":{"mainIntFlag":{"t":2,"v":{"i":42}},"mainStringFlag":{"t":1,"v":{"s":"public"}}}}"#)
        let merged = local.merged(over: remote)
        #expect(try value("stringDependsOnInt", in: merged) == .string("Dog"))
        #expect(try value("mainStringFlag", in: merged) == .string("private"))
        #expect(try value("mainStringFlag", in: remote.merged(over: local)) == .string("public"))
    }

    @Test("overrides keep their own salt and segments")
    func segments() throws {
        let local = try ConformanceData.config("official/overrides/test_override_segments_v6.json")
        let remote = try Config(
            json:
                #"{"p":{"s":"another salt"},"s":[{"n":"Others","r":[]}],"f":{"other":{"t":0,"v":{"b":false},"r":[{"c":[{"s":{"s":0,"c":0}}],"s":{"v":{"b":true}}}]}}}"#
        )
        let user = ConfigCatUser(identifier: "1", email: "a@example.com")
        let merged = local.merged(over: remote)
        #expect(merged.segments.count == 3)
        #expect(try value("other", in: merged, for: user) == .bool(true))
        for email in ["a@example.com", "jane@example.com", "kate@example.com"] {
            let user = ConfigCatUser(identifier: "1", email: email)
            let expected = try value("developerAndBetaUserSegment", in: local, for: user)
            #expect(try value("developerAndBetaUserSegment", in: merged, for: user) == expected)
        }
    }
}
