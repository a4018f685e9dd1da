import ArgumentParser
import ConfigCatCommandLine
import ConfigCatEvaluation
import ConfigCatServing
import NIOHTTP1

/// Changes overrides of a running development server.
struct Override: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sets, clears and lists overrides of a running 'configcatctl serve'.",
        discussion: """
            An override replaces the value of a setting, for everybody or for one user. All SDKs that use the server get it, \
            and all else of the config stays as it is.
            """,
        subcommands: [Set.self, Clear.self, List.self]
    )

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sets an override.",
            discussion: "Before a negative number, write --: configcatctl override set -- discount -5")

        @Argument(help: "The key of the setting.")
        var key: String

        @Argument(help: "The value, of the setting's type: true or false, a number, or a string as it is.")
        var value: String

        @OptionGroup
        var server: ServerOptions

        @Option(help: ArgumentHelp("Only for the user with this Identifier.", valueName: "id"))
        var user: String?

        func run() async throws {
            let config = try await server.config()
            let type = try await config.type(of: key)
            let result = try await config.send(
                .PUT, ["overrides", key], query: user.map { [("user", $0)] } ?? [],
                body: ["value": JSONValue(try OverrideValue.parse(value, type: type, key: key)), "enabled": true])
            Console.write(
                "\(OneLine.text(key)) is \(OneLine.text(value)) for \(user.map { "the user \(OneLine.text($0))" } ?? "everybody")"
            )
            if let problem = result["problem"]?.text { Console.warn("Warning: \(OneLine.text(problem))") }
        }
    }

    struct Clear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes an override, or all of them.")

        @Argument(help: "The key of the setting.")
        var key: String?

        @OptionGroup
        var server: ServerOptions

        @Option(help: ArgumentHelp("Only the override for the user with this Identifier.", valueName: "id"))
        var user: String?

        @Flag(help: "Remove all overrides of the config, of users too.")
        var all = false

        func validate() throws {
            guard (key == nil) == all else { throw ValidationError("Give either the key of a setting or --all.") }
            if all, user != nil { throw ValidationError("--all and --user exclude each other.") }
        }

        func run() async throws {
            let config = try await server.config()
            guard let key else {
                _ = try await config.send(.DELETE, ["overrides"])
                return
            }
            _ = try await config.send(.DELETE, ["overrides", key], query: user.map { [("user", $0)] } ?? [])
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists overrides.")

        @Argument(help: "The key of the setting; all settings if it is missing.")
        var key: String?

        @OptionGroup
        var server: ServerOptions

        @Flag(help: "Print JSON, one line for each override.")
        var json = false

        func run() async throws {
            let all = try await server.config().send(.GET, ["overrides"])["overrides"]?.array ?? []
            let overrides = all.filter { override in
                key.map { override["key"]?.text?.utf8.elementsEqual($0.utf8) ?? false } ?? true
            }
            if json {
                for override in overrides { Console.write(override.json) }
                return
            }
            var table = TextTable("SETTING", "USER", "VALUE", "STATE")
            for override in overrides {
                let value = override["value"]
                let state = override["enabled"]?.bool == true ? "enabled" : "disabled"
                table.add(
                    override["key"]?.text ?? "", override["user"]?.text ?? "(everybody)",
                    value?.text ?? value?.json ?? "", override["problem"]?.text.map { "no effect: \($0)" } ?? state)
            }
            Console.write(table.text)
        }
    }
}

/// Reads the values of overrides from arguments.
enum OverrideValue {
    /// Returns a value of a type.
    ///
    /// - Throws: `CommandError` if the string does not have the form of one.
    static func parse(_ text: String, type: SettingType, key: String) throws(CommandError) -> SettingValue {
        switch type {
        case .string: return .string(text)
        case .bool:
            if text == "true" { return .bool(true) }
            if text == "false" { return .bool(false) }
        case .int:
            if let int = Int(text) { return .int(int) }
        case .double:
            if let double = Double(text), double.isFinite { return .double(double) }
        }
        throw CommandError(
            "'\(OneLine.text(text))' is not a valid \(type.name), which is the type of '\(OneLine.text(key))'")
    }
}
