/// An error that says why the config does not allow a setting to be evaluated.
struct InvalidConfigModel: Error {
    var message: String
}

extension Evaluator {
    @inline(never)
    func failure(
        _ problem: Int32, at setting: Int, rule: Int? = nil, condition: Int? = nil, option: Int? = nil,
        of config: CompiledConfig
    ) -> InvalidConfigModel {
        let place = place(setting: setting, rule: rule, condition: condition, option: option, in: config)
        return InvalidConfigModel(message: "\(place): \(config.problem(problem) ?? "malformed")")
    }

    /// Returns the error of an evaluation that exceeds the limit on its work.
    @inline(never)
    func exceeded(
        at setting: Int, rule: Int? = nil, condition: Int? = nil, of config: CompiledConfig
    ) -> InvalidConfigModel {
        let place = place(setting: setting, rule: rule, condition: condition, in: config)
        return InvalidConfigModel(
            message: "\(place): the evaluation exceeds the limit of \(EvaluationWork.limit) steps, which are counted "
                + "for comparing and hashing the user's attributes")
    }

    private func place(
        setting: Int, rule: Int?, condition: Int?, option: Int? = nil, in config: CompiledConfig
    ) -> String {
        var place = "setting '\(config.text(config.settings[setting].key))'"
        if let rule { place += ", targeting rule \(config.rules[rule].position + 1)" }
        if let rule, let condition {
            place += ", condition \(condition - Int(config.rules[rule].conditions.start) + 1)"
        }
        if let option { place += ", percentage option \(config.options[option].position + 1)" }
        return place
    }
}
