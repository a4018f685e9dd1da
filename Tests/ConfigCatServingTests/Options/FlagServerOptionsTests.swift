import ConfigCatServing
import ConfigCatTestSupport
import Foundation
import Testing

@Suite("Options of the server")
struct FlagServerOptionsTests {
    @Test("arguments precede environment variables, which precede the settings file")
    func precedence() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "settings.json").path
            let json = """
                {"port": 1, "host": "127.0.0.3", "pollInterval": 30, "config": ["a.json", "b=b.json"], "relay": true,
                 "tls": {"certificate": "c.pem", "key": "k.pem"}, "webhookKey": ["b=one", "b=t=wo"], "cache": "a,b"}
                """
            try Data(json.utf8).write(to: URL(filePath: file))
            let options = try FlagServerOptions(
                arguments: [.port: ["3"]], settingsPath: file,
                environment: [
                    "CONFIGCAT_SERVE_PORT": "2", "CONFIGCAT_SERVE_POLL_INTERVAL": "20",
                    "CONFIGCAT_SERVE_SDK_KEY": "web=key,shop=other", "CONFIGCAT_SERVE_TOKEN": "0123456789,abcdef",
                ])
            #expect(options.port == 3 && options.pollInterval == .seconds(20) && options.host == "127.0.0.3")
            #expect(options.configs.map(\.id) == ["a", "b", "web", "shop"] && options.isRelay)
            #expect(options.tls == TLSFiles(certificates: "c.pem", privateKey: "k.pem"))
            #expect(options.webhookKeys == ["b": ["one", "t=wo"]] && options.cacheURL == "a,b")
            #expect(options.token == "0123456789,abcdef")
        }
    }

    @Test(
        "a secret in the environment stays as it is, also with commas and spaces",
        arguments: ["0123456789,,abcdef", "0123456789, abcdef", ",0123456789abcdef,"])
    func commas(text: String) throws {
        let options = try FlagServerOptions(
            arguments: [.config: ["f,1.json"]], settingsPath: nil,
            environment: ["CONFIGCAT_SERVE_TOKEN": text, "CONFIGCAT_SERVE_CACHE": text])
        #expect(options.token == text && options.cacheURL == text)
        #expect(options.configs.map(\.origin) == [.file(path: "f,1.json")])
        let argument = try FlagServerOptions(
            arguments: [.config: ["f.json"], .token: [text]], settingsPath: nil,
            environment: ["CONFIGCAT_SERVE_TOKEN": "another token of the environment"])
        #expect(argument.token == text)
    }

    @Test("an empty token is an error, because the server would be open")
    func emptyToken() throws {
        for (arguments, environment) in [
            ([.token: [""]], [:]), ([:], ["CONFIGCAT_SERVE_TOKEN": ""]),
        ] as [([SettingName: [String]], [String: String])] {
            let error = #expect(throws: DeclarationError.self) {
                try FlagServerOptions(
                    arguments: arguments.merging([.config: ["f.json"]]) { $1 }, settingsPath: nil,
                    environment: environment)
            }
            #expect(try #require(error).description.contains("token is empty"))
        }
        let other = try FlagServerOptions(
            arguments: [.config: ["f.json"]], settingsPath: nil, environment: ["CONFIGCAT_SERVE_CACHE": ""])
        #expect(other.token == nil && other.cacheURL == nil)
    }

    @Test("one error names all settings that are wrong, and quotes no secret")
    func wrong() throws {
        let error = #expect(throws: DeclarationError.self) {
            try FlagServerOptions(
                arguments: [
                    .port: ["99999"], .relay: ["perhaps"], .tlsKey: ["k.pem"], .config: ["a b=f"],
                    .sdkKey: ["x y=secret"],
                    .webhookKey: ["secret"],
                ], settingsPath: nil, environment: [:])
        }
        let message = try #require(error).description
        for part in [
            "port is '99999'", "relay is 'perhaps'", "tls.key", "config: the ID", "sdkKey: the ID", "webhookKey",
        ] {
            #expect(message.contains(part), "\(part)")
        }
        #expect(!message.contains("secret"))
    }

    @Test(
        "a settings file that is not one is refused, with the place of the error",
        arguments: [
            (#"{"port": 1"#, "line 1"), ("[]", "not a JSON object"), (#"{"prot": 1}"#, "there is no setting 'prot'"),
            (#"{"tls": {"cert": "x"}}"#, "'tls.cert'"), (#"{"config": [1]}"#, "not an array of strings"),
        ])
    func wrongFile(json: String, part: String) async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "settings.json")
            try Data(json.utf8).write(to: file)
            let error = #expect(throws: DeclarationError.self) {
                try FlagServerOptions(arguments: [.config: ["f.json"]], settingsPath: file.path, environment: [:])
            }
            #expect(try #require(error).description.contains(part))
        }
    }

    @Test("an address that others can reach demands a token, unless the server is a relay or insecure by choice")
    func addresses() throws {
        func isAllowed(_ configure: (inout FlagServerOptions) -> Void) throws -> Bool {
            var options = FlagServerOptions()
            options.configs = [try ConfigDeclaration(file: "f.json")]
            configure(&options)
            do { try options.validate() } catch { return false }
            return true
        }
        for host in ["127.0.0.1", "127.9.9.9", "localhost", "::1"] { #expect(try isAllowed { $0.host = host }) }
        for host in ["0.0.0.0", "::", "10.0.0.1", "example.com", "127.evil.com", ""] {
            #expect(try !isAllowed { $0.host = host }, "\(host)")
            #expect(try isAllowed { ($0.host, $0.isInsecure) = (host, true) })
            #expect(try isAllowed { ($0.host, $0.token) = (host, "0123456789abcdef") })
            #expect(try isAllowed { ($0.host, $0.isRelay) = (host, true) })
        }
        #expect(try !isAllowed { $0.token = "short" })
        #expect(try !isAllowed { $0.configs = [] })
        #expect(try !isAllowed { $0.configs += $0.configs })
    }
}
