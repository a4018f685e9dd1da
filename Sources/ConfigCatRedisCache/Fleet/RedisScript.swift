import ConfigCatCache

/// A script that the server runs as one step. Its source is sent only if the server does not know its SHA-1.
struct RedisScript: Sendable {
    let source: String
    let sha1: String

    private init(_ source: String) {
        self.source = source
        sha1 = CacheKey.sha1(source)
    }

    func call(_ key: String, _ arguments: [String], isKnown: Bool) -> RedisCommand {
        RedisCommand(arguments: [isKnown ? "EVALSHA" : "EVAL", isKnown ? sha1 : source, "1", key] + arguments)
    }

    /// Defines `now()`: the server's time in milliseconds. Numbers in Lua are exact up to 2^53.
    private static let time = """
        local function now()
            local time = redis.call('TIME')
            return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
        end

        """

    /// Defines `head(key)`: the beginning of a value, which includes the first two lines.
    private static let head = """
        local function head(key)
            local head = redis.call('GETRANGE', key, 0, \(CacheEntryHeader.byteLimit - 1))
            if string.find(head, '\\n[^\\n]*\\n') then return head end
            if string.len(head) < \(CacheEntryHeader.byteLimit) then return head end
            return redis.call('GETRANGE', key, 0, \(CacheEntryHeader.longByteLimit - 1))
        end

        """

    /// Defines `header(key)`: the entry's fetch time in whole milliseconds, its ETag, and its fetch time as a string. Lua would
    /// also accept hexadecimal digits and words as numbers.
    private static let header =
        head + """
            local function header(key)
                local stored, etag = string.match(head(key), '^([^\\n]*)\\n([^\\n]*)\\n')
                local time = nil
                if stored and not string.find(stored, '[^0-9+.eE-]') then time = tonumber(stored) end
                if time and not (math.abs(time) < 9e18) then time = nil end
                if time then time = time < 0 and math.ceil(time) or math.floor(time) end
                return time, etag, stored
            end

            """

    /// Defines `shouldReplace(…)`, which has the same rules as `WritePrecedence`. `future` is empty or a time.
    private static let order = """
        local function shouldReplace(stored, fetched, future, time)
            if not stored then return true end
            if fetched > time then return false end
            return stored == tonumber(future) or stored <= fetched
        end

        """

    /// Before version 7, a script that reads the time and then writes has to request the replication of its effects.
    private static let replicate = "if redis.replicate_commands then redis.replicate_commands() end\n"

    /// Returns the beginning of an entry, and the server's time.
    static let readHeader = RedisScript(time + head + "return {head(KEYS[1]), now()}")

    /// Writes an entry, unless the stored one is newer. ARGV: fetch time, the rest of the entry after the first line,
    /// ETag, channel, expiry in seconds or 0, future time or empty.
    static let write = RedisScript(
        replicate + time + header + order + """
            if not shouldReplace(header(KEYS[1]), tonumber(ARGV[1]), ARGV[6], now()) then return 'keptNewer' end
            redis.call('SET', KEYS[1], ARGV[1] .. '\\n' .. ARGV[2])
            if ARGV[5] ~= '0' then redis.call('EXPIRE', KEYS[1], ARGV[5]) end
            redis.call('PUBLISH', ARGV[4], ARGV[1] .. '\\n' .. ARGV[3])
            return 'written'
            """)

    /// Sets the fetch time of an entry. ARGV: fetch time, ETag, expiry in seconds or 0, future time or empty.
    static let refreshTimestamp = RedisScript(
        replicate + time + header + order + """
            local stored, etag, text = header(KEYS[1])
            if etag ~= ARGV[2] then return 'needsFullWrite' end
            if not shouldReplace(stored, tonumber(ARGV[1]), ARGV[4], now()) then return 'keptNewer' end
            if string.len(text) ~= string.len(ARGV[1]) or not string.match(text, '^%d+$') then return 'needsFullWrite' end
            redis.call('SETRANGE', KEYS[1], 0, ARGV[1])
            if ARGV[3] ~= '0' then redis.call('EXPIRE', KEYS[1], ARGV[3]) end
            return 'written'
            """)

    /// Takes a lease, and returns -1; if another process holds it, returns the milliseconds that remain. The rules are
    /// those of `LeaseRecord`. ARGV: token, duration in milliseconds.
    static let acquireLease = RedisScript(
        """
        local holder = redis.call('GET', KEYS[1])
        if holder and holder ~= ARGV[1] then
            local left = redis.call('PTTL', KEYS[1])
            if left > 0 and left <= tonumber(ARGV[2]) then return left end
        end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return -1
        """)

    /// Ends a lease, if the token holds it. ARGV: token.
    static let releaseLease = RedisScript(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end\nreturn 0")
}
