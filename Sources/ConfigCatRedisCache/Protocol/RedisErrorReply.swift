import ConfigCatCache

/// An error reply of a server, such as `WRONGTYPE Operation against …`.
struct RedisErrorReply: Sendable, Equatable {
    /// The kind of an error, which decides what the client does.
    enum Kind: Sendable, Equatable {
        case loading, readOnly, authentication, notPermitted, outOfMemory, wrongType, noScript, other
        /// The key has moved to another node.
        case moved(RedisCacheURL.Host)
        /// The key is being moved to another node, to which the client has to send only this command.
        case ask(RedisCacheURL.Host)
        /// The cluster is being changed.
        case clusterBusy
    }

    let kind: Kind
    let text: String

    init(_ text: String) {
        self.text = text
        let words = text.split(separator: " ", omittingEmptySubsequences: true)
        kind =
            switch words.first {
            case "LOADING", "BUSY": .loading
            case "READONLY", "MISCONF", "NOREPLICAS", "MASTERDOWN": .readOnly
            case "NOAUTH", "WRONGPASS": .authentication
            case "NOPERM": .notPermitted
            case "OOM": .outOfMemory
            case "WRONGTYPE": .wrongType
            case "NOSCRIPT": .noScript
            case "CLUSTERDOWN", "TRYAGAIN", "CROSSSLOT": .clusterBusy
            case "MOVED": Self.host(words).map { .moved($0) } ?? .other
            case "ASK": Self.host(words).map { .ask($0) } ?? .other
            // The errors of servers before version 6.
            case "ERR" where text.contains("invalid password") || text.contains("without any password"): .authentication
            default: .other
            }
    }

    /// Returns the node in `MOVED 3999 127.0.0.1:6381`. An empty name means the host that answered.
    private static func host(_ words: [Substring]) -> RedisCacheURL.Host? {
        guard words.count >= 3, let colon = words[2].lastIndex(of: ":"),
            let port = Int(words[2][words[2].index(after: colon)...]), (1...65535).contains(port)
        else { return nil }
        return RedisCacheURL.Host(name: String(words[2][..<colon]), port: port)
    }

    /// Returns the error for users, which names the attempted operation and the server that answered.
    func error(_ action: String, _ server: String) -> RedisCacheError {
        let (code, hint): (RedisCacheError.Code, String) =
            switch kind {
            case .loading: (.loading, "it is not ready yet")
            case .readOnly: (.readOnly, "it does not accept writes")
            case .authentication: (.authentication, "it does not accept the user or password of the URL")
            case .notPermitted: (.notPermitted, "the user of the URL may not do that")
            case .outOfMemory: (.outOfMemory, "it is out of memory")
            case .wrongType: (.wrongType, "the value under the key is not a string")
            case .moved, .ask, .clusterBusy: (.cluster, "the cluster cannot serve the key now")
            case .noScript, .other: (.server, "it answered with an error")
            }
        return RedisCacheError(code, "cannot \(action) on \(server): \(hint): \(text.prefix(200))")
    }
}
