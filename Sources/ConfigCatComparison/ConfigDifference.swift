package import ConfigCatEvaluation

/// The differences in meaning of two configs. The order of settings, of members and of list items, and the numbers of
/// segments, have no meaning.
package struct ConfigDifference: Sendable {
    package enum Kind: String, Sendable { case added, removed, changed }

    /// What differs.
    package enum Subject: Sendable, Equatable {
        /// The config as a whole.
        case config
        case segment(String)
        case setting(String)
    }

    package struct Change: Sendable {
        package var subject: Subject
        package var kind: Kind
        package var details: [DifferenceDetail]
    }

    /// The differences of the config, then those of segments and settings in the order of their names' bytes.
    package private(set) var changes: [Change] = []

    /// The greatest number of settings that a detail names.
    private static let shownKeys = 10

    /// Compares two configs.
    package init(from oldConfig: Config, to newConfig: Config) {
        let old = ComparedConfig(oldConfig)
        let new = ComparedConfig(newConfig)
        compareWhole(old, new)
        compareSegments(old, new)
        compareSettings(old, new)
    }

    private mutating func compareWhole(_ old: ComparedConfig, _ new: ComparedConfig) {
        var details: [DifferenceDetail] = []
        if old.salt != new.salt, old.usesSalt || new.usesSalt {
            details.append(
                DifferenceDetail(
                    "the salt: all hashed comparison values are different, so whether the values behind them changed is "
                        + "unknown; percentages do not depend on it"))
        }
        if old.config.baseURL != new.config.baseURL {
            details.append(
                DifferenceDetail(
                    "the URL of the CDN", from: old.config.baseURL ?? "none", to: new.config.baseURL ?? "none"))
        }
        if old.config.redirectMode != new.config.redirectMode {
            details.append(
                DifferenceDetail("the redirect mode: \(old.config.redirectMode) → \(new.config.redirectMode)"))
        }
        if !details.isEmpty { changes.append(Change(subject: .config, kind: .changed, details: details)) }
    }

    // MARK: - Segments

    private mutating func compareSegments(_ old: ComparedConfig, _ new: ComparedConfig) {
        let before = Dictionary(zip(old.segmentNames, old.config.segments)) { first, _ in first }
        let after = Dictionary(zip(new.segmentNames, new.config.segments)) { first, _ in first }
        let names = Set(before.keys).union(after.keys).sorted {
            $0.bytes == $1.bytes ? $0.ordinal < $1.ordinal : $0.bytes.lexicographicallyPrecedes($1.bytes)
        }
        for name in names {
            let subject = Subject.segment(String(decoding: name.bytes, as: UTF8.self))
            switch (before[name], after[name]) {
            case (let segment?, nil):
                changes.append(Change(subject: subject, kind: .removed, details: Self.conditions(segment)))
            case (nil, let segment?):
                changes.append(Change(subject: subject, kind: .added, details: Self.conditions(segment)))
            case (let first?, let second?):
                var details = Self.compare(first.conditions.map(old.condition), second.conditions.map(new.condition))
                if first.problem != second.problem {
                    details.append(
                        DifferenceDetail("malformed", from: first.problem ?? "no", to: second.problem ?? "no"))
                }
                guard !details.isEmpty else { continue }
                let users = Self.keys(in: new) { $0.segment == name }
                if !users.isEmpty { details.append(Self.naming("used by ", users)) }
                changes.append(Change(subject: subject, kind: .changed, details: details))
            case (nil, nil): continue
            }
        }
    }

    private static func conditions(_ segment: Segment) -> [DifferenceDetail] {
        [DifferenceDetail([.code(segment.conditions.map(\.text).joined(separator: " AND "))])]
    }

    private static func compare(_ old: [ComparedCondition], _ new: [ComparedCondition]) -> [DifferenceDetail] {
        if old.allSatisfy(\.isIndependent), new.allSatisfy(\.isIndependent) {
            if Set(old) == Set(new) { return [] }
        } else if old == new {
            return []
        }
        let changes = ListChanges(old, new)
        if changes.areAll, !changes.details.isEmpty { return changes.details }
        func text(_ conditions: [ComparedCondition]) -> String {
            conditions.isEmpty ? "none" : conditions.map(\.text).joined(separator: " AND ")
        }
        return [DifferenceDetail("conditions", from: text(old), to: text(new))] + changes.details
    }

    // MARK: - Settings

    private mutating func compareSettings(_ old: ComparedConfig, _ new: ComparedConfig) {
        func byKey(_ config: ComparedConfig) -> [Bytes: Setting] {
            Dictionary(config.config.settings.map { (Array($0.key.utf8), $0) }) { _, last in last }
        }
        let (before, after) = (byKey(old), byKey(new))
        let dependents = Self.dependents(new)
        for key in Set(before.keys).union(after.keys).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let subject = Subject.setting(String(decoding: key, as: UTF8.self))
            var change: Change
            switch (before[key], after[key]) {
            case (let setting?, nil):
                let details = SettingComparison(only: setting, in: old).details
                change = Change(subject: subject, kind: .removed, details: details)
            case (nil, let setting?):
                let details = SettingComparison(only: setting, in: new).details
                change = Change(subject: subject, kind: .added, details: details)
            case (let first?, let second?):
                let details = SettingComparison(first, old, second, new).details
                guard !details.isEmpty else { continue }
                change = Change(subject: subject, kind: .changed, details: details)
            case (nil, nil): continue
            }
            if let dependents = dependents[key] {
                change.details.append(Self.naming("a prerequisite of ", dependents))
            }
            changes.append(change)
        }
    }

    /// Returns the keys of the settings that have each setting as a prerequisite.
    private static func dependents(_ config: ComparedConfig) -> [Bytes: [String]] {
        var dependents: [Bytes: [String]] = [:]
        for setting in config.config.settings {
            let keys = Set(
                setting.targetingRules.flatMap { $0.conditions }.compactMap { condition -> Bytes? in
                    guard case .prerequisite(let key, _, _) = condition.kind else { return nil }
                    return Array(key.utf8)
                })
            for key in keys { dependents[key, default: []].append(setting.key) }
        }
        return dependents
    }

    private static func keys(
        in config: ComparedConfig, where isWanted: (ComparedCondition) -> Bool
    ) -> [String] {
        config.config.settings.filter { setting in
            setting.targetingRules.contains { $0.conditions.contains { isWanted(config.condition($0)) } }
        }.map(\.key)
    }

    private static func naming(_ words: String, _ keys: [String]) -> DifferenceDetail {
        var detail = DifferenceDetail(words)
        for (index, key) in keys.prefix(shownKeys).enumerated() {
            if index > 0 { detail.add(.words(", ")) }
            detail.add(.code(key))
        }
        if keys.count > shownKeys { detail.add(.words(" and \(keys.count - shownKeys) more settings")) }
        return detail
    }
}
