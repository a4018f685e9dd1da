public import Synchronization

/// The settings of one config by the numbers of declared flags. They are found when they are first read.
///
/// Readers take no lock. Numbers are in pages, each of which is allocated when one of its numbers is first read, so that a
/// config needs little memory for the flags that are read of it. Its owner has to deallocate the pages.
///
/// `@unchecked Sendable`: the words are changed only by atomic stores, and freed with the config.
@usableFromInline
struct DeclaredSettings: @unchecked Sendable {
    /// Two words for each number. The first one is 0 until the second one is valid.
    @usableFromInline typealias Page = UnsafeMutablePointer<Atomic<UInt64>>

    /// The count of numbers in a page.
    @inlinable static var pageSize: Int { 256 }
    /// The count of all numbers.
    @inlinable static var limit: Int { 16_384 }

    @usableFromInline let pages: UnsafeMutablePointer<Atomic<Page?>>

    init() {
        pages = .allocate(capacity: Self.limit / Self.pageSize)
        for index in 0..<Self.limit / Self.pageSize { (pages + index).initialize(to: Atomic(nil)) }
    }

    func deallocate() {
        for index in 0..<Self.limit / Self.pageSize { Self.free(pages[index].load(ordering: .acquiring)) }
        pages.deinitialize(count: Self.limit / Self.pageSize)
        pages.deallocate()
    }

    private static func free(_ page: Page?) {
        page?.deinitialize(count: 2 * pageSize)
        page?.deallocate()
    }

    /// Returns what was remembered for a number; the kind `unknown` if nothing was.
    @inlinable @inline(__always)
    func find(_ number: Int32) -> SettingLookup {
        // A negative number becomes a large one.
        let number = Int(UInt32(bitPattern: number))
        guard number < Self.limit, let page = pages[number / Self.pageSize].load(ordering: .acquiring) else {
            return .unknown
        }
        let place = number % Self.pageSize * 2
        let first = page[place].load(ordering: .acquiring)
        return SettingLookup(
            kind: SettingLookup.Kind(word: first), index: Int32(truncatingIfNeeded: first >> 32),
            bits: page[place + 1].load(ordering: .relaxed))
    }

    /// Remembers what was found for a number. All threads find the same.
    func remember(_ lookup: SettingLookup, for number: Int32) {
        let number = Int(UInt32(bitPattern: number))
        guard number < Self.limit else { return }
        let page = page(number / Self.pageSize)
        let place = number % Self.pageSize * 2
        page[place + 1].store(lookup.bits, ordering: .relaxed)
        page[place].store(lookup.kind.word | UInt64(UInt32(bitPattern: lookup.index)) << 32, ordering: .releasing)
    }

    private func page(_ index: Int) -> Page {
        if let page = pages[index].load(ordering: .acquiring) { return page }
        let new = Page.allocate(capacity: 2 * Self.pageSize)
        for place in 0..<2 * Self.pageSize { (new + place).initialize(to: Atomic(0)) }
        let (isFirst, earlier) = pages[index].compareExchange(
            expected: nil, desired: new, ordering: .acquiringAndReleasing)
        guard !isFirst, let earlier else { return new }
        Self.free(new)
        return earlier
    }
}
