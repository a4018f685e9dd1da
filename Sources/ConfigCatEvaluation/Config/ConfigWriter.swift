/// Writes configs of older layouts as config JSON v6.
package struct ConfigWriter {
    /// A part of a config that v6 cannot express.
    package struct Loss: Sendable, Equatable {
        package var setting: String
        package var place: String
        package var reason: String
    }

    private var losses: [Loss] = []

    /// Returns a config as config JSON v6, and what had to be omitted.
    package static func version6(_ config: Config) -> (json: String, losses: [Loss]) {
        var writer = ConfigWriter()
        var settings: [String] = []
        for setting in config.settings {
            guard let text = writer.setting(setting) else { continue }
            settings.append("    \(JSONEscapes.quoted(setting.key)): \(text)")
        }
        let preferences = config.compiled.preferences
        let url = preferences.baseURL.map { "\"u\": \(JSONEscapes.quoted($0)), " } ?? ""
        let json = """
            {
              "p": {\(url)"r": \(preferences.redirectMode.rawValue)},
              "f": {
            \(settings.joined(separator: ",\n"))
              }
            }
            """
        return (json, writer.losses)
    }

    private mutating func lose(_ setting: Setting, _ place: String, _ reason: String) {
        losses.append(Loss(setting: setting.key, place: place, reason: reason))
    }

    private mutating func setting(_ setting: Setting) -> String? {
        guard let type = setting.type, let value = setting.value.flatMap(Self.value), setting.problem == nil else {
            lose(setting, "", setting.problem ?? "the value cannot be written as JSON")
            return nil
        }
        var members = ["\"t\": \(type.rawValue)", "\"v\": \(value)"]
        members += Self.variation(setting.variationId)
        var rules: [String] = []
        for rule in setting.targetingRules {
            if let text = self.rule(rule, of: setting) { rules.append(text) }
        }
        if !rules.isEmpty { members.append("\"r\": [\(rules.joined(separator: ", "))]") }
        let options = setting.percentageOptions.compactMap { option(($0), of: setting) }
        if !options.isEmpty { members.append("\"p\": [\(options.joined(separator: ", "))]") }
        return "{\(members.joined(separator: ", "))}"
    }

    private mutating func rule(_ rule: TargetingRule, of setting: Setting) -> String? {
        let place = "targeting rule \(rule.position + 1)"
        guard rule.problem == nil, let served = rule.servedValue, let value = Self.value(served.value) else {
            lose(setting, place, rule.problem ?? "its value cannot be written as JSON")
            return nil
        }
        var conditions: [String] = []
        for condition in rule.conditions {
            switch condition.kind {
            case .invalid(let problem):
                lose(setting, place, problem)
                return nil
            case .user(let attribute, let comparator, let comparisonValue):
                guard comparator.rawValue <= 35 else {
                    lose(setting, place, "v6 has no comparator for unsalted SHA-1 hashes")
                    return nil
                }
                guard let operand = Self.operand(comparisonValue, of: comparator) else {
                    lose(setting, place, "its comparison value is not a number, so it never applies")
                    return nil
                }
                conditions.append(
                    "{\"u\": {\"a\": \(JSONEscapes.quoted(attribute)), \"c\": \(comparator.rawValue), \(operand)}}")
            case .segment, .prerequisite:
                // Layouts older than v6 have no such conditions.
                continue
            }
        }
        let servedMembers = ["\"v\": \(value)"] + Self.variation(served.variationId)
        return "{\"c\": [\(conditions.joined(separator: ", "))], \"s\": {\(servedMembers.joined(separator: ", "))}}"
    }

    private mutating func option(_ option: PercentageOption, of setting: Setting) -> String? {
        guard option.problem == nil, let value = option.value.flatMap(Self.value) else {
            lose(
                setting, "percentage option \(option.position + 1)",
                option.problem ?? "its value cannot be written as JSON")
            return nil
        }
        let members =
            ["\"p\": \(DecimalFormat.text(option.percentage))", "\"v\": \(value)"] + Self.variation(option.variationId)
        return "{\(members.joined(separator: ", "))}"
    }

    private static func variation(_ id: String?) -> [String] {
        id.map { ["\"i\": \(JSONEscapes.quoted($0))"] } ?? []
    }

    private static func value(_ value: SettingValue) -> String? {
        switch value {
        case .bool(let bool): "{\"b\": \(bool)}"
        case .string(let text): "{\"s\": \(JSONEscapes.quoted(text))}"
        case .int(let int): "{\"i\": \(int)}"
        case .double(let double): double.isFinite ? "{\"d\": \(DecimalFormat.text(double))}" : nil
        }
    }

    private static func operand(_ value: Condition.ComparisonValue, of comparator: UserComparator) -> String? {
        switch value {
        case .text(let text): comparator.operand == .text ? "\"s\": \(JSONEscapes.quoted(text))" : nil
        case .number(let number): number.isFinite ? "\"d\": \(DecimalFormat.text(number))" : nil
        case .list(let list): "\"l\": [\(list.map { JSONEscapes.quoted($0) }.joined(separator: ", "))]"
        }
    }
}
