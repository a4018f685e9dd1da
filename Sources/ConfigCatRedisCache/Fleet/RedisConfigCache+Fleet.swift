public import ConfigCatCache

/// The capabilities for fleets. They use the key `{key}:lease` and the channel `{key}:changed`; the braces place these
/// on the entry's node of a cluster.
extension RedisConfigCache: FleetConfigCache, SubscriptionReportingConfigCache {
    /// Reads the header of a key's entry, and the clock of the server.
    public func readHeader(for key: String) async throws -> CacheHeaderReading {
        let key = keyPrefix + key
        guard case .array(let parts) = try await run(.readHeader, key, [], "read \(key)"), parts.count == 2,
            case .integer(let now) = parts[1]
        else { throw unexpected(key) }
        switch parts[0] {
        case .string(let head): return CacheHeaderReading(beginningOf: head, storeTime: now)
        // The bytes may end within a character.
        case .invalidText: return CacheHeaderReading(beginningOf: try await value(for: key), storeTime: now)
        default: throw unexpected(key)
        }
    }

    /// Writes an entry, unless the server has a newer one, and publishes the change.
    public func write(
        _ entry: CacheEntry, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome {
        let key = keyPrefix + key
        let arguments = [
            "\(entry.fetchTime)", "\(entry.eTag)\n\(entry.configJSON)", entry.eTag, Self.channel(key), expirySeconds,
            futureTime.map(String.init) ?? "",
        ]
        return try outcome(try await run(.write, key, arguments, "write \(key)"), key)
    }

    /// Sets the fetch time of an entry without sending its config.
    public func refreshTimestamp(
        _ header: CacheEntryHeader, replacing futureTime: Int64?, for key: String
    ) async throws -> CacheWriteOutcome {
        let key = keyPrefix + key
        let arguments = ["\(header.fetchTime)", header.eTag, expirySeconds, futureTime.map(String.init) ?? ""]
        return try outcome(try await run(.refreshTimestamp, key, arguments, "write \(key)"), key)
    }

    /// Takes the lease of a key, unless another process holds it.
    public func acquireLease(for key: String, token: String, duration: Duration) async throws -> LeaseResult {
        let key = Self.sidecarKey("lease", of: keyPrefix + key)
        guard
            case .integer(let left) = try await run(
                .acquireLease, key, [token, "\(max(1, LeaseRecord.milliseconds(of: duration)))"],
                "take the lease \(key)")
        else { throw unexpected(key) }
        return left < 0 ? .granted : .held(for: .milliseconds(left))
    }

    /// Ends a lease, if the token holds it.
    public func releaseLease(for key: String, token: String) async throws {
        let key = Self.sidecarKey("lease", of: keyPrefix + key)
        _ = try await run(.releaseLease, key, [token], "release the lease \(key)")
    }

    /// Returns a stream of change signals for a key. All streams share a second connection to the server.
    public func changes(for key: String) -> AsyncStream<Void> {
        subscriptions.changes(on: Self.channel(keyPrefix + key))
    }

    /// Returns whether the server has confirmed the subscription to the changes of a key.
    public func isSubscribed(for key: String) -> Bool {
        subscriptions.isConfirmed(Self.channel(keyPrefix + key))
    }

    // MARK: - Scripts

    private func run(
        _ script: RedisScript, _ key: String, _ arguments: [String], _ action: String
    ) async throws -> RedisReply {
        let reply = try await router.execute(script.call(key, arguments, isKnown: true), key: key, action)
        guard case .error = reply else { return reply }
        // The server does not know the script yet, or was restarted.
        return try await router.execute(script.call(key, arguments, isKnown: false), key: key, action)
    }

    private func outcome(_ reply: RedisReply, _ key: String) throws -> CacheWriteOutcome {
        guard case .string(let text) = reply, let outcome = CacheWriteOutcome(rawValue: text) else {
            throw unexpected(key)
        }
        return outcome
    }

    // MARK: - Names

    static func channel(_ key: String) -> String { sidecarKey("changed", of: key) }

    private static func sidecarKey(_ kind: String, of key: String) -> String {
        // If the key itself contains braces, the part between them decides on the node.
        guard let open = key.firstIndex(of: "{"), let close = key[open...].firstIndex(of: "}"),
            key.index(after: open) < close
        else { return "{\(key)}:\(kind)" }
        return "\(key):\(kind)"
    }
}
