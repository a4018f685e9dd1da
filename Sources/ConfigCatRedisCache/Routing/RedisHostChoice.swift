import ConfigCatCache

/// Decides which of the hosts in a URL is tried next: a host that failed becomes the last one.
struct RedisHostChoice: Sendable {
    /// The hosts in the order in which they are tried.
    private(set) var line: [RedisCacheURL.Host]

    init(_ hosts: [RedisCacheURL.Host]) { line = hosts }

    /// Moves a host to the end. Hosts that are not in the URL, such as nodes of a cluster, are ignored.
    mutating func failed(_ host: RedisCacheURL.Host) {
        guard let index = line.firstIndex(of: host) else { return }
        line.append(line.remove(at: index))
    }

    /// Returns whether the error that ended a connection is the fault of its host. If the connection worked before, a
    /// lost connection is not: servers close idle connections, and are restarted.
    static func isFault(_ error: RedisCacheError, isProven: Bool) -> Bool {
        switch error.code {
        case .connection: !isProven
        case .timeout, .notRedis, .readOnly: true
        default: false
        }
    }
}
