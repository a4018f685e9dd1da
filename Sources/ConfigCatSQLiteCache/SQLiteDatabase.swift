import ConfigCatCSQLite
import ConfigCatCache
import Synchronization

/// One connection to a database. It owns SQLite's pointers, and is used by one thread at a time.
package final class SQLiteDatabase {
    /// The number of the connection, which no other one of the process has.
    package let number = SQLiteDatabase.count.add(1, ordering: .relaxed).newValue
    private static let count = Atomic<Int>(0)

    private let path: String
    private let handle: OpaquePointer
    private var statements: [String: OpaquePointer] = [:]

    /// How often to try a step to which SQLite does not apply the busy timeout.
    private static let attempts = 100

    package init(path: String, busyTimeout: Int32, synchronous: String) throws(SQLiteCacheError) {
        self.path = path
        var opened: OpaquePointer?
        let result = sqlite3_open_v2(
            path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil)
        guard result == SQLITE_OK, let opened else {
            let error = SQLiteCacheError(result, "open", path, opened)
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
        sqlite3_busy_timeout(handle, busyTimeout)
        // If processes start together, the change to WAL mode can fail at once because the file is locked.
        for attempt in 1...Self.attempts {
            do {
                try execute("PRAGMA journal_mode = WAL")
                break
            } catch {
                guard error.code == .locked, attempt < Self.attempts else { throw error }
                sqlite3_sleep(10)
            }
        }
        try execute("PRAGMA synchronous = \(synchronous)")
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    // MARK: - Entries

    func read(_ key: String) throws(SQLiteCacheError) -> String? {
        try row("SELECT header, body FROM configcat_entries WHERE key = ?1", key) {
            statement throws(SQLiteCacheError) in
            let (header, body) = (blob(0, of: statement), blob(1, of: statement))
            let text = String(byteCount: header.count + body.count) { buffer in
                let target = UnsafeMutableRawBufferPointer(buffer)
                target.copyMemory(from: header)
                UnsafeMutableRawBufferPointer(rebasing: target[header.count...]).copyMemory(from: body)
                return true
            }
            guard let text else {
                throw SQLiteCacheError(.invalidContent, "the value in \(path) is not valid UTF-8")
            }
            return text
        }
    }

    /// Writes any string, also if it is not an entry.
    func write(_ key: String, _ value: String) throws(SQLiteCacheError) {
        let bytes = Array(value.utf8)
        let end = Self.endOfHeader(bytes)
        try write(key, header: Array(bytes[..<end]), body: Array(bytes[end...]))
    }

    func write(_ key: String, header: [UInt8], body: [UInt8]) throws(SQLiteCacheError) {
        try change(
            """
            INSERT INTO configcat_entries (key, header, body) VALUES (?1, ?2, ?3)
            ON CONFLICT (key) DO UPDATE SET header = excluded.header, body = excluded.body
            """, [Array(key.utf8), header, body])
    }

    func write(_ key: String, header: [UInt8]) throws(SQLiteCacheError) {
        try change("UPDATE configcat_entries SET header = ?2 WHERE key = ?1", [Array(key.utf8), header])
    }

    func remove(_ key: String) throws(SQLiteCacheError) {
        try change("DELETE FROM configcat_entries WHERE key = ?1", [Array(key.utf8)])
    }

    /// Reads the first two lines of an entry; nil if there is none.
    func header(_ key: String) throws(SQLiteCacheError) -> String? {
        try row("SELECT header FROM configcat_entries WHERE key = ?1", key) { statement in
            String(decoding: blob(0, of: statement), as: UTF8.self)
        }
    }

    // MARK: - Leases

    func lease(_ key: String) throws(SQLiteCacheError) -> LeaseRecord? {
        try row("SELECT token, expires FROM configcat_leases WHERE key = ?1", key) { statement in
            LeaseRecord(
                token: String(decoding: blob(0, of: statement), as: UTF8.self), end: sqlite3_column_int64(statement, 1))
        }
    }

    /// Replaces a lease; nil removes it.
    func setLease(_ key: String, _ lease: LeaseRecord?) throws(SQLiteCacheError) {
        guard let lease else {
            return try change("DELETE FROM configcat_leases WHERE key = ?1", [Array(key.utf8)])
        }
        try change(
            """
            INSERT INTO configcat_leases (key, token, expires) VALUES (?1, ?2, CAST(?3 AS INTEGER))
            ON CONFLICT (key) DO UPDATE SET token = excluded.token, expires = excluded.expires
            """, [Array(key.utf8), Array(lease.token.utf8), Array(String(lease.end).utf8)])
    }

    /// Runs `body` in a transaction. It locks out other writers from its beginning, so that what `body` reads stays
    /// valid.
    package func transaction<Result>(
        _ body: () throws(SQLiteCacheError) -> Result
    ) throws(SQLiteCacheError) -> Result {
        try execute("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            try? execute("ROLLBACK")
            throw error
        }
    }

    /// Returns the index after the second line feed, or the end.
    private static func endOfHeader(_ bytes: [UInt8]) -> Int {
        guard let first = bytes.firstIndex(of: UInt8(ascii: "\n")),
            let second = bytes[(first + 1)...].firstIndex(of: UInt8(ascii: "\n"))
        else { return bytes.count }
        return second + 1
    }

    // MARK: - Schema

    /// Brings the schema to the newest version. If several processes start together, one applies the steps, and the
    /// others wait for it.
    func migrate(_ steps: [[UInt8]]) throws(SQLiteCacheError) {
        if try version() == steps.count { return }
        try transaction { () throws(SQLiteCacheError) in
            let version = try version()
            guard version <= steps.count else {
                throw SQLiteCacheError(
                    .newerSchema,
                    "\(path) has schema version \(version), which a newer version of this package has created; this "
                        + "one supports up to \(steps.count)")
            }
            for step in steps[version...] { try execute(String(decoding: step, as: UTF8.self)) }
            try execute("PRAGMA user_version = \(steps.count)")
        }
    }

    private func version() throws(SQLiteCacheError) -> Int {
        let statement = try prepare("PRAGMA user_version")
        defer { sqlite3_reset(statement) }
        let result = sqlite3_step(statement)
        guard result == SQLITE_ROW else { throw SQLiteCacheError(result, "read the version of", path, handle) }
        return Int(sqlite3_column_int64(statement, 0))
    }

    /// Checks the file, and throws if it is damaged.
    func check() throws(SQLiteCacheError) {
        let statement = try prepare("PRAGMA quick_check(1)")
        defer { sqlite3_reset(statement) }
        let result = sqlite3_step(statement)
        guard result == SQLITE_ROW else { throw SQLiteCacheError(result, "check", path, handle) }
        guard String(decoding: blob(0, of: statement), as: UTF8.self) == "ok" else {
            throw SQLiteCacheError(.corrupt, "\(path) is damaged")
        }
    }

    // MARK: - SQLite

    private func execute(_ sql: String) throws(SQLiteCacheError) {
        let result = sqlite3_exec(handle, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw SQLiteCacheError(result, "use", path, handle) }
    }

    /// Returns a prepared statement, which is prepared at its first use only.
    private func prepare(_ sql: String) throws(SQLiteCacheError) -> OpaquePointer {
        if let statement = statements[sql] { return statement }
        var statement: OpaquePointer?
        let result = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard result == SQLITE_OK, let statement else { throw SQLiteCacheError(result, "use", path, handle) }
        statements[sql] = statement
        return statement
    }

    /// Returns the result of `body` for the row of a key; nil if there is no row.
    private func row<Result>(
        _ sql: String, _ key: String, _ body: (OpaquePointer) throws(SQLiteCacheError) -> Result
    ) throws(SQLiteCacheError) -> Result? {
        let statement = try prepare(sql)
        defer { sqlite3_reset(statement) }
        try bind(Array(key.utf8), to: 1, of: statement)
        switch sqlite3_step(statement) {
        case SQLITE_DONE: return nil
        case SQLITE_ROW: return try body(statement)
        case let result: throw SQLiteCacheError(result, "read", path, handle)
        }
    }

    /// One row of a result, which is valid while it is read.
    package struct Row: ~Copyable {
        fileprivate let statement: OpaquePointer

        package func bytes(_ column: Int32) -> [UInt8] {
            Array(
                UnsafeRawBufferPointer(
                    start: sqlite3_column_blob(statement, column), count: Int(sqlite3_column_bytes(statement, column))))
        }

        package func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    }

    /// Returns the results of `body` for all rows.
    package func rows<Result>(
        _ sql: String, _ parameters: [[UInt8]], _ body: (borrowing Row) throws(SQLiteCacheError) -> Result
    ) throws(SQLiteCacheError) -> [Result] {
        let statement = try prepare(sql)
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        for (index, bytes) in parameters.enumerated() { try bind(bytes, to: Int32(index + 1), of: statement) }
        var results: [Result] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_DONE: return results
            case SQLITE_ROW: results.append(try body(Row(statement: statement)))
            case let result: throw SQLiteCacheError(result, "read", path, handle)
            }
        }
    }

    /// Runs a statement that returns nothing.
    package func change(_ sql: String, _ parameters: [[UInt8]]) throws(SQLiteCacheError) {
        let statement = try prepare(sql)
        defer {
            sqlite3_reset(statement)
            // Otherwise the statement would keep the values until its next use.
            sqlite3_clear_bindings(statement)
        }
        for (index, bytes) in parameters.enumerated() { try bind(bytes, to: Int32(index + 1), of: statement) }
        let result = sqlite3_step(statement)
        guard result == SQLITE_DONE else { throw SQLiteCacheError(result, "write", path, handle) }
    }

    private func bind(_ bytes: [UInt8], to index: Int32, of statement: OpaquePointer) throws(SQLiteCacheError) {
        // SQLITE_TRANSIENT: SQLite copies the bytes before this returns.
        let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        // An empty array has no address, and a null pointer would bind NULL.
        let result =
            bytes.isEmpty
            ? sqlite3_bind_zeroblob(statement, index, 0)
            : sqlite3_bind_blob64(statement, index, bytes, UInt64(bytes.count), copies)
        guard result == SQLITE_OK else { throw SQLiteCacheError(result, "use", path, handle) }
    }

    /// Returns the bytes of a column, which are valid until the statement is used again.
    private func blob(_ column: Int32, of statement: OpaquePointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: sqlite3_column_blob(statement, column), count: Int(sqlite3_column_bytes(statement, column)))
    }
}
