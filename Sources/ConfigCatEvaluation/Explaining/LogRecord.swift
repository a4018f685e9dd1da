/// A message for the log, with the number by which ConfigCat's SDKs tell messages apart.
package struct LogRecord: Sendable, Equatable {
    package enum Level: Sendable { case error, warning, info }

    package var id: Int
    package var level: Level
    package var message: String

    package init(id: Int, level: Level, message: String) {
        self.id = id
        self.level = level
        self.message = message
    }
}

extension EvaluationWarning {
    func event(in config: CompiledConfig, user: ConfigCatUser?) -> LogRecord {
        let texts = ConditionText(config: config)
        func key(_ setting: Int32) -> String { config.text(config.settings[Int(setting)].key) }
        func condition(_ index: Int32) -> CompiledCondition { config.conditions[Int(index)] }
        switch self {
        case .userMissing(let setting):
            return LogRecord(
                id: 3001, level: .warning,
                message: "Setting '\(key(setting))' has targeting rules or percentage options, but no user was given "
                    + "to evaluate them for. Pass a ConfigCatUser, or set a default user.")
        case .percentageAttributeMissing(let setting):
            let name = texts.attribute(config.settings[Int(setting)].percentageAttribute)
            return LogRecord(
                id: 3003, level: .warning,
                message: "The percentage options of setting '\(key(setting))' were skipped, because the user has no "
                    + "\(name).")
        case .attributeMissing(let setting, let index):
            return LogRecord(
                id: 3003, level: .warning,
                message: "Condition (\(texts.user(condition(index)))) of setting '\(key(setting))' cannot be "
                    + "evaluated, because the user has no \(texts.attribute(condition(index).attribute)).")
        case .attributeInvalid(let setting, let index):
            return LogRecord(
                id: 3004, level: .warning,
                message: "Condition (\(texts.user(condition(index)))) of setting '\(key(setting))' cannot be "
                    + "evaluated: \(texts.fault(condition(index), user: user)).")
        case .attributeConverted(let setting, let index):
            let name = config.text(condition(index).attribute.name)
            return LogRecord(
                id: 3005, level: .warning,
                message: "Condition (\(texts.user(condition(index)))) of setting '\(key(setting))' compares text, but "
                    + "User.\(name) is not a string; it was converted to '\(user?.attribute(for: name)?.text ?? "")'.")
        }
    }
}
