/// Decides which names a browser may use for the server, so that a web page cannot reach it under a name of its own
/// (DNS rebinding).
package struct HostPolicy: Sendable {
    private let names: Set<String>

    /// Creates a policy.
    ///
    /// - Parameter names: The names by which the server is known, beside `localhost` and all IP addresses, which no
    ///   attacker can resolve to something else.
    package init(names: [String] = []) { self.names = Set(names.map { $0.lowercased() } + ["localhost"]) }

    /// Returns whether a request may be answered.
    ///
    /// - Parameter authority: The value of the header `Host`: a name or address, and perhaps a port.
    /// - Returns: Whether the server is known by it.
    package func allows(_ authority: String?) -> Bool {
        guard let authority, let host = Self.host(of: authority) else { return false }
        return names.contains(host) || host.hasSuffix(".localhost") || Self.isAddress(host)
    }

    /// Returns whether a request that changes something comes from the server's own page, or from no page at all.
    ///
    /// The scheme is not compared, because a proxy in front of the server may have another one.
    ///
    /// - Parameters:
    ///   - origin: The value of the header `Origin`; nil if the request has none.
    ///   - authority: The value of the header `Host`.
    /// - Returns: Whether both name the same place, or there is no origin.
    package static func isSameOrigin(_ origin: String?, _ authority: String?) -> Bool {
        guard let origin else { return true }
        guard let authority else { return false }
        let parts = origin.lowercased().split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 && ["http:", "https:"].contains(parts[0]) && parts[1].isEmpty
            && parts[2] == authority.lowercased()
    }

    private static func host(of authority: String) -> String? {
        let text = authority.lowercased()
        if text.hasPrefix("[") {
            guard let end = text.lastIndex(of: "]") else { return nil }
            let rest = text[text.index(after: end)...]
            return rest.isEmpty || rest.hasPrefix(":") ? String(text[...end]) : nil
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let host = parts.first, !host.isEmpty else { return nil }
        return String(host)
    }

    private static func isAddress(_ host: String) -> Bool {
        if host.hasPrefix("["), host.hasSuffix("]") {
            return host.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
        }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
