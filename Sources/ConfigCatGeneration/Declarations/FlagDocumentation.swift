import ConfigCatEvaluation

/// Writes the documentation of declarations. It names what people look for, and leaves out what changes with every
/// edit of the config, such as the number of rules.
struct FlagDocumentation {
    /// The keys of the settings that have each setting as a prerequisite, by its key's bytes.
    private var dependents: [[UInt8]: [String]] = [:]

    private static let shownValues = 10
    private static let shownDependents = 10
    private static let longestValue = 60
    private static let longestVariation = 40

    init(_ config: Config) {
        for setting in config.settings {
            var seen: Set<[UInt8]> = []
            for rule in setting.targetingRules {
                for condition in rule.conditions {
                    guard case .prerequisite(let key, _, _) = condition.kind else { continue }
                    let bytes = Array(key.utf8)
                    if seen.insert(bytes).inserted { dependents[bytes, default: []].append(setting.key) }
                }
            }
        }
        for key in dependents.keys {
            dependents[key]?.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    /// Returns the lines of a setting's documentation.
    func lines(_ setting: Setting, description: String?) -> [String] {
        var lines: [String] = []
        if let description, !description.isEmpty { lines += Self.paragraph(description) + [""] }
        let isTargeted = !setting.targetingRules.isEmpty || !setting.percentageOptions.isEmpty
        let type = setting.type?.swiftName ?? ""
        let article = setting.type == .int ? "An" : "A"
        lines.append("\(article) \(type) setting, \(isTargeted ? "targeted by user" : "the same for all users").")
        lines.append("")
        lines.append("Values: \(values(of: setting)).")
        if let keys = dependents[Array(setting.key.utf8)] {
            let shown = keys.prefix(Self.shownDependents).map(Self.quoted)
            let more = keys.count - shown.count
            lines.append("")
            lines.append(
                "A prerequisite of \(shown.joined(separator: ", "))\(more > 0 ? " and \(more) more settings" : "").")
        }
        return lines
    }

    /// Returns the values that a setting can have, each with its variation IDs, in the order of the config.
    private func values(of setting: Setting) -> String {
        var values: [(code: String, variations: [String])] = []
        var places: [String: Int] = [:]
        func add(_ value: SettingValue?, _ variation: String?) {
            guard let value else { return }
            let code = Self.shortened(SwiftLiteral.value(value))
            let place = places[code] ?? values.count
            if place == values.count {
                places[code] = place
                values.append((code, []))
            }
            if let variation, variation.utf8.count <= Self.longestVariation,
                values[place].variations.count < Self.shownValues, !values[place].variations.contains(variation)
            {
                values[place].variations.append(variation)
            }
        }
        add(setting.value, setting.variationId)
        for rule in setting.targetingRules {
            if let served = rule.servedValue { add(served.value, served.variationId) }
            for option in rule.percentageOptions { add(option.value, option.variationId) }
        }
        for option in setting.percentageOptions { add(option.value, option.variationId) }
        let shown = values.prefix(Self.shownValues).map { value in
            let variations = value.variations.prefix(Self.shownValues).map { Self.plain($0) }.joined(separator: ", ")
            return "`\(value.code)`" + (variations.isEmpty ? "" : " (\(variations))")
        }
        let more = values.count - shown.count
        return shown.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    private static func quoted(_ key: String) -> String { "`\(shortened(plain(key)))`" }

    /// Returns text on one line, without characters that cannot be seen.
    private static func plain(_ text: String) -> String { String(SwiftLiteral.string(text).dropFirst().dropLast()) }

    private static func shortened(_ text: String) -> String {
        text.count <= longestValue ? text : text.prefix(longestValue) + "…"
    }

    /// Returns the lines of a text that somebody has written.
    private static func paragraph(_ text: String) -> [String] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line in
            let visible = line.unicodeScalars.map { scalar -> Character in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator: " "
                default: Character(scalar)
                }
            }
            return String(visible).trimmed
        }
    }
}

extension String {
    /// The string without spaces at its end.
    fileprivate var trimmed: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
