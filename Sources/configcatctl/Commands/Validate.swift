import ConfigCatCommandLine
import ArgumentParser
import ConfigCat
import ConfigCatEvaluation

struct Validate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reports the errors in a config file.",
        discussion: "The exit code is 1 if there are any."
    )

    @Argument(help: "The config JSON (v6 or v5), or a file of plain values.")
    var file: String

    @Flag(help: "Print JSON, one line for each finding.")
    var json = false

    func run() async throws {
        let config = try ConfigFile.read(file)
        let findings = ConfigValidator.findings(in: config)
        for finding in findings { Console.write(json ? Self.line(finding) : Self.text(finding, in: file)) }
        guard findings.isEmpty else { throw ExitCode(1) }
        if !json {
            let counts = [(config.keys.count, "setting"), (config.segments.count, "segment")]
                .map { "\($0) \($1)\($0 == 1 ? "" : "s")" }
            Console.write("\(file): valid (\(config.format.name), \(counts.joined(separator: ", ")))")
        }
    }

    private static func text(_ finding: ConfigValidator.Finding, in file: String) -> String {
        let setting = finding.setting.map { "setting '\($0)'" }
        let place = [setting, finding.place.isEmpty ? nil : finding.place].compactMap { $0 }.joined(separator: ", ")
        return "\(file): \(place): \(finding.problem)"
    }

    private static func line(_ finding: ConfigValidator.Finding) -> String {
        var line = JSONLine()
        line.add("setting", finding.setting)
        line.add("place", finding.place)
        line.add("problem", finding.problem)
        return line.text
    }
}

extension ConfigFormat {
    /// The format's name in messages.
    var name: String {
        switch self {
        case .v6: "config JSON v6"
        case .v5: "config JSON v5"
        case .flags: "plain values"
        }
    }
}
