import ConfigCatEvaluation
import Foundation
import Testing

@testable import ConfigCatServing

@Suite("Version5Document")
struct Version5DocumentTests {
    private func config(rules: String = "[]", rest: String = "", type: Int = 1, value: String = #"{"s":"no"}"#) throws
        -> Config
    {
        try Config(json: #"{"p":{"s":"salt"},"f":{"k":{"t":\#(type),"v":\#(value),"r":\#(rules)\#(rest)}}}"#)
    }

    private func rule(_ condition: String, served: String = #"{"v":{"s":"yes"},"i":"y"}"#) -> String {
        #"[{"c":[{"u":\#(condition)}],"s":\#(served)}]"#
    }

    @Test("a config that is written evaluates as before", arguments: Samples.paths)
    func samples(_ path: String) throws {
        let config = try Samples.config(path)
        let written: JSONValue
        do {
            written = try Version5Document.make(from: config)
        } catch {
            #expect(!error.reasons.isEmpty)
            // All of ConfigCat's v5 files can be written again.
            #expect(!path.hasPrefix("v5/"), "\(error)")
            return
        }
        let version5 = try Config(json: written.json)
        #expect(version5.format == .v5 || config.keys.isEmpty)
        #expect(version5.keys == config.keys)
        for key in config.keys {
            for user in Samples.users {
                #expect(Samples.result(key, in: version5, for: user) == Samples.result(key, in: config, for: user))
            }
        }
    }

    @Test("settings of v6 configs that v5 can express evaluate as before, one by one")
    func settings() throws {
        var count = 0
        for path in Samples.paths where path.hasPrefix("configs") {
            let upstream = try UpstreamDocument(Samples.config(path))
            for member in upstream.json["f"]?.object?.members ?? [] {
                var root = try #require(upstream.json.object)
                var settings = JSONObject()
                settings.members = [member]
                root["f"] = .object(settings)
                let config = try Config(json: JSONValue.object(root).json)
                guard let written = try? Version5Document.make(from: config) else { continue }
                let version5 = try Config(json: written.json)
                count += 1
                for key in config.keys {
                    for user in Samples.users {
                        #expect(
                            Samples.result(key, in: version5, for: user) == Samples.result(key, in: config, for: user))
                    }
                }
            }
        }
        #expect(count > 20)
    }

    @Test("the layout is that of config_v5.json")
    func layout() throws {
        let config = try config(
            rules: rule(#"{"a":"Email","c":2,"l":["x","y"]}"#),
            rest: #","p":[{"p":30,"v":{"s":"a"},"i":"o"},{"p":70,"v":{"s":"b"}}]"#)
        #expect(
            try Version5Document.make(from: config).json
                == #"{"f":{"k":{"t":1,"r":[{"o":0,"a":"Email","t":2,"c":"x","v":"yes","i":"y"},"#
                + #"{"o":1,"a":"Email","t":2,"c":"y","v":"yes","i":"y"}],"#
                + #""p":[{"o":0,"p":30,"v":"a","i":"o"},{"o":1,"p":70,"v":"b"}],"v":"no"}}}"#)
    }

    @Test("a rule for everybody becomes the fallback value")
    func unconditional() throws {
        let config = try config(
            rules: #"[{"c":[],"s":{"v":{"s":"all"},"i":"v"}},{"c":[{"s":{"s":0,"c":0}}],"s":{"v":{"s":"x"}}}]"#,
            rest: #","p":[{"p":100,"v":{"s":"b"}}]"#)
        let version5 = try Config(json: Version5Document.make(from: config).json)
        for user in Samples.users { #expect(Samples.result("k", in: version5, for: user) == "string all v") }
    }

    @Test(
        "what v5 cannot express is a reason that names the setting and the rule",
        arguments: [
            (#"{"a":"Email","c":16,"l":["ab"]}"#, "hashed"), (#"{"a":"Email","c":18,"d":5}"#, "BEFORE"),
            (#"{"a":"Email","c":3,"l":["a","b"]}"#, "2 comparison values"),
            (#"{"a":"Email","c":0,"l":["a,b"]}"#, "comma"),
            (#"{"a":"Email","c":0,"l":[" a"]}"#, "white space"), (#"{"a":"Email","c":30,"l":["a"]}"#, "STARTS WITH"),
            (#"{"a":"Email","c":28,"s":"a,b"}"#, "comma"), (#"{"a":"Email","c":2,"l":[""]}"#, "empty"),
            (#"{"a":"Email","c":99,"s":"a"}"#, "unknown"), (#"{"a":"Email","c":10,"d":1e999}"#, "finite"),
        ])
    func obstacles(_ condition: String, _ reason: String) throws {
        let config = try config(rules: rule(condition))
        let error = #expect(throws: Version5Document.Obstacles.self) { try Version5Document.make(from: config) }
        let text = try #require(error?.reasons.first)
        #expect(text.hasPrefix("'k', targeting rule 1: "))
        #expect(text.contains(reason))
    }

    @Test("conditions, options and malformed settings that v5 lacks are reasons")
    func otherObstacles() throws {
        func reason(_ config: Config) -> String {
            do throws(Version5Document.Obstacles) {
                return try Version5Document.make(from: config).json
            } catch {
                return error.reasons.joined(separator: "|")
            }
        }
        let two = #"[{"c":[{"u":{"a":"A","c":0,"l":["x"]}},{"u":{"a":"B","c":0,"l":["x"]}}],"s":{"v":{"s":"y"}}}]"#
        #expect(reason(try config(rules: two)) == "'k', targeting rule 1: it has 2 conditions")
        let options = #","p":[{"p":50,"v":{"s":"a"}},{"p":50,"v":{"s":"b"}}]"#
        #expect(reason(try config(rest: options + #","a":"Country""#)).contains("'Country'"))
        #expect(reason(try config(rest: #","p":[{"p":99.5,"v":{"s":"a"}}]"#)).contains("99.5%"))
        #expect(
            reason(try config(rules: #"[{"c":[],"p":[{"p":100,"v":{"s":"a"}}]}]"#))
                == "'k', targeting rule 1: it serves percentage options")
        #expect(reason(try config(value: #"{"b":true}"#)).hasPrefix("'k': "))
        #expect(
            reason(
                try Config(
                    json:
                        #"{"f":{"k":{"t":0,"v":{"b":true},"r":[{"c":[{"p":{"f":"k","c":0,"v":{"b":true}}}],"s":{"v":{"b":false}}}]}}}"#
                )
            )
            .contains("prerequisite flag 'k'"))
    }

    @Test("overridden settings can be expressed, also where upstream's cannot")
    func overridden() throws {
        let upstream = try UpstreamDocument(config(rules: rule(#"{"a":"Email","c":16,"l":["ab"]}"#)))
        let overrides = [
            try OverlaidDocumentTests.override("k", .string("all")),
            try OverlaidDocumentTests.override("k", .string("one"), user: "u1"),
        ]
        let document = OverlaidDocument(upstream, overrides: OverrideSet(overrides))
        let version5 = try Config(json: Version5Document.make(from: Config(json: document.json.json)).json)
        #expect(Samples.result("k", in: version5, for: ConfigCatUser(identifier: "u1")) == "string one -")
        #expect(Samples.result("k", in: version5, for: nil) == "string all -")
    }
}
