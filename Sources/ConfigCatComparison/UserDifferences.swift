package import ConfigCatEvaluation

/// The settings that have different values for sample users in two configs.
package struct UserDifferences: Sendable {
    /// The result of an evaluation.
    package struct Outcome: Sendable, Equatable {
        /// The value; nil if the setting cannot be evaluated.
        package var value: SettingValue?
        /// The part of the setting that determined the value, or the reason why there is none.
        package var reason: String
        /// The targeting rule that applied, in words.
        package var rule: String?

        /// The value in quotes, or `error`.
        package var text: String { value.map { "'\($0)'" } ?? "none" }
    }

    /// Users for whom a setting has changed in the same way.
    package struct Group: Sendable {
        package var key: String
        package var before: Outcome
        package var after: Outcome
        /// The places of the users in the list of all users.
        package var users: [Int]
    }

    /// In the order of the keys' bytes.
    package private(set) var groups: [Group] = []

    /// Evaluates all settings of both configs.
    ///
    /// - Parameters:
    ///   - old: The old config.
    ///   - new: The new config.
    ///   - users: The users; nil evaluates without a user.
    package init(from old: Config, to new: Config, for users: [ConfigCatUser?]) {
        var seen: Set<Bytes> = []
        let keys = (old.keys + new.keys).filter { seen.insert(Array($0.utf8)).inserted }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let (oldConfig, newConfig) = (ComparedConfig(old), ComparedConfig(new))
        for key in keys {
            var places: [GroupKey: Int] = [:]
            for (index, user) in users.enumerated() {
                let before = Evaluated(key, oldConfig, user)
                let after = Evaluated(key, newConfig, user)
                guard before.value != after.value else { continue }
                let group = GroupKey(before: before, after: after)
                if let place = places[group] {
                    groups[place].users.append(index)
                } else {
                    places[group] = groups.count
                    groups.append(
                        Group(
                            key: key, before: before.outcome(oldConfig), after: after.outcome(newConfig),
                            users: [index]))
                }
            }
        }
    }

    private struct GroupKey: Hashable {
        var before: Evaluated
        var after: Evaluated
    }

    private struct Evaluated: Hashable {
        /// The value; that of a setting that cannot be evaluated is malformed.
        let value: ComparedValue
        let reason: String
        private let settingValue: SettingValue?
        private let rule: TargetingRule?

        init(_ key: String, _ config: ComparedConfig, _ user: ConfigCatUser?) {
            switch config.config.details(key, for: user, warn: nil) {
            case .success(let details):
                settingValue = details.value
                rule = details.matchedTargetingRule
                let option = details.matchedPercentageOption.map {
                    "percentage option \($0.position + 1) (\(DecimalFormat.text($0.percentage))%)"
                }
                let parts = [rule.map { "targeting rule \($0.position + 1)" }, option].compactMap { $0 }
                reason = parts.isEmpty ? "fallback value" : parts.joined(separator: ", ")
            case .failure(let failure):
                settingValue = nil
                rule = nil
                reason = failure.code == .settingKeyMissing ? "no such setting" : "error: \(failure.message)"
            }
            value = ComparedValue(settingValue, nil)
        }

        static func == (left: Self, right: Self) -> Bool { left.value == right.value && left.reason == right.reason }

        func hash(into hasher: inout Hasher) {
            hasher.combine(value)
            hasher.combine(reason)
        }

        func outcome(_ config: ComparedConfig) -> Outcome {
            Outcome(
                value: settingValue, reason: reason,
                rule: rule.map { ComparedRule($0, salt: config.salt, segments: config.segmentNames).text })
        }
    }
}
