/// Compiles config JSON v6.
extension ConfigCompiler {
    mutating func addVersion6(_ settingsNode: Int, from reader: DocumentReader) {
        let document = reader.document
        var scope = Scope(firstSegment: segments.count)
        let root = reader.fields(of: document.root)
        if let preferences = reader.fields(of: root?.p ?? -1) {
            scope.salt = reader.text(preferences.s, into: &self)
        }
        if let root, root.s >= 0 { addSegments(root.s, in: &scope, from: reader) }
        document.forEachMember(of: settingsNode) { name, node in
            guard let key = reader.text(name, into: &self) else { return }
            let part = reader.part(node, &parser)
            var setting = setting(part.node, key: key, in: scope, from: part.reader)
            setting.body = reader.slice(node)
            settings.append(setting)
        }
    }

    /// The parts of a document that its conditions refer to.
    private struct Scope {
        var salt: ArrayRange?
        var firstSegment: Int
        var segmentCount = 0
    }

    private mutating func addSegments(_ node: Int, in scope: inout Scope, from reader: DocumentReader) {
        reader.document.forEachElement(of: node) { element in
            let (reader, element) = reader.part(element, &parser)
            var segment = CompiledSegment(name: .empty, conditions: .empty, problem: -1)
            if let fields = reader.fields(of: element) {
                segment.name = reader.text(fields.n, into: &self) ?? .empty
                let salt = HashSalt(salt: scope.salt, context: segment.name)
                let start = conditions.count
                if fields.r >= 0, !reader.isKind(fields.r, .array) {
                    segment.problem = problem("the segment's conditions are not an array")
                }
                reader.document.forEachElement(of: fields.r) { condition in
                    let condition = userCondition(condition, salt: salt, from: reader)
                    conditions.append(condition)
                }
                segment.conditions = ArrayRange(from: start, to: conditions.count)
            } else {
                segment.problem = problem("the segment is not an object")
            }
            segments.append(segment)
        }
        scope.segmentCount = segments.count - scope.firstSegment
    }

    private mutating func setting(
        _ node: Int, key: ArrayRange, in scope: Scope, from reader: DocumentReader
    ) -> CompiledSetting {
        guard let fields = reader.fields(of: node) else {
            let problem = problem("the setting is not an object")
            return plainSetting(key: key, type: nil, value: .invalid(problem), problem: problem)
        }
        let type = reader.integer(fields.t).flatMap(UInt8.init(exactly:)).flatMap(SettingType.init(rawValue:))
        guard let type else {
            let problem = problem("the setting's type is missing or unknown")
            return plainSetting(key: key, type: nil, value: .invalid(problem), problem: problem)
        }
        var setting = plainSetting(key: key, type: type, value: value(fields.v, type: type, from: reader))
        setting.variationID = reader.text(fields.i, into: &self)
        if fields.a >= 0 {
            if let name = reader.text(fields.a, into: &self) {
                setting.percentageAttribute = attribute(name)
            } else {
                setting.problem = problem("the percentage attribute is not a string")
            }
        }
        if fields.r >= 0, !reader.isKind(fields.r, .array) {
            setting.problem = problem("the targeting rules are not an array")
        }
        let salt = HashSalt(salt: scope.salt, context: key)
        let start = rules.count
        reader.document.forEachElement(of: fields.r) { node in
            let position = rules.count - start
            let rule = targetingRule(node, position: position, type: type, salt: salt, in: scope, from: reader)
            rules.append(rule)
        }
        setting.rules = ArrayRange(from: start, to: rules.count)
        if fields.p >= 0 {
            if reader.isKind(fields.p, .array) {
                setting.options = percentageOptions(fields.p, type: type, from: reader)
            } else {
                setting.problem = problem("the percentage options are not an array")
            }
        }
        return setting
    }

    private mutating func targetingRule(
        _ node: Int, position: Int, type: SettingType, salt: HashSalt, in scope: Scope,
        from reader: DocumentReader
    ) -> CompiledRule {
        var rule = CompiledRule(
            conditions: .empty, value: nil, variationID: nil, options: .empty, problem: -1,
            position: UInt32(truncatingIfNeeded: position))
        guard let fields = reader.fields(of: node) else {
            rule.problem = problem("the rule is not an object")
            return rule
        }
        if fields.c >= 0, !reader.isKind(fields.c, .array) {
            rule.problem = problem("the rule's conditions are not an array")
        }
        let start = conditions.count
        reader.document.forEachElement(of: fields.c) { element in
            let condition = condition(element, salt: salt, in: scope, from: reader)
            conditions.append(condition)
        }
        rule.conditions = ArrayRange(from: start, to: conditions.count)
        if fields.s >= 0 {
            if let served = reader.fields(of: fields.s) {
                let value = value(served.v, type: type, from: reader)
                rule.value = value
                rule.variationID = reader.text(served.i, into: &self)
                if value.kind == .invalid { rule.problem = value.problem }
            } else {
                rule.problem = problem("the rule's served value is not an object")
            }
        } else if reader.isKind(fields.p, .array) {
            rule.options = percentageOptions(fields.p, type: type, from: reader)
        }
        if rule.problem < 0, rule.value == nil, rule.options.isEmpty {
            rule.problem = problem("the rule has neither a served value nor percentage options")
        }
        return rule
    }

    private mutating func percentageOptions(
        _ node: Int, type: SettingType, from reader: DocumentReader
    ) -> ArrayRange {
        let start = options.count
        reader.document.forEachElement(of: node) { element in
            let position = options.count - start
            let option = percentageOption(element, position: position, from: reader) { compiler, node in
                compiler.value(node, type: type, from: reader)
            }
            options.append(option)
        }
        return ArrayRange(from: start, to: options.count)
    }

    /// Compiles a percentage option of v5 or v6. The closure compiles its value, which only v6 wraps in an object.
    mutating func percentageOption(
        _ node: Int, position: Int, from reader: DocumentReader,
        value: (inout ConfigCompiler, _ node: Int) -> CompiledValue
    ) -> CompiledOption {
        var option = CompiledOption(
            share: 0, value: .bool(false), variationID: nil, problem: -1,
            position: UInt32(truncatingIfNeeded: position))
        guard let fields = reader.fields(of: node) else {
            option.problem = problem("the percentage option is not an object")
            return option
        }
        option.value = value(&self, fields.v)
        option.variationID = reader.text(fields.i, into: &self)
        if let share = reader.double(fields.p), share.isFinite, share >= 0 {
            option.share = share
        } else if fields.p >= 0 {
            option.problem = problem("the percentage option's share is not a number of at least 0")
        }
        return option
    }

    // MARK: - Conditions

    private mutating func condition(
        _ node: Int, salt: HashSalt, in scope: Scope, from reader: DocumentReader
    ) -> CompiledCondition {
        guard let fields = reader.fields(of: node) else { return invalid("the condition is not an object") }
        switch (fields.u >= 0, fields.s >= 0, fields.p >= 0) {
        case (true, false, false): return userCondition(fields.u, salt: salt, from: reader)
        case (false, true, false): return segmentCondition(fields.s, in: scope, from: reader)
        case (false, false, true): return prerequisiteCondition(fields.p, from: reader)
        default: return invalid("the condition is not exactly one of user, segment and prerequisite flag condition")
        }
    }

    private mutating func segmentCondition(
        _ node: Int, in scope: Scope, from reader: DocumentReader
    ) -> CompiledCondition {
        guard let fields = reader.fields(of: node) else { return invalid("the segment condition is not an object") }
        guard let index = reader.integer(fields.s), index >= 0, index < scope.segmentCount else {
            return invalid("the segment reference is invalid")
        }
        guard let comparator = reader.integer(fields.c), comparator == 0 || comparator == 1 else {
            return invalid("the segment condition's comparator is missing or unknown")
        }
        let target = scope.firstSegment + index
        if segments[target].problem >= 0 { return invalid(problems[Int(segments[target].problem)]) }
        var condition = CompiledCondition(kind: .segment)
        condition.isNegated = comparator == 1
        condition.target = Int32(truncatingIfNeeded: target)
        return condition
    }

    private mutating func prerequisiteCondition(_ node: Int, from reader: DocumentReader) -> CompiledCondition {
        guard let fields = reader.fields(of: node) else {
            return invalid("the prerequisite flag condition is not an object")
        }
        guard let key = reader.text(fields.f, into: &self) else {
            return invalid("the prerequisite flag condition names no flag")
        }
        guard let comparator = reader.integer(fields.c), comparator == 0 || comparator == 1 else {
            return invalid("the prerequisite flag condition's comparator is missing or unknown")
        }
        var condition = CompiledCondition(kind: .prerequisite)
        condition.isNegated = comparator == 1
        condition.text = key
        condition.value = typedValue(fields.v, from: reader)
        return condition
    }

    private mutating func userCondition(
        _ node: Int, salt: HashSalt, from reader: DocumentReader
    ) -> CompiledCondition {
        guard let fields = reader.fields(of: node) else { return invalid("the user condition is not an object") }
        guard let name = reader.text(fields.a, into: &self) else {
            return invalid("the comparison attribute is missing")
        }
        guard let number = reader.integer(fields.c), let comparator = UserComparator(v6: number) else {
            let number = reader.integer(fields.c).map { " (\($0))" } ?? ""
            return invalid("the comparator is missing or unknown\(number)")
        }
        var condition = CompiledCondition(kind: .user)
        condition.comparator = comparator
        condition.attribute = attribute(name)
        if comparator.isSalted {
            guard let text = salt.salt else {
                return invalid("a hashed comparator is used, but the config has no salt")
            }
            condition.salt = text
            condition.context = salt.context
        }
        switch comparator.operand {
        case .number:
            guard let number = reader.double(fields.d) else {
                return invalid("the comparison value is missing or not a number")
            }
            condition.number = number
        case .text:
            guard let text = reader.text(fields.s, into: &self) else {
                return invalid("the comparison value is missing or not a string")
            }
            condition.text = text
            if comparator.isSemver {
                condition.parsed = ArrayRange(start: UInt32(truncatingIfNeeded: versions.count), count: 1)
                appendVersion(text)
            } else if comparator.isHashed {
                condition.parsed = ArrayRange(start: UInt32(truncatingIfNeeded: digests.count), count: 1)
                guard appendDigest(text, of: comparator) else {
                    return invalid("the hashed comparison value is malformed")
                }
                condition.parsed = ArrayRange(from: Int(condition.parsed.start), to: digests.count)
            }
        case .list:
            guard reader.isKind(fields.l, .array) else {
                return invalid("the comparison values are missing or not an array")
            }
            return listCondition(condition, of: fields.l, from: reader)
        }
        return condition
    }

    private mutating func listCondition(
        _ condition: CompiledCondition, of list: Int, from reader: DocumentReader
    ) -> CompiledCondition {
        var condition = condition
        let firstItem = items.count
        let firstVersion = versions.count
        let firstDigest = digests.count
        var problem: String?
        reader.document.forEachElement(of: list) { element in
            guard problem == nil else { return }
            guard let text = reader.text(element, into: &self) else {
                problem = "a comparison value is not a string"
                return
            }
            appendItem(text)
            if condition.comparator.isSemver {
                appendVersion(text)
            } else if condition.comparator.isHashed, !appendDigest(text, of: condition.comparator) {
                problem = "a hashed comparison value is not of the form 'length_hash'"
            }
        }
        if let problem { return invalid(problem) }
        if condition.comparator.hashesPart {
            var sorted = digests[firstDigest..<digests.count]
            sorted.sort { $0.length < $1.length }
        }
        condition.items = ArrayRange(from: firstItem, to: items.count)
        condition.parsed =
            condition.comparator.isSemver
            ? ArrayRange(from: firstVersion, to: versions.count) : ArrayRange(from: firstDigest, to: digests.count)
        return condition
    }

    /// Appends a hashed comparison value. Returns false if the comparator needs a length and there is none. A string
    /// that is not a hash in lower-case hex is omitted, because no attribute can match it.
    mutating func appendDigest(_ text: ArrayRange, of comparator: UserComparator) -> Bool {
        var hash = text
        var length: UInt32 = 0
        if comparator.hashesPart {
            guard let separator = pool.withBytes(text, { $0.firstIndex(of: UInt8(ascii: "_")) }) else { return false }
            let start = text.range.lowerBound
            let prefix = Whitespace.trimmed(self.text(ArrayRange(from: start, to: start + separator)))
            guard let number = UInt32(prefix) else { return false }
            length = number
            hash = ArrayRange(from: start + separator + 1, to: text.range.upperBound)
        }
        let byteCount = comparator.isSalted ? 32 : 20
        if let digest = Bytes.withBytes(hash, of: pool, { Digest(hex: $0, byteCount: byteCount) }) {
            digests.append(CompiledDigest(digest: digest, length: length))
        }
        return true
    }

    mutating func invalid(_ text: String) -> CompiledCondition {
        var condition = CompiledCondition(kind: .invalid)
        condition.problem = problem(text)
        return condition
    }

    func attribute(_ name: ArrayRange) -> AttributeReference {
        let kind: AttributeReference.Kind = Bytes.withBytes(name, of: pool) { bytes in
            switch bytes.count {
            case 10 where bytes.elementsEqual(ConfigCatUser.idKey.utf8): .identifier
            case 5 where bytes.elementsEqual(ConfigCatUser.emailKey.utf8): .email
            case 7 where bytes.elementsEqual(ConfigCatUser.countryKey.utf8): .country
            default: .custom
            }
        }
        return AttributeReference(kind: kind, name: name)
    }

    // MARK: - Values

    /// Compiles a wrapped value, which must have the field of the setting's type.
    private mutating func value(_ node: Int, type: SettingType, from reader: DocumentReader) -> CompiledValue {
        guard node >= 0 else { return .invalid(problem("a value is missing")) }
        guard let fields = reader.fields(of: node) else { return .invalid(problem("a value is not an object")) }
        switch type {
        case .bool:
            if fields.b >= 0, let value = reader.document.bool(of: fields.b) { return .bool(value) }
        case .string:
            if let text = reader.text(fields.s, into: &self) { return string(text) }
        case .int:
            if let value = reader.integer(fields.i) { return .int(value) }
        case .double:
            if let value = reader.double(fields.d) { return .double(value) }
        }
        return .invalid(problem("a value is not of the setting's type, \(type)"))
    }

    /// Compiles a wrapped value, whose type is that of the field it has.
    private mutating func typedValue(_ node: Int, from reader: DocumentReader) -> CompiledValue {
        guard let fields = reader.fields(of: node) else { return .invalid(problem("a value is missing")) }
        if fields.b >= 0 { return value(node, type: .bool, from: reader) }
        if fields.s >= 0 { return value(node, type: .string, from: reader) }
        if fields.i >= 0 { return value(node, type: .int, from: reader) }
        return value(node, type: .double, from: reader)
    }
}

/// The strings that are hashed after an attribute: the document's salt, if any, and a setting key or segment name.
private struct HashSalt {
    let salt: ArrayRange?
    let context: ArrayRange
}
