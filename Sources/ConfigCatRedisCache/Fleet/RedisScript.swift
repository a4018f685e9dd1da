import ConfigCatCache

/// A script that the server runs as one step, and that is sent once: later calls name it by its SHA-1.
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

    /// The time of the server, in milliseconds. Numbers of Lua are exact up to 2^53.
    private static let time = """
        local function now()
            local time = redis.call('TIME')
            return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
        end

        """

    /// The entry's fetch time, and its ETag.
    private static let header = """
        local function header(key)
            local head = redis.call('GETRANGE', key, 0, \(CacheEntryHeader.byteLimit - 1))
            local stored, etag = string.match(head, '^([^\\n]*)\\n([^\\n]*)\\n')
            return tonumber(stored), etag, stored
        end

        """

    /// Whether a download of a given age takes the place of an entry: `CacheOrder` in Lua.
    private static let order = """
        local function replaces(stored, age, time)
            if not stored then return true end
            if stored > time then return age <= \(CacheOrder.freshAge) end
            return stored <= time - age
        end

        """

    /// Before version 7, scripts that ask for the time have to say how they are copied to replicas.
    private static let replicate = "if redis.replicate_commands then redis.replicate_commands() end\n"

    /// The beginning of an entry and the time, without the entry.
    static let readHeader = RedisScript(
        time + "return {redis.call('GETRANGE', KEYS[1], 0, \(CacheEntryHeader.byteLimit - 1)), now()}")

    /// ARGV: age, what follows the first line, ETag, channel, expiry in seconds or 0.
    static let write = RedisScript(
        replicate + time + header + order + """
            local time = now()
            local age = tonumber(ARGV[1])
            if not replaces(header(KEYS[1]), age, time) then return 'keptNewer' end
            local fetched = string.format('%.0f', time - age)
            redis.call('SET', KEYS[1], fetched .. '\\n' .. ARGV[2])
            if ARGV[5] ~= '0' then redis.call('EXPIRE', KEYS[1], ARGV[5]) end
            redis.call('PUBLISH', ARGV[4], fetched .. '\\n' .. ARGV[3])
            return 'written'
            """)

    /// ARGV: age, ETag, expiry in seconds or 0.
    static let renew = RedisScript(
        replicate + time + header + order + """
            local time = now()
            local age = tonumber(ARGV[1])
            local stored, etag, text = header(KEYS[1])
            if etag ~= ARGV[2] then return 'otherEntry' end
            if not replaces(stored, age, time) then return 'keptNewer' end
            local fetched = string.format('%.0f', time - age)
            if string.len(text) ~= string.len(fetched) or not string.match(text, '^%d+$') then return 'otherEntry' end
            redis.call('SETRANGE', KEYS[1], 0, fetched)
            if ARGV[3] ~= '0' then redis.call('EXPIRE', KEYS[1], ARGV[3]) end
            return 'written'
            """)

    /// ARGV: token, duration in milliseconds. What is left of another's lease, or -1.
    static let acquireLease = RedisScript(
        """
        local holder = redis.call('GET', KEYS[1])
        if holder and holder ~= ARGV[1] then return redis.call('PTTL', KEYS[1]) end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return -1
        """)

    /// ARGV: token.
    static let releaseLease = RedisScript(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end\nreturn 0")
}
