public import Synchronization

/// The settings of one config by the numbers of declared flags. They are found when they are first read.
///
/// Readers take no lock. Where a number has no place yet, the table is replaced by one of at least twice its size; the
/// old one is kept for those who still read it, so that all tables together are at most twice as large as the last one.
///
/// `@unchecked Sendable`: the tables are changed only by atomic stores, and freed with the config.
@usableFromInline
final class DeclaredSettings: @unchecked Sendable {
    /// Two words for each number. The first one is 0 until the second one is valid.
    @usableFromInline typealias Words = UnsafeMutablePointer<Atomic<UInt64>>

    /// A table with its capacity in the first word and its predecessor in the second.
    @usableFromInline let table = Atomic<Words?>(nil)

    private static let smallest = 64

    deinit {
        var words = table.load(ordering: .acquiring)
        while let current = words {
            words = Words(bitPattern: UInt(current[1].load(ordering: .relaxed)))
            current.deinitialize(count: Self.count(Int(current[0].load(ordering: .relaxed))))
            current.deallocate()
        }
    }

    private static func count(_ capacity: Int) -> Int { 2 + 2 * capacity }

    /// Returns what was remembered for a number; the kind `unknown` if nothing was.
    @inlinable @inline(__always)
    func find(_ number: Int32) -> SettingLookup {
        guard number >= 0, let words = table.load(ordering: .acquiring),
            UInt64(UInt32(bitPattern: number)) < words[0].load(ordering: .relaxed)
        else { return .unknown }
        let place = 2 + 2 * Int(number)
        let first = words[place].load(ordering: .acquiring)
        return SettingLookup(
            kind: SettingLookup.Kind(word: first), index: Int32(truncatingIfNeeded: first >> 32),
            bits: words[place + 1].load(ordering: .relaxed))
    }

    /// Remembers what was found for a number. All threads find the same.
    func remember(_ lookup: SettingLookup, for number: Int32) {
        guard number >= 0 else { return }
        let words = words(for: Int(number))
        let place = 2 + 2 * Int(number)
        words[place + 1].store(lookup.bits, ordering: .relaxed)
        words[place].store(
            lookup.kind.word | UInt64(UInt32(bitPattern: lookup.index)) << 32, ordering: .releasing)
    }

    /// Returns a table with a place for a number.
    private func words(for number: Int) -> Words {
        while true {
            let current = table.load(ordering: .acquiring)
            let capacity = current.map { Int($0[0].load(ordering: .relaxed)) } ?? 0
            if let current, number < capacity { return current }
            var larger = max(capacity * 2, Self.smallest)
            while larger <= number { larger *= 2 }
            let new = Words.allocate(capacity: Self.count(larger))
            (new + 0).initialize(to: Atomic(UInt64(larger)))
            (new + 1).initialize(to: Atomic(UInt64(UInt(bitPattern: current))))
            // What the old table has, and what is added to it meanwhile, is found again when it is next read.
            for place in 2..<Self.count(larger) { (new + place).initialize(to: Atomic(0)) }
            if table.compareExchange(expected: current, desired: new, ordering: .acquiringAndReleasing).exchanged {
                return new
            }
            new.deinitialize(count: Self.count(larger))
            new.deallocate()
        }
    }
}
