import ConfigCatCache

/// Decides which of the hosts in a URL is tried next: a host that failed goes to the back of the line.
struct RedisHostChoice: Sendable {
    /// The hosts, the next one first.
    private(set) var line: [RedisCacheURL.Host]

    init(_ hosts: [RedisCacheURL.Host]) { line = hosts }

    /// Sends a host to the back. Hosts that are not in the URL, such as nodes of a cluster, change nothing.
    mutating func failed(_ host: RedisCacheURL.Host) {
        guard let index = line.firstIndex(of: host) else { return }
        line.append(line.remove(at: index))
    }

    /// Returns whether an error that a connection ended with is the fault of its host.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - isProven: Whether the connection was of use before. Servers close idle connections, and are restarted.
    static func isFault(_ error: RedisCacheError, isProven: Bool) -> Bool {
        switch error.code {
        case .connection: !isProven
        case .timeout, .notRedis, .readOnly: true
        default: false
        }
    }
}
