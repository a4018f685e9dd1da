package import ConfigCatEvaluation

/// A config JSON v6 in which overrides replace the values of settings.
///
/// An override for everybody becomes the fallback value of its setting, whose targeting rules and percentage options are
/// removed. An override for a user becomes a targeting rule in front: `User.Identifier IS ONE OF […]`. So every SDK
/// applies them, also where the setting is a prerequisite flag of others. All else stays as it was.
package struct OverlaidDocument: Sendable {
    /// The document.
    package let json: JSONValue
    /// Why overrides have no effect. Overrides that are disabled have problems too.
    package let problems: [Override.ID: String]

    /// Applies overrides to a document.
    package init(_ upstream: UpstreamDocument, overrides: OverrideSet) {
        var problems: [Override.ID: String] = [:]
        var effective: [ExactString: [Override]] = [:]
        for override in overrides {
            if let problem = Self.problem(of: override, in: upstream.config) {
                problems[override.id] = problem
            } else if override.isEnabled {
                effective[ExactString(override.key), default: []].append(override)
            }
        }
        self.problems = problems
        guard !effective.isEmpty, var root = upstream.json.object, var settings = root["f"]?.object else {
            json = upstream.json
            return
        }
        // From the end, because the last member with a name counts.
        for index in settings.members.indices.reversed() {
            let member = settings.members[index]
            guard let key = member.name.text, let overrides = effective.removeValue(forKey: ExactString(key)),
                let object = member.value.object, let setting = upstream.config[key]
            else { continue }
            settings.members[index].value = .object(Self.setting(object, setting, overrides))
        }
        root["f"] = .object(settings)
        json = .object(root)
    }

    /// Returns why an override can have no effect in a config; nil if it can.
    package static func problem(of override: Override, in config: Config) -> String? {
        problem(of: override.value, key: override.key, in: config)
    }

    /// Returns why a setting cannot have a value; nil if it can.
    package static func problem(of value: SettingValue, key: String, in config: Config) -> String? {
        guard let setting = config[key] else { return "the config has no setting '\(key)'" }
        guard let type = setting.type, setting.problem == nil else {
            return "the setting '\(key)' is malformed: \(setting.problem ?? "it has no type")"
        }
        guard type == value.type else {
            return "the setting '\(key)' is of type \(type.name), and the value is of type \(value.type.name)"
        }
        return nil
    }

    private static func setting(_ object: JSONObject, _ setting: Setting, _ overrides: [Override]) -> JSONObject {
        var object = object
        if let override = overrides.first(where: { $0.user == nil }) {
            object["r"] = nil
            object["p"] = nil
            object["v"] = value(override.value)
            object["i"] = variation(of: override.value, in: setting)
        }
        let rules = userRules(overrides, setting)
        if !rules.isEmpty { object["r"] = .array(rules + (object["r"]?.array ?? [])) }
        return object
    }

    /// Returns one targeting rule for all users who get the same value.
    private static func userRules(_ overrides: [Override], _ setting: Setting) -> [JSONValue] {
        var groups: [(value: SettingValue, users: [JSONValue])] = []
        var places: [ExactString: Int] = [:]
        for override in overrides {
            guard let user = override.user else { continue }
            // All overrides of a setting have its type, so values that are written in the same way are the same.
            let text = ExactString(JSONValue(override.value).json)
            if let place = places[text] {
                groups[place].users.append(.string(user))
            } else {
                places[text] = groups.count
                groups.append((override.value, [.string(user)]))
            }
        }
        return groups.map { group in
            var served = JSONObject()
            served["v"] = value(group.value)
            served["i"] = variation(of: group.value, in: setting)
            let comparator = JSONValue(Int(UserComparator.isOneOf.rawValue))
            return [
                "c": [["u": ["a": .string(ConfigCatUser.idKey), "c": comparator, "l": .array(group.users)]]],
                "s": .object(served),
            ]
        }
    }

    /// Returns a value in the form of config JSON v6.
    private static func value(_ value: SettingValue) -> JSONValue {
        let name =
            switch value {
            case .bool: "b"
            case .string: "s"
            case .int: "i"
            case .double: "d"
            }
        return .object(JSONObject(name, JSONValue(value)))
    }

    /// Returns the variation ID of a value, if the setting has one: analytics of an application then still know it.
    private static func variation(of value: SettingValue, in setting: Setting) -> JSONValue? {
        if setting.value == value, let id = setting.variationId { return .string(id) }
        for rule in setting.targetingRules {
            if let served = rule.servedValue, served.value == value, let id = served.variationId { return .string(id) }
            if let id = variation(of: value, in: rule.percentageOptions) { return id }
        }
        return variation(of: value, in: setting.percentageOptions)
    }

    private static func variation(of value: SettingValue, in options: [PercentageOption]) -> JSONValue? {
        options.first { $0.value == value && $0.variationId != nil }?.variationId.map { .string($0) }
    }
}

extension JSONObject {
    /// Creates an object with one member.
    init(_ name: String, _ value: JSONValue) {
        members = [Member(name: .string(name), value: value)]
    }
}

extension SettingType {
    /// The name of the type in messages and JSON.
    package var name: String {
        switch self {
        case .bool: "Bool"
        case .string: "String"
        case .int: "Int"
        case .double: "Double"
        }
    }
}
