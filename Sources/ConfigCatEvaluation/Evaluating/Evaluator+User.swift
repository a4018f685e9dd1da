/// Evaluation of user conditions and percentage options, which depend on the user's attributes.
///
/// The optional user is not unwrapped, because that would copy it and retain each attribute.
extension Evaluator {
    // MARK: - User conditions

    @inline(__always)
    mutating func evaluateUserCondition(
        _ index: Int, _ condition: UnsafePointer<CompiledCondition>, in frame: inout Frame, of config: CompiledConfig,
        for user: ConfigCatUser?
    ) -> ConditionResult {
        trace.userCondition(index)
        guard user != nil else { return missingUser(in: &frame) }
        memory.work.add(EvaluationWork.stepsOfCondition)
        func matcher(_ place: AttributePlace) -> UserConditionMatcher {
            UserConditionMatcher(tables: config.comparison, condition: condition, place: place)
        }
        let result: UserConditionMatcher.Match
        switch condition.pointee.attribute.kind {
        case .identifier: result = matcher(.identifier).match(user?.identifier, &memory)
        case .email: result = matcher(.email).match(user?.email, &memory)
        case .country: result = matcher(.country).match(user?.country, &memory)
        case .custom:
            if let index = user?.custom.index(of: condition.pointee.attribute.name, in: config.pool) {
                result = matcher(.custom(index)).match(user?.custom.entries[index].1, &memory)
            } else {
                result = .missing
            }
        }
        switch result {
        case .match: return .isTrue
        case .noMatch: return .isFalse
        case .convertedMatch, .convertedNoMatch:
            warn(.attributeConverted, index, in: frame)
            return result == .convertedMatch ? .isTrue : .isFalse
        case .missing:
            warn(.attributeMissing, index, in: frame)
            return .cannotEvaluate(.attributeMissing)
        case .invalid:
            warn(.attributeInvalid, index, in: frame)
            return .cannotEvaluate(.attributeInvalid)
        }
    }

    // MARK: - Percentage options

    mutating func evaluateOptions(
        _ options: ArrayRange, of setting: UnsafePointer<CompiledSetting>, in frame: inout Frame,
        of config: CompiledConfig,
        for user: ConfigCatUser?
    ) throws(InvalidConfigModel) -> Outcome? {
        guard user != nil else {
            trace.skipOptions(setting.pointee.percentageAttribute, .userMissing)
            _ = missingUser(in: &frame)
            return nil
        }
        guard let bucket = bucket(of: setting, in: config, for: user) else {
            trace.skipOptions(setting.pointee.percentageAttribute, .attributeMissing)
            warn(.percentageAttributeMissing, in: frame)
            return nil
        }
        if memory.work.isExceeded { throw exceeded(at: frame.setting, of: config) }
        trace.beginOptions(setting.pointee.percentageAttribute, bucket: bucket)
        var sum = 0.0
        for index in options.range {
            let option = config.options.address(of: index)
            if option.pointee.problem >= 0 {
                throw failure(option.pointee.problem, at: frame.setting, option: index, of: config)
            }
            sum += option.pointee.share
            guard Double(bucket) < sum else { continue }
            let value = option.pointee.value
            if value.kind == .invalid {
                throw failure(value.problem, at: frame.setting, option: index, of: config)
            }
            trace.selectOption(index, number: index - options.range.lowerBound + 1, bucket: bucket)
            return Outcome(value: value, variationID: option.pointee.variationID, option: Int32(index))
        }
        throw InvalidConfigModel(
            message:
                "the percentage options of '\(config.text(setting.pointee.key))' add up to \(DecimalFormat.text(sum))%, "
                + "which does not cover the user's bucket \(bucket)")
    }

    /// Returns the user's bucket by the setting's percentage attribute; nil if the user lacks the attribute. Unlike in
    /// conditions, an empty string does not count as missing.
    private mutating func bucket(
        of setting: UnsafePointer<CompiledSetting>, in config: CompiledConfig, for user: ConfigCatUser?
    ) -> Int? {
        let attribute = setting.pointee.percentageAttribute
        switch attribute.kind {
        case .identifier: return user?.identifier.withBytes { bucket(of: setting, $0, in: config) }
        case .email: return user?.email?.withBytes { bucket(of: setting, $0, in: config) }
        case .country: return user?.country?.withBytes { bucket(of: setting, $0, in: config) }
        case .custom:
            guard let index = user?.custom.index(of: attribute.name, in: config.pool),
                let value = user?.custom.entries[index].1
            else { return nil }
            let text = memory.text(of: value, at: .custom(index))
            return text.withBytes { bucket(of: setting, $0, in: config) }
        }
    }

    @inline(__always)
    private mutating func bucket(
        of setting: UnsafePointer<CompiledSetting>, _ text: UnsafeBufferPointer<UInt8>, in config: CompiledConfig
    ) -> Int {
        memory.work.add(EvaluationWork.stepsOfHashing(text.count))
        if memory.work.isExceeded { return 0 }
        return Bytes.withBytes(setting.pointee.key, of: config.pool) { key in
            Digest.bucket(key: UnsafeRawBufferPointer(key), attribute: UnsafeRawBufferPointer(text))
        }
    }
}
