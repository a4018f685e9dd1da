import ConfigCatEvaluation

/// Writes the settings of a config, with their targeting in words.
struct SettingsJSON {
    private let upstream: Config
    private let overrides: OverrideSet
    /// The keys of the settings whose conditions name a prerequisite flag, by its key.
    private var dependents: [ExactString: [String]] = [:]
    /// The keys of the settings that a segment is used by, by its index.
    private var users: [Int: [String]] = [:]
    /// What is not served because config JSON v6 cannot express it.
    private var losses: [ExactString: String] = [:]

    init(upstream: Config, overrides: OverrideSet) {
        self.upstream = upstream
        self.overrides = overrides
        for setting in upstream.settings {
            let references = References(setting)
            for key in references.prerequisites { dependents[ExactString(key), default: []].append(setting.key) }
            for segment in references.segments { users[segment.index, default: []].append(setting.key) }
        }
        guard upstream.format != .v6 else { return }
        for loss in ConfigWriter.version6(upstream).losses {
            let text = (loss.place.isEmpty ? "" : loss.place + ": ") + loss.reason
            losses[ExactString(loss.setting), default: ""] +=
                (losses[ExactString(loss.setting)] == nil ? "" : "; ") + text
        }
    }

    func json(id: String, _ document: ServedDocument) -> JSONValue {
        [
            "id": .string(id),
            "etag": .string(document.eTag),
            "version": JSONValue(document.number),
            "settings": .array(upstream.settings.map(setting)),
            "segments": .array(upstream.segments.map(segment)),
        ]
    }

    private func setting(_ setting: Setting) -> JSONValue {
        let references = References(setting)
        let overrides = overrides.overrides(of: setting.key)
        let everybody = overrides.first { $0.user == nil }
        return [
            "key": .string(setting.key),
            "type": JSONValue(setting.type?.name),
            "value": setting.value.map { JSONValue($0) } ?? .null,
            "variationId": JSONValue(setting.variationId),
            "rules": .array(setting.targetingRules.map(rule)),
            "percentageOptions": .array(setting.percentageOptions.map(option)),
            "percentageAttribute": setting.percentageOptions.isEmpty && !servesOptions(setting)
                ? .null : .string(setting.percentageAttribute),
            "override": everybody.map { JSONValue($0, in: upstream) } ?? .null,
            "userOverrides": .array(overrides.filter { $0.user != nil }.map { JSONValue($0, in: upstream) }),
            "prerequisites": strings(references.prerequisites),
            "dependents": strings(dependents[ExactString(setting.key)] ?? []),
            "segments": strings(references.segments.map(\.name)),
            "problem": JSONValue(setting.problem ?? losses[ExactString(setting.key)]),
        ]
    }

    private func servesOptions(_ setting: Setting) -> Bool {
        setting.targetingRules.contains { !$0.percentageOptions.isEmpty }
    }

    private func rule(_ rule: TargetingRule) -> JSONValue {
        [
            "conditions": .array(rule.conditions.map(condition)),
            "value": rule.servedValue.map { JSONValue($0.value) } ?? .null,
            "variationId": JSONValue(rule.servedValue?.variationId),
            "options": .array(rule.percentageOptions.map(option)),
        ]
    }

    private func condition(_ condition: Condition) -> JSONValue {
        var prerequisite: String?
        var segment: String?
        switch condition.kind {
        case .prerequisite(let key, _, _): prerequisite = key
        case .segment(let named, _): segment = named.name
        case .user, .invalid: break
        }
        return [
            "text": .string(condition.text), "prerequisite": JSONValue(prerequisite), "segment": JSONValue(segment),
        ]
    }

    private func option(_ option: PercentageOption) -> JSONValue {
        [
            "percentage": .number(DecimalFormat.text(option.percentage)),
            "value": option.value.map { JSONValue($0) } ?? .null,
            "variationId": JSONValue(option.variationId),
        ]
    }

    private func segment(_ segment: Segment) -> JSONValue {
        [
            "name": .string(segment.name),
            "conditions": .array(segment.conditions.map { ["text": .string($0.text)] }),
            "usedBy": strings(users[segment.index] ?? []),
        ]
    }

    private func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }

    /// The prerequisite flags and segments of a setting's conditions, each of them once.
    private struct References {
        private(set) var prerequisites: [String] = []
        private(set) var segments: [Segment] = []

        init(_ setting: Setting) {
            var seenKeys: Set<ExactString> = []
            var seenSegments: Set<Int> = []
            for condition in setting.targetingRules.lazy.flatMap(\.conditions) {
                switch condition.kind {
                case .prerequisite(let key, _, _):
                    if seenKeys.insert(ExactString(key)).inserted { prerequisites.append(key) }
                case .segment(let segment, _):
                    if seenSegments.insert(segment.index).inserted { segments.append(segment) }
                case .user, .invalid: break
                }
            }
        }
    }
}
