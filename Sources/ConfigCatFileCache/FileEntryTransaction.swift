import ConfigCatCache

/// The files of one key, while the key is locked.
struct FileEntryTransaction: EntryTransaction {
    typealias Failure = any Error

    let store: FileStore
    let key: String

    /// Returns nil also if reading fails, so that an unreadable entry is replaced.
    func header() -> CacheEntryHeader? { (try? store.header(for: key))?.header }
    func set(_ entry: CacheEntry) throws { try store.set(entry.serialized, for: key) }

    func setFetchTime(_ header: CacheEntryHeader) throws -> Bool {
        try store.overwriteTime(String(header.fetchTime), for: key)
    }

    func lease() throws -> LeaseRecord? { try store.lease(for: key) }
    func setLease(_ lease: LeaseRecord?) throws { try store.setLease(lease, for: key) }
}
