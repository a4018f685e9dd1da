import ConfigCatCache

/// The value and the lease of one key.
struct InMemorySlot: EntryTransaction {
    var value: String?
    /// The number of the last use: the slot with the lowest number is removed first.
    var lastUse: UInt64 = 0
    private var currentLease: LeaseRecord?

    var isEmpty: Bool { value == nil && currentLease == nil }

    func header() -> CacheEntryHeader? { CacheHeaderReading.Content(beginningOf: value).header }
    mutating func set(_ entry: CacheEntry) { value = entry.serialized }

    mutating func setFetchTime(_ header: CacheEntryHeader) -> Bool {
        guard let value, let end = value.utf8.firstIndex(of: UInt8(ascii: "\n")) else { return false }
        self.value = "\(header.fetchTime)" + value[end...]
        return true
    }

    func lease() -> LeaseRecord? { currentLease }
    mutating func setLease(_ lease: LeaseRecord?) { currentLease = lease }
}
