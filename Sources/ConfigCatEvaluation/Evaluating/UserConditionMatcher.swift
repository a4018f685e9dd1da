/// Compares one attribute with the comparison value of one user condition.
struct UserConditionMatcher {
    enum Match {
        case match, noMatch
        /// The attribute was not text and has been converted.
        case convertedMatch, convertedNoMatch
        case missing
        case invalid

        init(_ isMatch: Bool) { self = isMatch ? .match : .noMatch }
    }

    let tables: ComparisonTables
    let condition: CompiledCondition

    /// Compares a predefined attribute.
    @inline(__always)
    func match(_ text: String?) -> Match {
        guard let text, !text.isEmpty else { return .missing }
        if condition.kind == .never { return .noMatch }
        switch condition.comparator {
        case .isOneOf: return Match(text.withBytes { isListed($0) })
        case .isNotOneOf: return Match(!text.withBytes { isListed($0) })
        default: return match(.string(text), text: text)
        }
    }

    /// Compares a custom attribute.
    func match(_ attribute: ConfigCatUser.AttributeValue?) -> Match {
        guard let attribute else { return .missing }
        if case .string(let text) = attribute { return match(text) }
        if condition.kind == .never { return .noMatch }
        return match(attribute, text: nil)
    }

    private func match(_ attribute: ConfigCatUser.AttributeValue, text: String?) -> Match {
        switch condition.comparator {
        case .semverIsOneOf, .semverIsNotOneOf, .semverLess, .semverLessOrEqual, .semverGreater,
            .semverGreaterOrEqual:
            return text?.withBytes { WhiteSpace.withTrimmed($0, matchVersion) } ?? .invalid
        case .numberEquals, .numberNotEquals, .numberLess, .numberLessOrEqual, .numberGreater,
            .numberGreaterOrEqual:
            guard let number = attribute.number else { return .invalid }
            return Match(compare(number))
        case .dateBefore:
            return attribute.seconds.map { Match($0 < condition.number) } ?? .invalid
        case .dateAfter:
            return attribute.seconds.map { Match($0 > condition.number) } ?? .invalid
        case .arrayContainsAnyOf, .arrayNotContainsAnyOf, .arrayContainsAnyOfHashed, .arrayNotContainsAnyOfHashed:
            guard let strings = attribute.strings else { return .invalid }
            return Match(compare(strings))
        default:
            if let text { return Match(text.withBytes { compare($0) }) }
            return attribute.text.withBytes { compare($0) } ? .convertedMatch : .convertedNoMatch
        }
    }

    // MARK: - Texts

    private func compare(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let pool = tables.pool
        switch condition.comparator {
        case .isOneOf: return isListed(text)
        case .isNotOneOf: return !isListed(text)
        case .equals: return Bytes.areEqual(text, condition.text, of: pool)
        case .notEquals: return !Bytes.areEqual(text, condition.text, of: pool)
        case .containsAnyOf: return anyItem { Bytes.contains(text, $0, of: pool) }
        case .notContainsAnyOf: return !anyItem { Bytes.contains(text, $0, of: pool) }
        case .startsWithAnyOf: return anyItem { Bytes.hasPrefix(text, $0, of: pool) }
        case .notStartsWithAnyOf: return !anyItem { Bytes.hasPrefix(text, $0, of: pool) }
        case .endsWithAnyOf: return anyItem { Bytes.hasSuffix(text, $0, of: pool) }
        case .notEndsWithAnyOf: return !anyItem { Bytes.hasSuffix(text, $0, of: pool) }
        case .isOneOfHashed, .equalsHashed: return isHashListed(text)
        case .isNotOneOfHashed, .notEqualsHashed: return !isHashListed(text)
        case .startsWithAnyOfHashed: return anyPartIsHashed(text, ofEnd: false)
        case .notStartsWithAnyOfHashed: return !anyPartIsHashed(text, ofEnd: false)
        case .endsWithAnyOfHashed: return anyPartIsHashed(text, ofEnd: true)
        case .notEndsWithAnyOfHashed: return !anyPartIsHashed(text, ofEnd: true)
        case .isOneOfSHA1: return isListed(Digest.sha1(UnsafeRawBufferPointer(text)))
        case .isNotOneOfSHA1: return !isListed(Digest.sha1(UnsafeRawBufferPointer(text)))
        default: return false
        }
    }

    private func anyItem(_ isMatch: (Slice) -> Bool) -> Bool {
        condition.items.range.contains { isMatch(tables.items[$0]) }
    }

    /// Whether the list holds the text: by its fingerprint first.
    @inline(__always)
    private func isListed(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let fingerprint = ByteHash.hash(text, seed: tables.seed)
        for index in condition.items.range where tables.fingerprints[index] == fingerprint {
            if Bytes.areEqual(text, tables.items[index], of: tables.pool) { return true }
        }
        return false
    }

    // MARK: - Hashes

    private func hash(_ text: UnsafeBufferPointer<UInt8>) -> Digest {
        Digest.sha256(
            UnsafeRawBufferPointer(text), salt: UnsafeRawBufferPointer(tables.pool[condition.salt.range]),
            context: UnsafeRawBufferPointer(tables.pool[condition.context.range]))
    }

    private func isHashListed(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        !condition.parsed.isEmpty && isListed(hash(text))
    }

    private func isListed(_ digest: Digest) -> Bool {
        condition.parsed.range.contains { tables.digests[$0].digest == digest }
    }

    /// Whether the hash of as many first or last bytes as an item says is that item's. A length is hashed once, however
    /// many items share it.
    ///
    /// The last 0 bytes are the whole text: so it is in the SDK that the conformance data was made with.
    private func anyPartIsHashed(_ text: UnsafeBufferPointer<UInt8>, ofEnd isEnd: Bool) -> Bool {
        var hashedLength = -1
        var digest: Digest?
        for index in condition.parsed.range {
            let item = tables.digests[index]
            let length = Int(item.length)
            guard length <= text.count else { continue }
            if length != hashedLength {
                hashedLength = length
                let part = isEnd ? text.suffix(length == 0 ? text.count : length) : text.prefix(length)
                digest = hash(UnsafeBufferPointer(rebasing: part))
            }
            if digest == item.digest { return true }
        }
        return false
    }

    // MARK: - Other types

    private func matchVersion(_ text: UnsafeBufferPointer<UInt8>) -> Match {
        guard let version = SemanticVersion(text) else { return .invalid }
        let pool = tables.pool
        func order(_ other: SemanticVersion, _ slice: Slice) -> Int {
            Bytes.withBytes(slice, of: pool) { version.compare(in: text, with: other, in: $0) }
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

    private func compare(_ strings: [String]) -> Bool {
        let isHashed = condition.comparator.isHashed
        let isContained = strings.contains { string in
            string.withBytes { isHashed ? isHashListed($0) : isListed($0) }
        }
        let isNegated =
            condition.comparator == .arrayNotContainsAnyOf
            || condition.comparator == .arrayNotContainsAnyOfHashed
        return isContained != isNegated
    }
}
