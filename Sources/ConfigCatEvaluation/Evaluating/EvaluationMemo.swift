public import Synchronization

/// The values that were evaluated for one user with one config. Several tasks may read and add values at once.
///
/// It uses no memory until a value is remembered, and then at most 8 kB: a table in which a setting has the place that its
/// index gives. In a config of more than 1,024 settings, several share a place, which has the value that was evaluated
/// last. Only values whose evaluation gave no warning are remembered, so that the log is the same with and without a memo.
///
/// `@unchecked Sendable`: the words behind the pointer are changed only by atomic stores, and freed with the memo.
@usableFromInline
package final class EvaluationMemo: @unchecked Sendable {
    /// A word for each place: 0 if nothing is remembered.
    ///
    /// The lowest two bits say what the upper 33 are: 1, a Bool; 2, an index in `CompiledConfig.strings`; 3, two bits for
    /// whether the value is that of a setting, rule or option, and its index. The 29 bits between are the index of the
    /// setting. They suffice: of the 2 GiB that a config can have, each setting takes at least 5 bytes, as `"":1,`.
    @usableFromInline typealias Words = UnsafeMutablePointer<Atomic<UInt64>>

    private enum Tag {
        static let bool: UInt64 = 1
        static let string: UInt64 = 2
        static let place: UInt64 = 3
    }

    private static let maximumIndex = (1 << 29) - 1
    private static let maximumCount = 1024

    private let config: CompiledConfig
    @usableFromInline let words = Atomic<Words?>(nil)
    /// The number of places, a power of two, minus one.
    @usableFromInline let mask: Int

    package init(_ config: Config) {
        self.config = config.compiled
        var count = 1
        while count < min(config.compiled.settings.count, Self.maximumCount) { count *= 2 }
        mask = count - 1
    }

    deinit {
        guard let words = words.load(ordering: .acquiring) else { return }
        words.deinitialize(count: mask + 1)
        words.deallocate()
    }

    /// Returns the remembered value of a setting; the kind `requiresEvaluation` if there is none.
    @inlinable @inline(__always)
    package func find(_ index: Int32) -> SettingLookup {
        guard let words = words.load(ordering: .acquiring), index >= 0 else {
            return SettingLookup(kind: .requiresEvaluation, index: index, bits: 0)
        }
        let word = words[Int(index) & mask].load(ordering: .relaxed)
        // A Bool of this setting.
        if (word << 33) >> 33 == UInt64(UInt32(bitPattern: index)) << 2 | 1 {
            return SettingLookup(kind: .bool, index: index, bits: word >> 31)
        }
        return lookup(word, index)
    }

    @usableFromInline
    func lookup(_ word: UInt64, _ index: Int32) -> SettingLookup {
        let isOfSetting = (word << 33) >> 35 == UInt64(UInt32(bitPattern: index))
        return switch isOfSetting ? word & 3 : 0 {
        case Tag.string: SettingLookup(kind: .string, index: index, bits: word >> 31)
        case Tag.place: place(word >> 31, index)
        default: SettingLookup(kind: .requiresEvaluation, index: index, bits: 0)
        }
    }

    private func place(_ place: UInt64, _ index: Int32) -> SettingLookup {
        let target = Int(place >> 2)
        return switch place & 3 {
        case 0: SettingLookup(config.settings[target].value, at: index)
        case 1: SettingLookup(config.rules[target].value, at: index)
        default: SettingLookup(config.options[target].value, at: index)
        }
    }

    func remember(_ outcome: Outcome, of index: Int) {
        guard index >= 0, index <= Self.maximumIndex else { return }
        let (tag, bits): (UInt64, UInt64)
        switch outcome.value.kind {
        case .bool: (tag, bits) = (Tag.bool, outcome.value.bits)
        case .string: (tag, bits) = (Tag.string, outcome.value.bits)
        case .int, .double: (tag, bits) = (Tag.place, place(of: outcome, index))
        case .invalid: return
        }
        allocated()[index & mask].store(bits << 31 | UInt64(index) << 2 | tag, ordering: .relaxed)
    }

    /// Returns where the config has the value: that of an option, a rule or the setting itself.
    private func place(of outcome: Outcome, _ index: Int) -> UInt64 {
        if outcome.option >= 0 { return UInt64(outcome.option) << 2 | 2 }
        if outcome.rule >= 0 { return UInt64(outcome.rule) << 2 | 1 }
        return UInt64(index) << 2
    }

    private func allocated() -> Words {
        if let words = words.load(ordering: .acquiring) { return words }
        let new = Words.allocate(capacity: mask + 1)
        for place in 0...mask { (new + place).initialize(to: Atomic(0)) }
        let (isNew, first) = words.compareExchange(expected: nil, desired: new, ordering: .acquiringAndReleasing)
        guard !isNew, let first else { return new }
        new.deinitialize(count: mask + 1)
        new.deallocate()
        return first
    }
}
