/// A run of consecutive targeting rules of a setting, each with one condition that tests the same attribute with IS ONE
/// OF. One look-up in a hash table finds the first rule that matches, instead of one search per rule.
struct CompiledRuleRun {
    /// The rules of the run, in `CompiledConfig.rules`.
    var rules: ArrayRange
    /// The hash table of all comparison values, in `CompiledConfig.listed`; its size is a power of two.
    var slots: ArrayRange
    /// Whether the comparison values are hashes, which all have the same salt and context.
    var isHashed: Bool
}

/// A slot of the hash table of a run of rules.
struct ListedValue {
    /// The index of the rule + 1; 0 if the slot is empty.
    private var number: UInt32 = 0
    /// The hash of the comparison value's bytes.
    private(set) var hash: UInt32 = 0
    /// The comparison value, in `ComparisonTables.items` or `ComparisonTables.digests`.
    private(set) var item: UInt32 = 0

    init() {}

    init(rule: Int, hash: UInt32, item: Int) {
        number = UInt32(truncatingIfNeeded: rule &+ 1)
        self.hash = hash
        self.item = UInt32(truncatingIfNeeded: item)
    }

    var isEmpty: Bool { number == 0 }
    var rule: Int { Int(number) - 1 }
}

extension CompiledRuleRun {
    /// The least number of rules for which a table is made.
    static let minimumLength = 3

    /// Returns the first rule with a comparison value that has this hash and for which `equals` returns true.
    @inline(__always)
    func rule(
        _ hash: UInt32, in listed: UnsafeTable<ListedValue>, equals: (_ item: Int) -> Bool
    ) -> Int? {
        let (start, mask) = (Int(slots.start), Int(slots.count) - 1)
        var place = Int(hash) & mask
        while case let slot = listed[start + place], !slot.isEmpty {
            if slot.hash == hash, equals(Int(slot.item)) { return slot.rule }
            place = (place + 1) & mask
        }
        return nil
    }
}

extension ByteHash {
    static func hash(_ digest: Digest, seed: UInt64) -> UInt32 {
        withUnsafeBytes(of: digest) { hash($0.assumingMemoryBound(to: UInt8.self), seed: seed) }
    }
}

// MARK: - Compiling

extension ConfigCompiler {
    /// Finds the runs of rules of all settings, and makes their tables.
    mutating func buildRuleRuns() {
        for index in settings.indices {
            let setting = settings[index]
            guard Int(setting.rules.count) >= CompiledRuleRun.minimumLength else { continue }
            var start = setting.rules.range.lowerBound
            while start < setting.rules.range.upperBound {
                guard let first = listCondition(of: start) else {
                    start += 1
                    continue
                }
                var end = start + 1
                while end < setting.rules.range.upperBound, let next = listCondition(of: end), isSameTest(first, next) {
                    end += 1
                }
                if end - start >= CompiledRuleRun.minimumLength { addRun(of: start..<end) }
                start = end
            }
        }
    }

    /// Returns the only condition of a rule, if it is a valid IS ONE OF; nil for any other rule.
    private func listCondition(of rule: Int) -> Int? {
        guard rules[rule].problem < 0, rules[rule].conditions.count == 1 else { return nil }
        let index = Int(rules[rule].conditions.start)
        let condition = conditions[index]
        guard condition.kind == .user else { return nil }
        switch condition.comparator {
        case .isOneOf: return index
        // Without a valid hash, the attribute is not even hashed.
        case .isOneOfHashed: return condition.parsed.isEmpty ? nil : index
        default: return nil
        }
    }

    /// Returns whether two conditions compare the same attribute in the same way.
    private func isSameTest(_ first: Int, _ second: Int) -> Bool {
        let (first, second) = (conditions[first], conditions[second])
        guard first.comparator == second.comparator, first.attribute.kind == second.attribute.kind else { return false }
        // The salt and the context are those of the setting, so they are the same slices in all of its rules.
        guard first.salt == second.salt, first.context == second.context else { return false }
        return first.attribute.kind != .custom
            || Bytes.withBytes(first.attribute.name, of: pool) {
                Bytes.areEqual($0, second.attribute.name, of: pool)
            }
    }

    private mutating func addRun(of range: Range<Int>) {
        let isHashed = conditions[Int(rules[range.lowerBound].conditions.start)].comparator == .isOneOfHashed
        var steps = 0
        for rule in range { steps += EvaluationWork.stepsOfCondition + values(of: rule, isHashed).count }
        // An evaluation that exceeds the limit has to end at the same rule with and without a table.
        guard steps < EvaluationWork.limit else { return }
        var table = ListedTable()
        steps = 0
        for rule in range {
            let values = values(of: rule, isHashed)
            for item in values {
                let hash = isHashed ? ByteHash.hash(digests[item].digest, seed: seed) : fingerprints[item]
                table.insert(ListedValue(rule: rule, hash: hash, item: item)) { areEqual($0, item, isHashed) }
            }
            steps += EvaluationWork.stepsOfCondition + values.count
            rules[rule].steps = UInt32(clamping: steps)
        }
        let start = listed.count
        guard start + table.slots.count <= Int(UInt32.max) else { return }
        table.slots.withUnsafeBufferPointer { listed.append(contentsOf: $0) }
        rules[range.lowerBound].run = Int32(runs.count)
        runs.append(
            CompiledRuleRun(
                rules: ArrayRange(range), slots: ArrayRange(from: start, to: listed.count), isHashed: isHashed))
    }

    /// Returns the comparison values of a rule of a run: indices in `items` or `digests`.
    private func values(of rule: Int, _ isHashed: Bool) -> Range<Int> {
        let condition = conditions[Int(rules[rule].conditions.start)]
        return (isHashed ? condition.parsed : condition.items).range
    }

    private func areEqual(_ first: Int, _ second: Int, _ isHashed: Bool) -> Bool {
        if isHashed { return digests[first].digest == digests[second].digest }
        return Bytes.withBytes(items[first], of: pool) { Bytes.areEqual($0, items[second], of: pool) }
    }
}

/// The hash table of a run while it is made. It grows with the number of different values, because a hostile list can
/// repeat one value in every other byte.
private struct ListedTable {
    private(set) var slots = Array(repeating: ListedValue(), count: 4)
    private var count = 0

    /// Inserts a value, unless an earlier rule has the same one.
    mutating func insert(_ value: ListedValue, equals: (_ item: Int) -> Bool) {
        if (count + 1) * 2 > slots.count { grow() }
        let place = place(of: value.hash, equals)
        guard slots[place].isEmpty else { return }
        slots[place] = value
        count += 1
    }

    private func place(of hash: UInt32, _ equals: (_ item: Int) -> Bool) -> Int {
        var place = Int(hash) & (slots.count - 1)
        while !slots[place].isEmpty, slots[place].hash != hash || !equals(Int(slots[place].item)) {
            place = (place + 1) & (slots.count - 1)
        }
        return place
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: ListedValue(), count: old.count * 2)
        for slot in old where !slot.isEmpty { slots[place(of: slot.hash) { _ in false }] = slot }
    }
}
