/// Compiles config JSON v5, whose rules and options correspond to those of v6.
extension ConfigCompiler {
    mutating func addVersion5(_ settingsNode: Int, from reader: DocumentReader) {
        reader.document.forEachMember(of: settingsNode) { name, node in
            guard let key = reader.text(name, into: &self) else { return }
            let part = reader.part(node, &parser)
            var setting = setting(part.node, key: key, from: part.reader)
            setting.body = reader.slice(node)
            settings.append(setting)
        }
    }

    private mutating func setting(_ node: Int, key: ArrayRange, from reader: DocumentReader) -> CompiledSetting {
        guard let fields = reader.fields(of: node) else {
            let problem = problem("the setting is not an object")
            return plainSetting(key: key, type: nil, value: .invalid(problem), problem: problem)
        }
        // The oldest v5 files do not name types, so the type is that of the value.
        let named = reader.integer(fields.t).flatMap(UInt8.init(exactly:)).flatMap(SettingType.init(rawValue:))
        guard let type = fields.t >= 0 ? named : Self.type(of: fields.v, in: reader.document) else {
            let problem = problem("the setting's type is missing or unknown")
            return plainSetting(key: key, type: nil, value: .invalid(problem), problem: problem)
        }
        var setting = plainSetting(key: key, type: type, value: bareValue(fields.v, type: type, from: reader))
        setting.variationID = reader.text(fields.i, into: &self)
        if fields.r >= 0, !reader.isKind(fields.r, .array) {
            setting.problem = problem("the targeting rules are not an array")
        }
        if fields.p >= 0, !reader.isKind(fields.p, .array) {
            setting.problem = problem("the percentage options are not an array")
        }
        let firstRule = rules.count
        for (position, rule) in ordered(fields.r, from: reader) {
            let rule = rolloutRule(rule, position: position, type: type, from: reader)
            rules.append(rule)
        }
        setting.rules = ArrayRange(from: firstRule, to: rules.count)
        let firstOption = options.count
        for (position, option) in ordered(fields.p, from: reader) {
            options.append(
                percentageOption(option, position: position, from: reader) { compiler, node in
                    compiler.bareValue(node, type: type, from: reader)
                })
        }
        setting.options = ArrayRange(from: firstOption, to: options.count)
        return setting
    }

    /// Returns an array's elements in the order of their `o`, by default their position in the array.
    private func ordered(_ node: Int, from reader: DocumentReader) -> [(position: Int, node: Int)] {
        let elements = reader.elements(node).enumerated().map { position, element in
            (position: position, node: element, order: reader.integer(reader.fields(of: element)?.o ?? -1) ?? position)
        }
        return elements.sorted { ($0.order, $0.position) < ($1.order, $1.position) }.map { ($0.position, $0.node) }
    }

    private mutating func rolloutRule(
        _ node: Int, position: Int, type: SettingType, from reader: DocumentReader
    ) -> CompiledRule {
        var rule = CompiledRule(
            conditions: .empty, value: nil, variationID: nil, options: .empty, problem: -1,
            position: UInt32(truncatingIfNeeded: position))
        guard let fields = reader.fields(of: node) else {
            rule.problem = problem("the rule is not an object")
            return rule
        }
        let condition = rolloutCondition(fields, from: reader)
        conditions.append(condition)
        rule.conditions = ArrayRange(from: conditions.count - 1, to: conditions.count)
        let value = bareValue(fields.v, type: type, from: reader)
        rule.value = value
        rule.variationID = reader.text(fields.i, into: &self)
        if value.kind == .invalid { rule.problem = value.problem }
        return rule
    }

    private mutating func rolloutCondition(
        _ fields: DocumentReader.Fields, from reader: DocumentReader
    ) -> CompiledCondition {
        guard let name = reader.text(fields.a, into: &self) else {
            return invalid("the comparison attribute is missing")
        }
        guard let number = reader.integer(fields.t), let comparator = UserComparator(v5: number) else {
            let number = reader.integer(fields.t).map { " (\($0))" } ?? ""
            return invalid("the comparator is missing or unknown\(number)")
        }
        guard let whole = reader.text(fields.c, into: &self) else {
            return invalid("the comparison value is missing or not a string")
        }
        var condition = CompiledCondition(kind: .user)
        condition.comparator = comparator
        condition.attribute = attribute(name)
        switch comparator {
        case .containsAnyOf, .notContainsAnyOf:
            let first = items.count
            appendItem(whole)
            condition.items = ArrayRange(from: first, to: items.count)
        case .isOneOf, .isNotOneOf, .isOneOfSHA1, .isNotOneOfSHA1, .semverIsOneOf, .semverIsNotOneOf:
            splitItems(whole, into: &condition)
        default:
            condition.text = whole
            if comparator.isSemver {
                condition.parsed = ArrayRange(start: UInt32(truncatingIfNeeded: versions.count), count: 1)
                appendVersion(whole)
            } else if let number = DecimalFormat.double(attribute: text(whole)) {
                condition.number = number
            } else {
                condition.kind = .alwaysFalse
            }
        }
        return condition
    }

    /// Splits a list at its commas, and trims the items.
    private mutating func splitItems(_ whole: ArrayRange, into condition: inout CompiledCondition) {
        let firstItem = items.count
        let firstVersion = versions.count
        let firstDigest = digests.count
        var start = whole.range.lowerBound
        while true {
            let rest = ArrayRange(from: start, to: whole.range.upperBound)
            let comma = pool.withBytes(rest) { $0.firstIndex(of: UInt8(ascii: ",")) }
            let item = trimmed(ArrayRange(from: start, to: comma.map { start + $0 } ?? whole.range.upperBound))
            appendItem(item)
            if condition.comparator.isSemver {
                appendVersion(item)
            } else if condition.comparator.isHashed {
                _ = appendDigest(item, of: condition.comparator)
            }
            guard let comma else { break }
            start += comma + 1
        }
        condition.items = ArrayRange(from: firstItem, to: items.count)
        condition.parsed =
            condition.comparator.isSemver
            ? ArrayRange(from: firstVersion, to: versions.count) : ArrayRange(from: firstDigest, to: digests.count)
    }

    private static func type(of node: Int, in document: JSONDocument) -> SettingType? {
        guard node >= 0 else { return nil }
        switch document.kind(of: node) {
        case .true, .false: return .bool
        case .string: return .string
        case .number:
            let isDouble = document.text(of: node).utf8.contains {
                $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e")
            }
            return isDouble ? .double : .int
        default: return nil
        }
    }

    /// Compiles a value that is not wrapped in an object.
    private mutating func bareValue(_ node: Int, type: SettingType, from reader: DocumentReader) -> CompiledValue {
        guard node >= 0 else { return .invalid(problem("a value is missing")) }
        switch type {
        case .bool:
            if let value = reader.document.bool(of: node) { return .bool(value) }
        case .string:
            if let text = reader.text(node, into: &self) { return string(text) }
        case .int:
            if let value = reader.integer(node) { return .int(value) }
        case .double:
            if let value = reader.double(node) { return .double(value) }
        }
        return .invalid(problem("a value is not of the setting's type, \(type)"))
    }

    // MARK: - Plain values

    /// Adds the settings of `{"flags": {key: value}}`. `5` is an Int, `5.0` is a Double.
    mutating func addFlags(_ node: Int, from reader: DocumentReader) {
        reader.document.forEachMember(of: node) { name, value in
            guard let key = reader.text(name, into: &self) else { return }
            var setting: CompiledSetting
            if let type = Self.type(of: value, in: reader.document) {
                setting = plainSetting(key: key, type: type, value: bareValue(value, type: type, from: reader))
            } else {
                let problem = problem("the value is not a Bool, String, Int or Double")
                setting = plainSetting(key: key, type: nil, value: .invalid(problem), problem: problem)
            }
            setting.body = reader.slice(value)
            settings.append(setting)
        }
    }
}
