import ArgumentParser
import ConfigCat
import ConfigCatCommandLine
import ConfigCatGeneration

struct Usages: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists settings that no Swift code mentions, and mentions of settings that do not exist.",
        discussion: """
            A setting is mentioned by its key in a string literal, or by its generated name. Unknown are keys in \
            getValue(for:), getValueDetails(for:) and FeatureFlag(_:defaultValue:), and names of declarations. Keys \
            that are put together at run time, and regular expressions between slashes, are not recognized. The exit \
            code is 2 if a mention is unknown, and with --strict also if a setting is not mentioned.
            """
    )

    @Argument(help: "The Swift files, and the folders that contain them.")
    var paths: [String]

    @Option(help: ArgumentHelp("The config JSON (v6 or v5), or a file of plain values.", valueName: "file"))
    var config: String?

    @OptionGroup
    var clientOptions: ClientOptions

    @Flag(help: "Print JSON, one line for each finding.")
    var json = false

    @Flag(help: "Also fail if a setting is not mentioned.")
    var strict = false

    func validate() throws {
        guard (config == nil) != (clientOptions.sdkKey == nil) else {
            throw ValidationError("Give either --config <file> or --sdk-key <sdk-key>.")
        }
        if paths.isEmpty { throw ValidationError("Give at least one file or folder.") }
    }

    func run() async throws {
        let config =
            if let path = self.config { try ConfigFile.read(path) } else { try await clientOptions.downloadedConfig() }
        let usages = FlagUsages(of: config, in: try SwiftFiles.read(paths))
        if json { Self.printLines(usages) } else { Self.printTables(usages, config) }
        if !usages.unknown.isEmpty || strict && !usages.unmentioned.isEmpty { throw ExitCode(2) }
    }

    private static func printLines(_ usages: FlagUsages) {
        for key in usages.unmentioned {
            var line = JSONLine()
            line.add("finding", "unmentioned")
            line.add("key", key)
            Console.write(line.text)
        }
        for mention in usages.unknown {
            var line = JSONLine()
            line.add("finding", "unknown")
            line.add("key", mention.form == .key ? mention.text : mention.removedKey)
            line.add("name", mention.form == .name ? mention.text : nil)
            line.add("file", mention.file)
            line.add("line", mention.line)
            line.add("column", mention.column)
            Console.write(line.text)
        }
    }

    private static func printTables(_ usages: FlagUsages, _ config: Config) {
        guard !usages.unmentioned.isEmpty || !usages.unknown.isEmpty else {
            return Console.write("All settings are mentioned, and all mentions have a setting.")
        }
        if !usages.unmentioned.isEmpty {
            var table = TextTable("SETTING THAT NO CODE MENTIONS", "TYPE", "TARGETED")
            for key in usages.unmentioned {
                guard let setting = config[key] else { continue }
                let isTargeted = !setting.targetingRules.isEmpty || !setting.percentageOptions.isEmpty
                table.add(key, setting.type?.swiftName ?? "unknown", isTargeted ? "yes" : "no")
            }
            Console.write(table.text)
        }
        if !usages.unknown.isEmpty {
            if !usages.unmentioned.isEmpty { Console.write("") }
            var table = TextTable("MENTION WITHOUT A SETTING", "PLACE", "HINT")
            for mention in usages.unknown {
                let shown = mention.form == .key ? "\"\(mention.text)\"" : ".\(mention.text)"
                table.add(shown, "\(mention.file):\(mention.line):\(mention.column)", hint(mention, config))
            }
            Console.write(table.text)
        }
    }

    private static func hint(_ mention: FlagMention, _ config: Config) -> String {
        if let key = mention.removedKey { return "the setting '\(key)' was removed" }
        let keys = config.keys
        let names =
            mention.form == .key ? keys : keys.map { SwiftName(key: $0).text }
        let near = NearestKeys.suggestions(for: mention.text, among: names)
        return near.isEmpty ? "" : "did you mean \(near.map { "'\($0)'" }.joined(separator: " or "))?"
    }
}
