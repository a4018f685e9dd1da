import AsyncHTTPClient
import ConfigCatEvaluation
import ConfigCatTestSupport
import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import ConfigCatServing

@Suite("Development API", .cleanup)
struct DevelopmentRoutesIntegrationTests {
    static let json = """
        {"p":{"s":"salt"},"s":[{"n":"Beta","r":[{"a":"Email","c":0,"l":["b@x.io"]}]}],"f":{
          "main":{"t":0,"v":{"b":false},"i":"off","r":[{"c":[{"s":{"s":0,"c":0}}],"s":{"v":{"b":true},"i":"on"}}],
            "p":[{"p":50,"v":{"b":true},"i":"half"},{"p":50,"v":{"b":false}}]},
          "sub":{"t":1,"v":{"s":"no"},"r":[{"c":[{"p":{"f":"main","c":0,"v":{"b":true}}}],"s":{"v":{"s":"yes"}}}]},
          "int":{"t":2,"v":{"i":1}},"double":{"t":3,"v":{"d":1.5}},"bad":{"t":2,"v":{"s":"x"}},
          "a/b ?&é":{"t":1,"v":{"s":"x"}}}}
        """

    private static let flags = "/api/dev/configs/flags"

    private func server(_ json: String = json) async throws -> TestServer { try await TestServer(json: json) }

    private func send(
        _ server: TestServer, _ method: HTTPMethod, _ path: String, _ body: String? = nil
    ) async throws -> (status: Int, json: JSONValue) {
        let headers: HTTPHeaders = body == nil ? [:] : ["Content-Type": "application/json"]
        let response = try await server.send(method, path, headers: headers, body: body)
        return (response.status, response.body.isEmpty ? .null : try JSONValue(response.body))
    }

    private func error(
        _ server: TestServer, _ method: HTTPMethod, _ path: String, _ body: String? = nil
    ) async throws -> String {
        let (status, json) = try await send(server, method, path, body)
        return "\(status) \(json["error"]?.text ?? json.json)"
    }

    @Test("configs are listed")
    func configs() async throws {
        let server = try await server()
        let config = try #require(try await send(server, .GET, "/api/dev/configs").json["configs"]?.array?.first)
        #expect(config["id"]?.text == "flags")
        #expect(config["source"]?.text == "file")
        #expect(config["etag"]?.text == (try server.config).document?.eTag)
        #expect(config["settings"]?.integer == 6)
        #expect(config["version"]?.integer == 1)
        #expect(config["problem"] == nil)
        #expect(config["fetched"]?.text?.hasSuffix("Z") ?? false)
    }

    @Test("settings have their targeting in words, and their relations")
    func settings() async throws {
        let server = try await server()
        let json = try await send(server, .GET, Self.flags + "/settings").json
        let settings = try #require(json["settings"]?.array)
        #expect(settings.map { $0["key"]?.text } == ["main", "sub", "int", "double", "bad", "a/b ?&é"])
        let main = settings[0]
        #expect(main["value"]?.bool == false && main["type"]?.text == "Bool")
        #expect(main["dependents"]?.json == #"["sub"]"# && main["segments"]?.json == #"["Beta"]"#)
        #expect(main["percentageAttribute"]?.text == "Identifier")
        #expect(
            main["rules"]?.json
                == #"[{"conditions":[{"text":"User IS IN SEGMENT 'Beta'","prerequisite":null,"segment":"Beta"}],"value":true,"variationId":"on","options":[]}]"#
        )
        #expect(
            main["percentageOptions"]?.json
                == #"[{"percentage":50,"value":true,"variationId":"half"},{"percentage":50,"value":false,"variationId":null}]"#
        )
        #expect(settings[1]["prerequisites"]?.json == #"["main"]"#)
        #expect(settings[4]["value"] == nil && settings[4]["problem"]?.text != nil)
        #expect(
            json["segments"]?.json
                == #"[{"name":"Beta","conditions":[{"text":"User.Email IS ONE OF ['b@x.io']"}],"usedBy":["main"]}]"#)
    }

    @Test("an override is served, listed, disabled, enabled and removed")
    func overrideLife() async throws {
        let server = try await server()
        let path = Self.flags + "/overrides/main"
        let set = try await send(server, .PUT, path, #"{"value":true}"#)
        #expect(set.status == 200)
        #expect(set.json["key"]?.text == "main" && set.json["user"] == nil && set.json["enabled"]?.bool == true)
        let served = try Config(json: try await server.send(.GET, configPath()).body)
        #expect(Samples.result("sub", in: served, for: nil) == "string yes -")

        #expect(
            try await send(server, .PUT, path + "?user=a%2Bb+c%20d", #"{"value":false,"enabled":false}"#).status == 200)
        let listed = try await send(server, .GET, Self.flags + "/overrides").json["overrides"]?.array ?? []
        #expect(listed.map { $0["user"]?.text } == [nil, "a+b c d"])
        let settings = try await send(server, .GET, Self.flags + "/settings").json["settings"]?.array ?? []
        #expect(settings.first?["override"]?["value"]?.bool == true)
        #expect(settings.first?["userOverrides"]?.array?.count == 1)
        #expect(settings.first?["value"]?.bool == false)

        let disabled = try await send(server, .PUT, path, #"{"enabled":false}"#)
        #expect(disabled.json["value"]?.bool == true && disabled.json["enabled"]?.bool == false)
        #expect(try (server.config).document?.config["main"]?.value == .bool(false))
        // A new value alone does not enable it.
        #expect(try await send(server, .PUT, path, #"{"value":true}"#).json["enabled"]?.bool == false)
        #expect(try await send(server, .PUT, path, #"{"enabled":true}"#).json["value"]?.bool == true)

        #expect(try await send(server, .DELETE, path).status == 204)
        #expect(try await error(server, .DELETE, path) == "404 there is no override of 'main' for everybody")
        #expect(
            try await error(server, .DELETE, path + "?user=") == "404 there is no override of 'main' for the user ''")
        #expect(try await send(server, .DELETE, Self.flags + "/overrides").status == 204)
        #expect(try (server.config).overrides.isEmpty)
    }

    @Test("keys may contain anything")
    func keys() async throws {
        let server = try await server()
        let path = Self.flags + "/overrides/a%2Fb%20%3F%26%C3%A9"
        #expect(try await send(server, .PUT, path, #"{"value":"new"}"#).status == 200)
        #expect(try (server.config).document?.config["a/b ?&é"]?.value == .string("new"))
        #expect(try await send(server, .DELETE, path).status == 204)
    }

    @Test(
        "a wrong override is refused with a reason",
        arguments: [
            (
                "int", #"{"value":true}"#,
                "422 the setting 'int' is of type Int: true or false was given, and a value of type Int is a whole number"
            ),
            ("int", #"{"value":1.5}"#, "422 the setting 'int' is of type Int: 1.5 is not a valid Int"),
            (
                "int", #"{"value":2147483648}"#,
                "422 2147483648 is not a valid Int: settings of type Int are from -2147483648 to 2147483647"
            ),
            (
                "double", #"{"value":1e999}"#,
                "422 the setting 'double' is of type Double: 1e999 is too large for a Double"
            ),
            (
                "main", #"{"value":"true"}"#,
                "422 the setting 'main' is of type Bool: a string was given, and a value of type Bool is true or false"
            ),
            (
                "main", #"{"value":null}"#,
                "422 the setting 'main' is of type Bool: null was given, and a value of type Bool is true or false"
            ),
            ("gone", #"{"value":true}"#, "404 the config has no setting 'gone'"),
            ("bad", #"{"value":1}"#, "422 the setting 'bad' is malformed: a value is not of the setting's type, int"),
            ("main", #"{"enabled":false}"#, "404 there is no override of 'main' for everybody"),
            ("main", #"{"enabled":1}"#, #"400 "enabled" is not true or false"#),
            ("main", "{}", #"400 the body has neither "value" nor "enabled""#),
            ("main", #"{"valu":true}"#, #"400 the body has the unknown member "valu"; it can have "enabled", "value""#),
            ("main", "[]", "400 the body is an array, not a JSON object"),
            (
                "main", "{",
                "400 the body is not JSON: line 1, column 2: unexpected end of text, a member name is missing"
            ),
            (
                "main?user=", #"{"value":true}"#,
                "422 the user's identifier is empty, and a condition cannot match an empty one"
            ),
            ("main?user=a&user=b", #"{"value":true}"#, #"400 the query has more than one "user""#),
        ])
    func refused(_ key: String, _ body: String, _ expected: String) async throws {
        let server = try await server()
        let text = try await error(server, .PUT, Self.flags + "/overrides/" + key, body)
        #expect(text == expected || (body == "{" && text.hasPrefix("400 the body is not JSON: line 1, column 2")))
        #expect(try (server.config).overrides.isEmpty)
    }

    @Test("an empty key does not remove all overrides")
    func emptyKey() async throws {
        let server = try await server()
        _ = try await send(server, .PUT, Self.flags + "/overrides/main", #"{"value":true}"#)
        #expect(try await send(server, .DELETE, Self.flags + "/overrides/").status == 400)
        #expect(try await send(server, .DELETE, Self.flags + "/overrides?user=x").status == 400)
        #expect(try (server.config).overrides.count == 1)
    }

    @Test("an override of a setting that changes its type is kept with a problem, and applies when the type is back")
    func typeChange() async throws {
        let server = try await server()
        _ = try await send(server, .PUT, Self.flags + "/overrides/int", #"{"value":5}"#)
        let config = try server.config
        config.publish(upstream: try Config(json: #"{"f":{"int":{"t":1,"v":{"s":"x"}}}}"#), at: Date())
        let problem = try await send(server, .GET, Self.flags + "/overrides").json["overrides"]?.array?.first?[
            "problem"]?.text
        #expect(problem == "the setting 'int' is of type String, and the value is of type Int")
        #expect(config.document?.config["int"]?.value == .string("x"))
        config.publish(upstream: try Config(json: Self.json), at: Date())
        #expect(config.document?.config["int"]?.value == .int(5))
    }

    @Test("evaluation gives values, reasons and explanations, overrides included")
    func evaluate() async throws {
        let server = try await server()
        _ = try await send(server, .PUT, Self.flags + "/overrides/main?user=jane", #"{"value":true}"#)
        let body = #"{"user":{"Identifier":"jane","custom":{"n":1}},"explain":true}"#
        let json = try await send(server, .POST, Self.flags + "/evaluate", body).json
        let values = try #require(json["values"]?.array)
        #expect(
            values.map { $0["reason"]?.text } == [
                "TARGETING_MATCH", "TARGETING_MATCH", "DEFAULT", "DEFAULT", "ERROR", "DEFAULT",
            ])
        #expect(values.map { $0["overridden"]?.bool } == [true, false, false, false, false, false])
        #expect(values[0]["value"]?.bool == true && values[1]["value"]?.text == "yes")
        #expect(values[0]["explanation"]?.text?.contains("User.Identifier IS ONE OF ['jane']") ?? false)
        #expect(values[4]["value"] == nil && values[4]["error"]?.text != nil)

        let some = try await send(server, .POST, Self.flags + "/evaluate", #"{"user":null,"keys":["int","gone"]}"#).json
        #expect(some["values"]?.array?.map { $0["key"]?.text } == ["int", "gone"])
        #expect(some["values"]?.array?[0]["explanation"] == nil)
        #expect(some["values"]?.array?[1]["reason"]?.text == "ERROR")

        let one = try await send(
            server, .POST, Self.flags + "/explain", #"{"key":"main","user":{"Identifier":"x","Email":"b@x.io"}}"#)
        #expect(one.json["variationId"]?.text == "on")
        #expect(one.json["explanation"]?.text?.hasPrefix("Evaluating 'main' for User") ?? false)
        #expect(
            try await error(server, .POST, Self.flags + "/explain", #"{"key":"gone"}"#)
                == "404 the config has no setting 'gone'")
        for (body, expected) in [
            (#"{"user":{"Email":"x"}}"#, #"400 "user" is invalid: "Identifier" is missing"#),
            (#"{"user":1}"#, #"400 "user" is invalid: the user is not a JSON object"#),
            (#"{"keys":[1]}"#, #"400 "keys" is not an array of strings"#),
        ] {
            #expect(try await error(server, .POST, Self.flags + "/evaluate", body) == expected)
        }
    }

    @Test("overrides that are exported can be imported, and wrong ones are named")
    func exportAndImport() async throws {
        let server = try await server()
        for (key, value) in [("main?user=u", "true"), ("int", "7"), ("double", "5.0"), ("sub", #""\u0000<b>""#)] {
            #expect(
                try await send(server, .PUT, Self.flags + "/overrides/" + key, "{\"value\":\(value)}").status == 200)
        }
        let exported = try await server.send(.GET, Self.flags + "/export")
        #expect(exported.headers.first(name: "Content-Disposition") == "attachment; filename=\"flags-overrides.json\"")
        let before = try server.config.overrides.map(\.value)
        _ = try await send(server, .DELETE, Self.flags + "/overrides")
        #expect(
            try await send(server, .POST, Self.flags + "/import", exported.text).json.json
                == #"{"imported":4,"rejected":[]}"#)
        #expect(try server.config.overrides.map(\.value) == before)

        let mixed =
            #"{"overrides":[{"key":"int","value":"x"},{"key":"gone","user":"u","value":1},{"key":"int","value":8,"enabled":false}]}"#
        let result = try await send(server, .POST, Self.flags + "/import?replace=true", mixed).json
        #expect(result["imported"]?.integer == 1)
        #expect(result["rejected"]?.array?.map { $0["key"]?.text } == ["int", "gone"])
        #expect(try server.config.overrides.map(\.value) == [.int(8)])
        #expect(
            try await error(server, .POST, Self.flags + "/import", #"{"overrides":[{"value":1}]}"#)
                == #"400 override 1: "key" is missing or not a string"#)
        let nested = #"{"overrides":[{"key":"int","value":{}}]}"#
        #expect(
            try await error(server, .POST, Self.flags + "/import", nested)
                == #"400 override 1: "value" is an object, not true, false, a number or a string"#)
        #expect(
            try await error(server, .POST, Self.flags + "/import?replace=1", #"{"overrides":[]}"#).hasPrefix("400 "))
    }

    @Test("clients that have asked are listed with what they have seen")
    func clients() async throws {
        let server = try await server()
        _ = try await server.send(.GET, configPath(), headers: ["X-ConfigCat-UserAgent": "ConfigCat-Test/1.0"])
        let client = try #require(try await send(server, .GET, Self.flags + "/clients").json["clients"]?.array?.first)
        #expect(client["sdk"]?.text == "ConfigCat-Test/1.0" && client["status"]?.integer == 200)
        #expect(client["isCurrent"]?.bool == true && client["requests"]?.integer == 1)
        _ = try await send(server, .PUT, Self.flags + "/overrides/int", #"{"value":9}"#)
        let later = try await send(server, .GET, Self.flags + "/clients").json["clients"]?.array?.first
        #expect(later?["isCurrent"]?.bool == false)
    }

    @Test("unknown paths, methods, configs, content types and long bodies are refused as JSON")
    func refusals() async throws {
        let server = try await server()
        #expect(
            try await error(server, .GET, "/api/dev/nothing") == "404 the development API has no path /api/dev/nothing")
        for method in [HTTPMethod.PATCH, .RAW(value: "QUERY")] {
            #expect(try await error(server, method, "/api/dev/configs").hasPrefix("405 "))
        }
        #expect(try await server.send(.POST, "/api/dev/configs").headers.first(name: "Allow") == "GET, HEAD")
        #expect(
            try await error(server, .GET, "/api/dev/configs/x/settings")
                == "404 there is no config 'x'; this server has 'flags'")
        let plain = try await server.send(
            .POST, Self.flags + "/evaluate", headers: ["Content-Type": "text/plain"], body: "{}")
        #expect(plain.status == 415)
        let foreign = try await server.send(
            .DELETE, Self.flags + "/overrides", headers: ["Origin": "http://evil.example"])
        #expect(foreign.status == 403)
        let long = #"{"user":{"Identifier":""# + String(repeating: "x", count: 1 << 20) + #""}}"#
        #expect(try await send(server, .POST, Self.flags + "/evaluate", long).status == 413)
        let head = try await server.send(.HEAD, "/api/dev/configs")
        #expect(head.status == 200 && head.body.isEmpty)
    }

    @Test("a sync reads the file again")
    func sync() async throws {
        let server = try await server()
        let result = try await send(server, .POST, Self.flags + "/sync").json
        #expect(result["success"]?.bool == true && result["version"]?.integer == 1)
        guard case .file(let path) = try server.config.origin else { return }
        try Data("{".utf8).write(to: URL(fileURLWithPath: path))
        let failed = try await send(server, .POST, Self.flags + "/sync").json
        #expect(failed["success"]?.bool == false && failed["error"]?.text?.contains(path) ?? false)
        #expect(failed["version"]?.integer == 1)
    }

    @Test("events say hello, and report changes of configs and overrides")
    func events() async throws {
        let server = try await server()
        let request = HTTPClientRequest(url: server.url + "/api/dev/events")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        #expect(response.headers.first(name: "Content-Type") == "text/event-stream")
        var text = ""
        var hasChanged = false
        for try await part in response.body {
            text += String(buffer: part)
            if !hasChanged, text.contains("event: hello\ndata: {\"configs\":[{\"id\":\"flags\"") {
                hasChanged = true
                _ = try await send(server, .PUT, Self.flags + "/overrides/int", #"{"value":9}"#)
            }
            if text.contains("event: overrides\ndata: {\"id\":\"flags\"}\n\n") { break }
        }
        #expect(text.contains("event: config\ndata: {\"id\":\"flags\",\"etag\":\"\\\""))
        #expect(text.contains("\"version\":2,\"changed\":[\"int\"]}\n\n"))
    }

    @Test("overrides outlive the server, and another server of the same file gets them")
    func persistence() async throws {
        try await withFolder { folder in
            let flags = folder.appending(path: "flags.json").path
            try Data(Self.json.utf8).write(to: URL(fileURLWithPath: flags))
            let start = {
                try await TestServer { options in
                    options.isEphemeral = false
                    options.overridesPath = folder.appending(path: "o.db").path
                    options.configs = [try ConfigDeclaration(file: flags)]
                }
            }
            let (one, other) = (try await start(), try await start())
            #expect(try await send(one, .PUT, Self.flags + "/overrides/int", #"{"value":9}"#).status == 200)
            await eventually("the other server gets the override") {
                try other.config.document?.config["int"]?.value == .int(9)
            }
            await one.stop()
            let next = try await start()
            #expect(try next.config.document?.config["int"]?.value == .int(9))
            await other.stop()
            await next.stop()
        }
    }

    @Test("if the database cannot be written, that is an error, and what is held is still served")
    func unwritable() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "sub").path
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            let server = try await TestServer(json: Self.json) { options in
                options.isEphemeral = false
                options.overridesPath = path + "/o.db"
            }
            _ = try await send(server, .PUT, Self.flags + "/overrides/int", #"{"value":9}"#)
            try FileManager.default.removeItem(atPath: path)
            let text = try await error(server, .PUT, Self.flags + "/overrides/int", #"{"value":10}"#)
            #expect(text.hasPrefix("500 the overrides cannot be kept: ") && text.contains(path))
            #expect(try server.config.document?.config["int"]?.value == .int(9))
        }
    }

    @Test("changes at the same time are all served")
    func parallel() async throws {
        let server = try await server()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<40 {
                group.addTask {
                    _ = try await send(
                        server, .PUT, Self.flags + "/overrides/int?user=u\(index)", "{\"value\":\(index)}")
                }
            }
            try await group.waitForAll()
        }
        let document = try #require(try server.config.document)
        for index in 0..<40 {
            let user = ConfigCatUser(identifier: "u\(index)")
            #expect(Samples.result("int", in: document.config, for: user) == "int \(index) -")
        }
    }
}
