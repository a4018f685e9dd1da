@testable import ConfigCatEvaluation

/// Checks the properties that must hold for every config and user.
struct ConfigChecks {
    let config: Config
    let users: [ConfigCatUser?]

    /// Returns the config in a document; nil if the document is not a config.
    static func decode(_ document: [UInt8]) -> Config? {
        guard let config = try? withinASecond("decoding", { try Config(json: document) }) else { return nil }
        require(config.document.bytes == document, "a config keeps the document that it was read from")
        return config
    }

    /// Runs all checks.
    ///
    /// - Parameter other: Another config, to merge with and to compare with.
    func run(other: Config?) {
        let findings = withinASecond("validating") { ConfigValidator.findings(in: config) }
        var failures = 0
        for user in users { failures += checkEvaluation(for: user) }
        require(failures == 0 || !findings.isEmpty, "if a setting cannot be evaluated, validation has a finding")
        checkModel()
        checkConversion()
        checkCopies()
        if let other { checkMerging(with: other) }
    }

    // MARK: - Evaluation

    /// Evaluates every setting in every way, and returns the number of those that fail because of the document.
    private func checkEvaluation(for user: ConfigCatUser?) -> Int {
        var failures = 0
        var answers: [[UInt8]: Answer] = [:]
        for setting in config.settings {
            let key = setting.key
            var warnings: [LogRecord] = []
            let answer = answer(key, in: config, for: user) { warnings = $0 }
            answers[key.bytes] = answer
            checkExplanation(of: key, for: user, answer, warnings)
            switch answer {
            case .value(let value, _): require(value.type == setting.type, "a value is of the setting's type")
            case .failure(let message): if !message.contains("exceeds the limit") { failures += 1 }
            }
            checkLookup(of: key, for: user, answer)
        }
        checkAllValues(for: user, answers)
        return failures
    }

    private enum Answer: Equatable {
        case value(SettingValue, variationID: [UInt8]?)
        case failure(String)

        var value: SettingValue? { if case .value(let value, _) = self { value } else { nil } }
    }

    private func answer(
        _ key: String, in config: Config, for user: ConfigCatUser?, warn: (([LogRecord]) -> Void)? = nil
    ) -> Answer {
        var warnings: [LogRecord] = []
        let result = withinASecond("evaluating '\(key)'") {
            warnings = []
            return config.details(key, for: user) { warnings.append($0) }
        }
        warn?(warnings)
        switch result {
        case .success(let details):
            if let option = details.matchedPercentageOption {
                require(option.value == details.value, "the chosen option has the value that is served")
            } else if let rule = details.matchedTargetingRule {
                require(rule.servedValue?.value == details.value, "the matched rule has the value that is served")
            }
            return .value(details.value, variationID: details.variationId?.bytes)
        case .failure(let failure): return .failure(failure.message)
        }
    }

    private func checkExplanation(
        of key: String, for user: ConfigCatUser?, _ answer: Answer, _ warnings: [LogRecord]
    ) {
        var explainedWarnings: [LogRecord] = []
        let (result, log) = withinASecond("explaining '\(key)'") {
            explainedWarnings = []
            return config.explain(key, for: user, defaultValue: "default") { explainedWarnings.append($0) }
        }
        require(warnings == explainedWarnings, "explaining '\(key)' gives the same warnings")
        require(log?.isEmpty == false, "explaining '\(key)' gives an evaluation log")
        switch (result, answer) {
        case (.success(let details), .value(let value, let variationID)):
            require(
                details.value == value && details.variationId?.bytes == variationID,
                "explaining '\(key)' returns the same value")
        case (.failure(let failure), .failure(let message)):
            require(failure.message == message, "explaining '\(key)' fails in the same way")
        default: require(false, "explaining '\(key)' succeeds if evaluating does")
        }
    }

    private func checkLookup(of key: String, for user: ConfigCatUser?, _ answer: Answer) {
        let lookup = config.find(key)
        switch lookup.kind {
        case .unknown, .missing: require(false, "a key of the config is found")
        case .bool, .string, .int, .double:
            require(config.value(lookup) == answer.value, "a constant setting has its value for every user")
        case .requiresEvaluation:
            let index = Int(lookup.index)
            switch (config.evaluate(at: index, for: user, warn: nil), answer) {
            case (.value(let value), .value(let expected, _)):
                require(value == expected, "a value is the same with and without details")
            case (.failure(let failure), .failure(let message)):
                require(failure.message == message, "a failure is the same with and without details")
            default: require(false, "evaluation succeeds with details if it does without")
            }
            checkMemo(at: index, for: user, answer)
        }
        let declared = config.find(declared: DeclaredKeys.number(of: key), key)
        require(
            declared.kind == lookup.kind && declared.index == lookup.index && declared.bits == lookup.bits,
            "a declared key finds the same setting as the key")
        if case .value(_, let id?) = answer {
            _ = config.keyAndValue(ofVariation: String(decoding: id, as: UTF8.self))
        }
    }

    /// Evaluates a setting with a memo, and compares what the memo then has.
    private func checkMemo(at index: Int, for user: ConfigCatUser?, _ answer: Answer) {
        let memo = EvaluationMemo(config)
        var warnings = 0
        _ = config.evaluate(at: index, for: user, memo: memo) { _ in warnings += 1 }
        let found = config.value(memo.find(Int32(truncatingIfNeeded: index)))
        require(
            found == (warnings == 0 ? answer.value : nil), "a memo has the value of an evaluation without warnings")
    }

    private func checkAllValues(for user: ConfigCatUser?, _ answers: [[UInt8]: Answer]) {
        var failed: [[UInt8]] = []
        let values = config.values(for: user, warn: nil) { key, _ in failed.append(key.bytes) }
        for key in failed {
            require(answers[key]?.value == nil, "a setting that fails among all values also fails alone")
        }
        for (key, value) in values {
            let expected = answers[key.bytes]?.value?.anyValue
            require(
                expected.map { "\(type(of: $0)) \($0)" } == "\(type(of: value)) \(value)",
                "'\(key)' has the same value among all values")
        }
    }

    // MARK: - Other uses

    /// Reads all properties of the public model.
    private func checkModel() {
        for setting in config.settings {
            require(config[setting.key]?.key.bytes == setting.key.bytes, "a setting is found by its key")
            _ = (setting.value?.description, setting.variationId, setting.percentageAttribute, setting.problem)
            for rule in setting.targetingRules {
                _ = (rule.position, rule.servedValue, rule.problem)
                for condition in rule.conditions { _ = condition.kind }
                for option in rule.percentageOptions { _ = (option.percentage, option.value, option.problem) }
            }
            for option in setting.percentageOptions { _ = (option.position, option.variationId, option.problem) }
        }
        for segment in config.segments {
            _ = (segment.name, segment.problem)
            for condition in segment.conditions { _ = condition.kind }
        }
        for user in users { _ = user?.description }
    }

    /// Converts a document of another format to v6, and compares the evaluations.
    private func checkConversion() {
        guard config.format != .v6 else { return }
        let (json, losses) = withinASecond("converting") { ConfigWriter.version6(config) }
        guard let converted = try? Config(json: json) else {
            return require(false, "a converted document is a config: \(json)")
        }
        require(converted.format == .v6, "a converted document is of version 6: \(json)")
        guard losses.isEmpty else { return }
        require(converted.keys.map(\.bytes) == config.keys.map(\.bytes), "a converted document has the same settings")
        for user in users {
            for key in config.keys {
                let (before, after) = (answer(key, in: config, for: user), answer(key, in: converted, for: user))
                require(
                    before == after || before.value == nil && after.value == nil,
                    "'\(key)' is \(before) before and \(after) after conversion to \(json)")
            }
        }
    }

    /// Reads the document again, and merges the config with the copy.
    private func checkCopies() {
        guard let copy = try? Config(json: config.document) else {
            return require(false, "a document that was read can be read again")
        }
        require(config.isSameDocument(as: copy) && copy.isSameDocument(as: config), "a copy is the same document")
        require(config.changedKeys(from: copy).isEmpty, "a copy has no changed keys")
        require(config.changedKeys(from: nil).count == config.keys.count, "without another config, all keys changed")
        checkAnswers(of: config.merged(over: copy), asIn: config, keys: config.keys, "merged over itself")
    }

    private func checkMerging(with other: Config) {
        let merged = withinASecond("merging") { config.merged(over: other) }
        let (own, others) = (Set(config.keys.map(\.bytes)), Set(other.keys.map(\.bytes)))
        require(Set(merged.keys.map(\.bytes)) == own.union(others), "merged configs have the settings of both")
        require(merged.keys.count == own.union(others).count, "merged configs have each setting once")
        let changed = Set(withinASecond("comparing") { config.changedKeys(from: other) }.map(\.bytes))
        require(
            changed.isSuperset(of: own.symmetricDifference(others)), "a setting that only one config has is changed")
        require(
            changed == Set(other.changedKeys(from: config).map(\.bytes)),
            "two configs differ in the same keys both ways")
        checkAnswers(of: merged, asIn: config, keys: config.keys.filter(isIndependent), "merged over another")
        _ = ConfigValidator.findings(in: merged)
    }

    /// Returns whether a setting has no prerequisite flags, which another config may replace.
    private func isIndependent(_ key: String) -> Bool {
        guard let setting = config[key] else { return false }
        return setting.targetingRules.allSatisfy { rule in
            rule.conditions.allSatisfy { condition in
                switch condition.kind {
                case .prerequisite, .invalid: false
                case .user, .segment: true
                }
            }
        }
    }

    private func checkAnswers(of merged: Config, asIn config: Config, keys: [String], _ how: String) {
        for user in users {
            for key in keys {
                let (before, after) = (answer(key, in: config, for: user), answer(key, in: merged, for: user))
                require(before == after, "'\(key)' is \(before) alone and \(after) \(how)")
            }
        }
    }
}
