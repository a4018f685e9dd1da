public import Synchronization

/// The values that were evaluated for one user with one config. Several tasks may read and add values at once.
///
/// It uses no memory until a value is remembered. Only values whose evaluation gave no warning are remembered, so that
/// the log is the same with and without a memo.
///
/// `@unchecked Sendable`: the words behind the pointer are changed only by atomic stores, and freed with the memo.
@usableFromInline
package final class EvaluationMemo: @unchecked Sendable {
    /// A word for each setting: 0 if nothing is remembered.
    @usableFromInline typealias Words = UnsafeMutablePointer<Atomic<UInt64>>

    /// The lowest two bits of a word.
    private enum Tag {
        static let bits: UInt64 = 2
        /// The next bit is the value.
        static let bool: UInt64 = 1
        /// The higher bits are an index in `CompiledConfig.strings`.
        static let string: UInt64 = 2
        /// The value is that of a setting, rule or option: two bits for which of them, and its index.
        static let place: UInt64 = 3
    }

    private let config: CompiledConfig
    @usableFromInline let words = Atomic<Words?>(nil)
    /// The number of settings.
    @usableFromInline let count: Int

    package init(_ config: Config) {
        self.config = config.compiled
        count = config.compiled.settings.count
    }

    deinit {
        guard let words = words.load(ordering: .acquiring) else { return }
        words.deinitialize(count: count)
        words.deallocate()
    }

    /// Returns the remembered value of a setting; the kind `requiresEvaluation` if there is none.
    @inlinable @inline(__always)
    package func find(_ index: Int32) -> SettingLookup {
        guard let words = words.load(ordering: .acquiring), index >= 0, Int(index) < count else {
            return SettingLookup(kind: .requiresEvaluation, index: index, bits: 0)
        }
        let word = words[Int(index)].load(ordering: .relaxed)
        // The tag of a Bool.
        if word & 3 == 1 { return SettingLookup(kind: .bool, index: index, bits: word >> 2) }
        return lookup(word, index)
    }

    @usableFromInline
    func lookup(_ word: UInt64, _ index: Int32) -> SettingLookup {
        switch word & 3 {
        case Tag.string: SettingLookup(kind: .string, index: index, bits: word >> Tag.bits)
        case Tag.place: place(word >> Tag.bits, index)
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
        guard index >= 0, index < count else { return }
        let place: UInt64 =
            if outcome.option >= 0 { UInt64(outcome.option) << 2 | 2 } else if outcome.rule >= 0 {
                UInt64(outcome.rule) << 2 | 1
            } else { UInt64(index) << 2 }
        let word: UInt64 =
            switch outcome.value.kind {
            case .bool: outcome.value.bits << Tag.bits | Tag.bool
            case .string: outcome.value.bits << Tag.bits | Tag.string
            case .int, .double: place << Tag.bits | Tag.place
            case .invalid: 0
            }
        if word != 0 { allocated()[index].store(word, ordering: .relaxed) }
    }

    private func allocated() -> Words {
        if let words = words.load(ordering: .acquiring) { return words }
        let new = Words.allocate(capacity: count)
        for place in 0..<count { (new + place).initialize(to: Atomic(0)) }
        let (isNew, first) = words.compareExchange(expected: nil, desired: new, ordering: .acquiringAndReleasing)
        guard !isNew, let first else { return new }
        new.deinitialize(count: count)
        new.deallocate()
        return first
    }
}
