/// Writes the warnings of one evaluation as log records.
struct WarningText {
    private let config: CompiledConfig
    private let user: ConfigCatUser?
    private let texts: ConditionFormatter
    /// The conditions and the user's attributes as strings, because several warnings can be about the same one.
    private var conditions: [Int32: String] = [:]
    private var attributes: [AttributePlace: String] = [:]

    /// The greatest length of such a string, in bytes, because several warnings repeat it.
    private static let limit = 1000

    init(config: CompiledConfig, user: ConfigCatUser?) {
        self.config = config
        self.user = user
        texts = ConditionFormatter(config: config)
    }

    /// Calls `warn` with a record for each warning.
    static func write(
        _ list: WarningList, in config: CompiledConfig, for user: ConfigCatUser?, _ warn: (LogRecord) -> Void
    ) {
        guard let last = list.all.last else { return }
        var text = WarningText(config: config, user: user)
        for warning in list.all {
            warn(
                LogRecord(
                    id: warning.kind.id, level: .warning, message: text.message(warning), subject: text.subject(warning)
                ))
        }
        guard list.isCut else { return }
        let message =
            "Further warnings of this evaluation are left out, because there are more than \(WarningList.limit)."
        warn(LogRecord(id: last.kind.id, level: .warning, message: message))
    }

    /// Returns the subject of a warning, a setting or one of its conditions, which does not depend on the user.
    private func subject(_ warning: EvaluationWarning) -> String {
        let key = config.text(config.settings[Int(warning.setting)].key)
        return warning.condition < 0 ? key : "\(key), condition \(warning.condition)"
    }

    private mutating func message(_ warning: EvaluationWarning) -> String {
        let setting = config.settings[Int(warning.setting)]
        let key = shortened(config.text(setting.key))
        switch warning.kind {
        case .userMissing:
            return "Setting '\(key)' has targeting rules or percentage options, but no user was given to evaluate them "
                + "for. Pass a ConfigCatUser, or set a default user."
        case .percentageAttributeMissing:
            return "The percentage options of setting '\(key)' were skipped, because the user has no "
                + "\(shortened(texts.attribute(setting.percentageAttribute)))."
        case .attributeMissing, .attributeInvalid, .attributeConverted:
            break
        }
        let condition = config.conditions[Int(warning.condition)]
        let start = "Condition (\(text(ofCondition: warning.condition))) of setting '\(key)'"
        let attribute = shortened(texts.attribute(condition.attribute))
        switch warning.kind {
        case .attributeMissing:
            return "\(start) cannot be evaluated, because the user has no \(attribute)."
        case .attributeInvalid:
            return
                "\(start) cannot be evaluated: \(texts.requirement(of: condition, value: value(of: condition.attribute)))."
        default:
            return "\(start) compares text, but \(attribute) is not a string; it was converted to "
                + "'\(value(of: condition.attribute))'."
        }
    }

    private mutating func text(ofCondition index: Int32) -> String {
        if let known = conditions[index] { return known }
        let text = shortened(texts.user(config.conditions[Int(index)]))
        conditions[index] = text
        return text
    }

    /// Returns the user's attribute as a string.
    private mutating func value(of attribute: AttributeReference) -> String {
        guard let user, let place = user.place(of: attribute, in: config.pool) else { return "" }
        if let known = attributes[place] { return known }
        let value = shortened(user.value(at: place)?.text ?? "")
        attributes[place] = value
        return value
    }

    private func shortened(_ text: String) -> String {
        guard text.utf8.count > Self.limit else { return text }
        return String(decoding: text.utf8.prefix(Self.limit), as: UTF8.self) + "..."
    }
}

extension EvaluationWarning.Kind {
    /// The event id of the warning in ConfigCat's SDKs.
    var id: Int {
        switch self {
        case .userMissing: 3001
        case .percentageAttributeMissing, .attributeMissing: 3003
        case .attributeInvalid: 3004
        case .attributeConverted: 3005
        }
    }
}
