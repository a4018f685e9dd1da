/// Evaluation of single settings. Whatever the config contains, nothing here throws, traps or blocks.
extension Config {
    /// The result of an evaluation without details.
    package enum EvaluationOutcome {
        case value(SettingValue)
        case failure(EvaluationFailure)
    }

    /// Evaluates a setting for a user, as the method with two arguments for warnings does.
    package func evaluate(
        at index: Int, for user: ConfigCatUser?, memo: EvaluationMemo? = nil, warn: ((LogRecord) -> Void)?
    ) -> EvaluationOutcome {
        evaluate(at: index, for: user, memo: memo, warns: warn != nil) { warn?($0) }
    }

    /// Evaluates a setting for a user.
    ///
    /// - Parameters:
    ///   - index: The index of the setting.
    ///   - user: The user.
    ///   - memo: Where the value is remembered; it belongs to this config and this user.
    ///   - warns: Whether warnings are needed.
    ///   - warn: Is given each warning. It does not escape, and so copies nothing that it captures.
    /// - Returns: The value, or why there is none.
    package func evaluate(
        at index: Int, for user: ConfigCatUser?, memo: EvaluationMemo?, warns: Bool, _ warn: (LogRecord) -> Void
    ) -> EvaluationOutcome {
        var evaluator = Evaluator(trace: WarningTrace())
        let evaluated: EvaluationOutcome
        do {
            let outcome = try evaluator.evaluate(index, of: compiled, for: user)
            if let memo, evaluator.trace.warnings.all.isEmpty { memo.remember(outcome, of: index) }
            evaluated = compiled.settingValue(outcome.value).map { .value($0) } ?? .failure(.malformed)
        } catch {
            evaluated = .failure(EvaluationFailure(code: .invalidConfigModel, message: error.message))
        }
        if warns { WarningText.write(evaluator.trace.warnings, in: compiled, for: user, warn) }
        return evaluated
    }

    @inline(__always)
    private func emit(_ warnings: WarningList, _ user: ConfigCatUser?, _ warn: ((LogRecord) -> Void)?) {
        guard let warn else { return }
        WarningText.write(warnings, in: compiled, for: user, warn)
    }

    /// Evaluates a setting for a user, and returns the value together with the reason.
    package func details(
        _ key: String, for user: ConfigCatUser?, warn: ((LogRecord) -> Void)?
    ) -> Result<TypedEvaluationDetails<SettingValue>, EvaluationFailure> {
        guard let index = compiled.index(of: key) else { return .failure(missing(key)) }
        var evaluator = Evaluator(trace: WarningTrace())
        let outcome = Result { () throws(InvalidConfigModel) in
            try evaluator.evaluate(index, of: compiled, for: user)
        }
        emit(evaluator.trace.warnings, user, warn)
        return details(key, of: outcome, for: user)
    }

    /// Evaluates a setting for a user, and returns the value, the reason and the evaluation log.
    package func explain(
        _ key: String, for user: ConfigCatUser?, defaultValue: String, warn: ((LogRecord) -> Void)?
    ) -> (result: Result<TypedEvaluationDetails<SettingValue>, EvaluationFailure>, log: String?) {
        guard let index = compiled.index(of: key) else { return (.failure(missing(key)), nil) }
        var evaluator = Evaluator(trace: ExplainingTrace(config: compiled, user: user))
        let outcome = Result { () throws(InvalidConfigModel) in
            try evaluator.evaluate(index, of: compiled, for: user)
        }
        if case .failure(let failure) = outcome { evaluator.trace.fail(failure.message, returning: defaultValue) }
        emit(evaluator.trace.warnings, user, warn)
        return (details(key, of: outcome, for: user), evaluator.trace.text)
    }

    private func details(
        _ key: String, of outcome: Result<Outcome, InvalidConfigModel>, for user: ConfigCatUser?
    ) -> Result<TypedEvaluationDetails<SettingValue>, EvaluationFailure> {
        switch outcome {
        case .failure(let failure):
            return .failure(EvaluationFailure(code: .invalidConfigModel, message: failure.message))
        case .success(let outcome):
            guard let value = compiled.settingValue(outcome.value) else { return .failure(.malformed) }
            return .success(
                TypedEvaluationDetails(
                    key: key, value: value, variationId: outcome.variationID.map(compiled.text), user: user,
                    matchedTargetingRule: outcome.rule < 0
                        ? nil : TargetingRule(config: compiled, index: Int(outcome.rule)),
                    matchedPercentageOption: outcome.option < 0
                        ? nil : PercentageOption(config: compiled, index: Int(outcome.option))))
        }
    }

    /// Returns the failure for a key that the config does not have.
    package func missing(_ key: String) -> EvaluationFailure {
        let shown = keys.prefix(50).map { "'\($0)'" }
        let count = compiled.order.count
        let rest = count > shown.count ? ", ... <\(count - shown.count) more>" : ""
        return EvaluationFailure(
            code: .settingKeyMissing,
            message: "the config has no setting '\(key)'; available keys: [\(shown.joined(separator: ", "))\(rest)]")
    }

    /// Returns the key and the value that a variation ID belongs to, the first in the order of the document.
    package func keyAndValue(ofVariation variationID: String) -> (key: String, value: SettingValue)? {
        func isWanted(_ slice: ArrayRange?) -> Bool {
            guard let slice else { return false }
            return variationID.withBytes { Bytes.areEqual($0, slice, of: compiled.pool) }
        }
        func found(_ setting: CompiledSetting, _ value: CompiledValue?) -> (key: String, value: SettingValue)? {
            value.flatMap(compiled.settingValue).map { (compiled.text(setting.key), $0) }
        }
        for index in compiled.order {
            let setting = compiled.settings[index]
            if isWanted(setting.variationID) { return found(setting, setting.value) }
            var options = [setting.options]
            for rule in compiled.rules[setting.rules.range] {
                if isWanted(rule.variationID) { return found(setting, rule.value) }
                options.append(rule.options)
            }
            for option in options.lazy.flatMap({ compiled.options[$0.range] }) where isWanted(option.variationID) {
                return found(setting, option.value)
            }
        }
        return nil
    }
}

extension EvaluationFailure {
    fileprivate static let malformed = EvaluationFailure(code: .invalidConfigModel, message: "malformed")
}

extension Config {
    /// Returns the values of all settings for a user, without those that cannot be evaluated.
    ///
    /// A `Dictionary` treats canonically equal keys, such as the two spellings of "é", as the same key. Of such
    /// settings, the result has the last in the order of the config, with its own spelling of the key.
    package func values(
        for user: ConfigCatUser?, warn: ((LogRecord) -> Void)?, fail: (_ key: String, EvaluationFailure) -> Void
    ) -> [String: any Sendable] {
        var values: [String: any Sendable] = [:]
        values.reserveCapacity(compiled.order.count)
        var count = 0
        func set(_ key: String, _ value: any Sendable) {
            values[key] = value
            count += 1
            guard values.count < count else { return }
            // An assignment alone would keep the first spelling of the key.
            values.removeValue(forKey: key)
            values[key] = value
            count = values.count
        }
        for (index, key) in zip(compiled.order, compiled.keyStrings) {
            if let value = compiled.constant(index) {
                set(key, value.anyValue)
                continue
            }
            switch evaluate(at: index, for: user, warn: warn) {
            case .value(let value): set(key, value.anyValue)
            case .failure(let failure): fail(key, failure)
            }
        }
        return values
    }
}

extension CompiledConfig {
    @inline(__always)
    func constant(_ index: Int) -> SettingValue? {
        guard settings[index].isConstant else { return nil }
        return settingValue(settings[index].value)
    }
}
