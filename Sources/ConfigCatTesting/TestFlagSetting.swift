import ConfigCatEvaluation

/// A setting of ``TestFlagValues``.
enum TestFlagSetting: Sendable {
    /// A setting of a config file, as JSON. The type and the value are nil if it is malformed.
    case loaded(json: String, type: SettingType?, value: SettingValue?)
    case built(Built)

    struct Built: Sendable {
        struct Rule: Sendable {
            /// The conditions as JSON, all of which have to be met.
            var conditions: [String]
            var value: SettingValue
        }

        /// The value for users to whom no rule and no percentage option applies.
        var value: SettingValue
        var rules: [Rule] = []
        var options: [(percentage: Double, value: SettingValue)] = []
        var percentageAttribute: String?
    }

    var type: SettingType? {
        switch self {
        case .loaded(_, let type, _): type
        case .built(let built): built.value.type
        }
    }

    var value: SettingValue? {
        switch self {
        case .loaded(_, _, let value): value
        case .built(let built): built.value
        }
    }

    /// The setting in config JSON v6.
    var json: String {
        switch self {
        case .loaded(let json, _, _): json
        case .built(let built): built.json
        }
    }
}

extension TestFlagSetting.Built {
    fileprivate var json: String {
        var members = ["\"t\":\(value.type.rawValue)", "\"v\":\(value.json)"]
        if let percentageAttribute { members.append("\"a\":\(JSONEscapes.quoted(percentageAttribute))") }
        if !rules.isEmpty { members.append("\"r\":[\(rules.map(\.json).joined(separator: ","))]") }
        if !options.isEmpty {
            let texts = options.map { "{\"p\":\(DecimalFormat.text($0.percentage)),\"v\":\($0.value.json)}" }
            members.append("\"p\":[\(texts.joined(separator: ","))]")
        }
        return "{\(members.joined(separator: ","))}"
    }
}

extension TestFlagSetting.Built.Rule {
    fileprivate var json: String { "{\"c\":[\(conditions.joined(separator: ","))],\"s\":{\"v\":\(value.json)}}" }
}

extension SettingValue {
    /// Whether JSON can express the value.
    var isFinite: Bool { if case .double(let value) = self { value.isFinite } else { true } }

    /// The value in config JSON v6.
    fileprivate var json: String {
        switch self {
        case .bool(let value): "{\"b\":\(value)}"
        case .string(let value): "{\"s\":\(JSONEscapes.quoted(value))}"
        case .int(let value): "{\"i\":\(value)}"
        case .double(let value): "{\"d\":\(DecimalFormat.text(value))}"
        }
    }
}
