package import ConfigCatEvaluation

/// Writes configs as config JSON v5, for SDKs of before 2023.
///
/// A targeting rule of v5 has one condition, whose comparison value is a string, and a served value. There are neither
/// segments nor prerequisite flags, percentage options are chosen by the Identifier, and hashes are unsalted. A config
/// that is written evaluates as it did; if a part of it cannot be expressed, nothing is written.
package struct Version5Document {
    /// The parts of a config that v5 cannot express.
    package struct Obstacles: Error, Sendable, CustomStringConvertible {
        /// Each part, and the reason: `'newCheckout', targeting rule 2: it has 3 conditions`.
        package let reasons: [String]

        private static let shownReasons = 5

        package var description: String {
            let more = reasons.count - Self.shownReasons
            return "config JSON v5 cannot express this config: "
                + reasons.prefix(Self.shownReasons).joined(separator: "; ") + (more > 0 ? "; and \(more) more" : "")
        }
    }

    private var reasons: [String] = []

    /// Returns a config as config JSON v5.
    ///
    /// - Parameter config: A config of any layout.
    /// - Returns: The document.
    /// - Throws: ``Obstacles`` if v5 cannot express the config.
    package static func make(from config: Config) throws(Obstacles) -> JSONValue {
        var writer = Version5Document()
        var settings = JSONObject()
        for setting in config.settings {
            let written = writer.setting(setting)
            settings.members.append(JSONObject.Member(name: .string(setting.key), value: written))
        }
        guard writer.reasons.isEmpty else { throw Obstacles(reasons: writer.reasons) }
        return ["f": .object(settings)]
    }

    /// A reason why a part cannot be expressed.
    private struct Obstacle: Error {
        var reason: String
    }

    private mutating func setting(_ setting: Setting) -> JSONValue {
        guard let type = setting.type, let value = setting.value, setting.problem == nil else {
            reasons.append("'\(setting.key)': \(setting.problem ?? "the value is missing")")
            return .null
        }
        var fallback = ServedValue(value: value, variationId: setting.variationId)
        var options = setting.percentageOptions
        var rules: [JSONValue] = []
        for rule in setting.targetingRules {
            do throws(Obstacle) {
                guard rule.problem == nil else { throw Obstacle(reason: rule.problem ?? "") }
                guard let served = rule.servedValue else { throw Obstacle(reason: "it serves percentage options") }
                if rule.conditions.isEmpty {
                    // The rule applies to everybody, so what follows has no effect.
                    (fallback, options) = (served, [])
                    break
                }
                for condition in try Self.conditions(of: rule) {
                    rules.append(Self.members(condition, served, order: rules.count))
                }
            } catch {
                reasons.append("'\(setting.key)', targeting rule \(rule.position + 1): \(error.reason)")
            }
        }
        return Self.members(
            [("t", JSONValue(Int(type.rawValue))), ("r", .array(rules)), ("p", .array(written(options, of: setting)))],
            fallback)
    }

    private mutating func written(_ options: [PercentageOption], of setting: Setting) -> [JSONValue] {
        if !options.isEmpty, setting.percentageAttribute != ConfigCatUser.idKey {
            reasons.append(
                "'\(setting.key)', percentage options: the attribute '\(setting.percentageAttribute)' chooses, and not "
                    + ConfigCatUser.idKey)
        }
        return options.compactMap { option in
            guard option.problem == nil, let value = option.value, let share = Int(exactly: option.percentage) else {
                let problem =
                    option.problem ?? "the share is \(DecimalFormat.text(option.percentage))%, not a whole number"
                reasons.append("'\(setting.key)', percentage option \(option.position + 1): \(problem)")
                return nil
            }
            return Self.members(
                [("p", JSONValue(share))], ServedValue(value: value, variationId: option.variationId),
                order: option.position)
        }
    }

    private static func members(
        _ first: [(String, JSONValue)], _ served: ServedValue, order: Int? = nil
    ) -> JSONValue {
        var object = JSONObject()
        if let order { object["o"] = JSONValue(order) }
        for (name, value) in first { object[name] = value }
        object["v"] = JSONValue(served.value)
        object["i"] = served.variationId.map { .string($0) }
        return .object(object)
    }

    // MARK: - Conditions

    private typealias Members = [(String, JSONValue)]

    /// Returns the conditions of the rules that together apply if a rule does.
    private static func conditions(of rule: TargetingRule) throws(Obstacle) -> [Members] {
        guard let condition = rule.conditions.first, rule.conditions.count == 1 else {
            throw Obstacle(reason: "it has \(rule.conditions.count) conditions")
        }
        switch condition.kind {
        case .invalid(let problem): throw Obstacle(reason: problem)
        case .segment(let segment, _): throw Obstacle(reason: "its condition is about the segment '\(segment.name)'")
        case .prerequisite(let key, _, _):
            throw Obstacle(reason: "its condition is about the prerequisite flag '\(key)'")
        case .user(let attribute, let comparator, let value):
            return try texts(of: value, comparator).map { (comparator, text) in
                [("a", .string(attribute)), ("t", JSONValue(comparator)), ("c", .string(text))]
            }
        }
    }

    /// Returns comparators of v5 with their comparison values, one of which has to be met.
    private static func texts(
        of value: Condition.ComparisonValue, _ comparator: UserComparator
    ) throws(Obstacle) -> [(comparator: Int, text: String)] {
        let number = Int(comparator.rawValue)
        switch (comparator, value) {
        case (.isOneOf, .list(let items)), (.isNotOneOf, .list(let items)), (.semverIsOneOf, .list(let items)),
            (.semverIsNotOneOf, .list(let items)):
            return [(number, try joined(items))]
        case (.isOneOfSHA1, .list(let items)): return [(16, try joined(items))]
        case (.isNotOneOfSHA1, .list(let items)): return [(17, try joined(items))]
        // A list with one item. An attribute that is empty cannot be compared, so an empty item matches none.
        case (.equals, .text(let text)): return [(Int(UserComparator.isOneOf.rawValue), try joined([text]))]
        case (.notEquals, .text(let text)): return [(Int(UserComparator.isNotOneOf.rawValue), try joined([text]))]
        // The comparison value of v5 is one string. Several rules with the same value stand for a list of them.
        case (.containsAnyOf, .list(let items)):
            guard !items.contains("") else { throw Obstacle(reason: "a comparison value is empty") }
            return items.map { (number, $0) }
        case (.notContainsAnyOf, .list(let items)):
            guard items.count == 1, let item = items.first, item != "" else {
                throw Obstacle(reason: "the comparator \(comparator.text) has \(items.count) comparison values")
            }
            return [(number, item)]
        // In v5, the comparison value can be text that is not a number. It is never met.
        case (.numberEquals, .text(let text)), (.numberNotEquals, .text(let text)), (.numberLess, .text(let text)),
            (.numberLessOrEqual, .text(let text)), (.numberGreater, .text(let text)),
            (.numberGreaterOrEqual, .text(let text)):
            return [(number, text)]
        case (.semverLess, .text(let text)), (.semverLessOrEqual, .text(let text)), (.semverGreater, .text(let text)),
            (.semverGreaterOrEqual, .text(let text)):
            return [(number, text)]
        case (.numberEquals, .number(let value)), (.numberNotEquals, .number(let value)),
            (.numberLess, .number(let value)), (.numberLessOrEqual, .number(let value)),
            (.numberGreater, .number(let value)), (.numberGreaterOrEqual, .number(let value)):
            guard value.isFinite else { throw Obstacle(reason: "the comparison value is not finite") }
            return [(number, DecimalFormat.text(value))]
        default:
            throw Obstacle(
                reason: comparator.isHashed
                    ? "its comparison values are hashed, and v5 hashes them in another way"
                    : "v5 has no comparator \(comparator.text) of this kind")
        }
    }

    /// Returns a list with commas. Items that a reader of it would split or trim cannot be expressed.
    private static func joined(_ items: [String]) throws(Obstacle) -> String {
        for item in items {
            if item.utf8.contains(UInt8(ascii: ",")) {
                throw Obstacle(reason: "the comparison value '\(item)' has a comma")
            }
            if Whitespace.trimmed(item).utf8.count != item.utf8.count {
                throw Obstacle(reason: "white space surrounds the comparison value '\(item)'")
            }
        }
        return items.joined(separator: ",")
    }
}
