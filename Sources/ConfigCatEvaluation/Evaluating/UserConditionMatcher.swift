/// Compares one attribute with the comparison value of one user condition.
struct UserConditionMatcher {
    enum Match {
        case match, noMatch
        /// The attribute was converted to a string.
        case convertedMatch, convertedNoMatch
        case missing
        case invalid

        init(_ isMatch: Bool) { self = isMatch ? .match : .noMatch }
    }

    private let comparison: UnsafePointer<ComparisonTables>
    private let compiled: UnsafePointer<CompiledCondition>
    private let place: AttributePlace

    private var tables: ComparisonTables { @inline(__always) _read { yield comparison.pointee } }
    private var condition: CompiledCondition { @inline(__always) _read { yield compiled.pointee } }

    /// Creates a matcher. To avoid a copy for each condition, it stores the pointers, so both have to outlive it.
    @inline(__always)
    init(
        tables: UnsafePointer<ComparisonTables>, condition: UnsafePointer<CompiledCondition>, place: AttributePlace
    ) {
        comparison = tables
        compiled = condition
        self.place = place
    }

    /// Compares a predefined attribute.
    @inline(__always)
    func match(_ text: String?, _ memory: inout UserMemory) -> Match {
        guard let text, !text.isEmpty else { return .missing }
        if condition.kind == .alwaysFalse { return .noMatch }
        switch condition.comparator {
        case .isOneOf: return Match(text.withBytes { isListed($0, &memory) })
        case .isNotOneOf: return Match(!text.withBytes { isListed($0, &memory) })
        default: return match(.string(text), text: text, &memory)
        }
    }

    /// Compares a custom attribute.
    func match(_ attribute: ConfigCatUser.AttributeValue?, _ memory: inout UserMemory) -> Match {
        guard let attribute else { return .missing }
        if case .string(let text) = attribute { return match(text, &memory) }
        if condition.kind == .alwaysFalse { return .noMatch }
        return match(attribute, text: nil, &memory)
    }

    private func match(
        _ attribute: ConfigCatUser.AttributeValue, text: String?, _ memory: inout UserMemory
    ) -> Match {
        switch condition.comparator {
        case .semverIsOneOf, .semverIsNotOneOf, .semverLess, .semverLessOrEqual, .semverGreater,
            .semverGreaterOrEqual:
            return text?.withBytes { matchVersion($0, &memory) } ?? .invalid
        case .numberEquals, .numberNotEquals, .numberLess, .numberLessOrEqual, .numberGreater,
            .numberGreaterOrEqual:
            guard let number = memory.number(of: attribute, at: place) else { return .invalid }
            return Match(compare(number))
        case .dateBefore:
            return memory.seconds(of: attribute, at: place).map { Match($0 < condition.number) } ?? .invalid
        case .dateAfter:
            return memory.seconds(of: attribute, at: place).map { Match($0 > condition.number) } ?? .invalid
        case .arrayContainsAnyOf, .arrayNotContainsAnyOf, .arrayContainsAnyOfHashed, .arrayNotContainsAnyOfHashed:
            guard let strings = memory.strings(of: attribute, at: place) else { return .invalid }
            return Match(compare(strings, &memory))
        default:
            if let text { return Match(text.withBytes { compare($0, &memory) }) }
            return memory.text(of: attribute, at: place).withBytes { compare($0, &memory) }
                ? .convertedMatch : .convertedNoMatch
        }
    }

    // MARK: - Strings

    private func compare(_ text: UnsafeBufferPointer<UInt8>, _ memory: inout UserMemory) -> Bool {
        let pool = tables.pool
        switch condition.comparator {
        case .isOneOf: return isListed(text, &memory)
        case .isNotOneOf: return !isListed(text, &memory)
        case .equals: return Bytes.areEqual(text, condition.text, of: pool)
        case .notEquals: return !Bytes.areEqual(text, condition.text, of: pool)
        case .containsAnyOf: return isAnyItemContained(in: text, &memory.work)
        case .notContainsAnyOf: return !isAnyItemContained(in: text, &memory.work)
        case .startsWithAnyOf: return anyItem { Bytes.hasPrefix(text, $0, of: pool) }
        case .notStartsWithAnyOf: return !anyItem { Bytes.hasPrefix(text, $0, of: pool) }
        case .endsWithAnyOf: return anyItem { Bytes.hasSuffix(text, $0, of: pool) }
        case .notEndsWithAnyOf: return !anyItem { Bytes.hasSuffix(text, $0, of: pool) }
        case .isOneOfHashed, .equalsHashed: return isHashListed(text, &memory)
        case .isNotOneOfHashed, .notEqualsHashed: return !isHashListed(text, &memory)
        case .startsWithAnyOfHashed: return anyPartIsHashed(text, ofEnd: false, &memory)
        case .notStartsWithAnyOfHashed: return !anyPartIsHashed(text, ofEnd: false, &memory)
        case .endsWithAnyOfHashed: return anyPartIsHashed(text, ofEnd: true, &memory)
        case .notEndsWithAnyOfHashed: return !anyPartIsHashed(text, ofEnd: true, &memory)
        case .isOneOfSHA1: return isListed(sha1(text, &memory.work), &memory.work)
        case .isNotOneOfSHA1: return !isListed(sha1(text, &memory.work), &memory.work)
        default: return false
        }
    }

    private func anyItem(_ isMatch: (ArrayRange) -> Bool) -> Bool {
        condition.items.range.contains { isMatch(tables.items[$0]) }
    }

    private func isAnyItemContained(in text: UnsafeBufferPointer<UInt8>, _ work: inout EvaluationWork) -> Bool {
        anyItem { Bytes.contains(text, $0, of: tables.pool, &work) || work.isExceeded }
    }

    /// Returns whether the list contains the string. Fingerprints are compared first.
    @inline(__always)
    private func isListed(_ text: UnsafeBufferPointer<UInt8>, _ memory: inout UserMemory) -> Bool {
        isListed(text, memory.fingerprint(of: text, at: place, seed: tables.seed), &memory.work)
    }

    @inline(__always)
    private func mayBeListed(_ fingerprint: UInt32, _ work: inout EvaluationWork) -> Bool {
        work.add(condition.items.range.count)
        return tables.fingerprints[condition.items.range].contains(fingerprint)
    }

    @inline(__always)
    private func isListed(
        _ text: UnsafeBufferPointer<UInt8>, _ fingerprint: UInt32, _ work: inout EvaluationWork
    ) -> Bool {
        let range = condition.items.range
        work.add(range.count)
        if work.isExceeded { return false }
        let fingerprints = tables.fingerprints[range]
        for offset in fingerprints.indices where fingerprints[offset] == fingerprint {
            if Bytes.areEqual(text, tables.items[range.lowerBound + offset], of: tables.pool) { return true }
        }
        return false
    }

    // MARK: - Hashes

    private func sha1(_ text: UnsafeBufferPointer<UInt8>, _ work: inout EvaluationWork) -> Digest {
        work.add(EvaluationWork.stepsOfHashing(text.count))
        return work.isExceeded ? Digest() : Digest.sha1(UnsafeRawBufferPointer(text))
    }

    private func isHashListed(
        _ text: UnsafeBufferPointer<UInt8>, element: Int = 0, _ memory: inout UserMemory
    ) -> Bool {
        if condition.parsed.isEmpty { return false }
        let key = DigestKey(
            place: place, element: element, length: text.count, salt: condition.salt, context: condition.context)
        return isListed(memory.digest(of: text, key, in: tables.pool), &memory.work)
    }

    private func isListed(_ digest: Digest, _ work: inout EvaluationWork) -> Bool {
        work.add(condition.parsed.range.count)
        return !work.isExceeded && tables.digests[condition.parsed.range].contains { $0.digest == digest }
    }

    /// Returns whether the first or last bytes of the string have the hash of an item, for the length that the item
    /// names. Items are sorted by length, so that each length is hashed only once.
    ///
    /// For the last 0 bytes, the whole string is hashed, as in the SDK that produced the conformance data.
    private func anyPartIsHashed(
        _ text: UnsafeBufferPointer<UInt8>, ofEnd isEnd: Bool, _ memory: inout UserMemory
    ) -> Bool {
        var hashedLength = -1
        var digest: Digest?
        for index in condition.parsed.range {
            let item = tables.digests[index]
            let length = Int(item.length)
            guard length <= text.count else { return false }
            if length != hashedLength {
                hashedLength = length
                let part = isEnd ? text.suffix(length == 0 ? text.count : length) : text.prefix(length)
                let key = DigestKey(
                    place: place, length: part.count, isEnd: isEnd, salt: condition.salt, context: condition.context)
                digest = memory.digest(of: UnsafeBufferPointer(rebasing: part), key, in: tables.pool)
                if memory.work.isExceeded { return false }
            }
            if digest == item.digest { return true }
        }
        return false
    }

    // MARK: - Other types

    private func matchVersion(_ whole: UnsafeBufferPointer<UInt8>, _ memory: inout UserMemory) -> Match {
        let attribute = memory.version(of: whole, at: place)
        guard let version = attribute.version else { return .invalid }
        let text = UnsafeBufferPointer(rebasing: whole[attribute.range])
        func order(_ other: SemanticVersion, _ slice: ArrayRange) -> Int {
            Bytes.withBytes(slice, of: tables.pool) { version.compare(in: text, with: other, in: $0) }
        }
        switch condition.comparator {
        case .semverIsOneOf, .semverIsNotOneOf:
            var isListed = false
            for item in tables.versions[condition.parsed.range] where !item.text.isEmpty {
                guard let other = item.version else { return .noMatch }
                isListed = isListed || order(other, item.text) == 0
            }
            return Match(isListed == (condition.comparator == .semverIsOneOf))
        default:
            let item = tables.versions[Int(condition.parsed.start)]
            guard let other = item.version else { return .noMatch }
            let order = order(other, item.text)
            return switch condition.comparator {
            case .semverLess: Match(order < 0)
            case .semverLessOrEqual: Match(order <= 0)
            case .semverGreater: Match(order > 0)
            default: Match(order >= 0)
            }
        }
    }

    private func compare(_ number: Double) -> Bool {
        switch condition.comparator {
        case .numberEquals: number == condition.number
        case .numberNotEquals: number != condition.number
        case .numberLess: number < condition.number
        case .numberLessOrEqual: number <= condition.number
        case .numberGreater: number > condition.number
        default: number >= condition.number
        }
    }

    private func compare(_ strings: [String], _ memory: inout UserMemory) -> Bool {
        let isContained =
            condition.comparator.isHashed
            ? isAnyHashListed(strings, &memory) : isAnyListed(strings, &memory)
        let isNegated =
            condition.comparator == .arrayNotContainsAnyOf
            || condition.comparator == .arrayNotContainsAnyOfHashed
        return isContained != isNegated
    }

    private func isAnyHashListed(_ strings: [String], _ memory: inout UserMemory) -> Bool {
        for (element, string) in strings.enumerated() where !memory.work.isExceeded {
            memory.work.add(16)
            if string.withBytes({ isHashListed($0, element: element + 1, &memory) }) { return true }
        }
        return false
    }

    private func isAnyListed(_ strings: [String], _ memory: inout UserMemory) -> Bool {
        guard strings.count > Self.few else {
            return strings.contains { string in
                string.withBytes { isListed($0, ByteHash.hash($0, seed: tables.seed), &memory.work) }
            }
        }
        let fingerprints = memory.fingerprints(of: strings, at: place, seed: tables.seed)
        for (element, fingerprint) in fingerprints.enumerated() where !memory.work.isExceeded {
            memory.work.add(2)
            if mayBeListed(fingerprint, &memory.work),
                strings[element].withBytes({ isListed($0, fingerprint, &memory.work) })
            {
                return true
            }
        }
        return false
    }

    /// The fingerprints of arrays with up to this many elements are computed each time rather than stored.
    private static let few = 8
}
