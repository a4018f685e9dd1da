import ConfigCatCache

/// The rows of one key, in a transaction of the database.
struct SQLiteEntryTransaction: EntryTransaction {
    let database: SQLiteDatabase
    let key: String

    func header() throws(SQLiteCacheError) -> CacheEntryHeader? {
        CacheHeaderReading.Content(beginningOf: try database.header(key)).header
    }

    func set(_ entry: CacheEntry) throws(SQLiteCacheError) {
        try database.write(key, header: Self.bytes(entry.header), body: Array(entry.configJSON.utf8))
    }

    func setFetchTime(_ header: CacheEntryHeader) throws(SQLiteCacheError) -> Bool {
        try database.write(key, header: Self.bytes(header))
        return true
    }

    func lease() throws(SQLiteCacheError) -> LeaseRecord? { try database.lease(key) }
    func setLease(_ lease: LeaseRecord?) throws(SQLiteCacheError) { try database.setLease(key, lease) }

    private static func bytes(_ header: CacheEntryHeader) -> [UInt8] {
        Array("\(header.fetchTime)\n\(header.eTag)\n".utf8)
    }
}
