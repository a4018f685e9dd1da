/// What a server serves, and where.
package struct FlagServerOptions: Sendable {
    /// The address to listen on.
    package var host = "127.0.0.1"
    /// The port; 0 for any free one.
    package var port = 8080
    /// The configs, in the order in which they are listed.
    package var configs: [ConfigDeclaration] = []
    /// Whether the server is a relay only, without the page and the development API.
    package var isRelay = false
    /// The token for the page, the development API and the operator's endpoints; nil if they need none.
    package var token: String?
    /// Whether other hosts may change overrides without a token.
    package var isInsecure = false
    /// Further names by which browsers may reach the server.
    package var publicHosts: [String] = []
    /// The URL of the cache that the clients of SDK keys share with other processes; nil for none.
    package var cacheURL: String?
    /// The CDN to use instead of ConfigCat's.
    package var baseURL: String?
    /// How often clients of SDK keys ask the CDN or the cache.
    package var pollInterval = Duration.seconds(60)
    /// The database of the overrides; nil for one in the user's folder for states.
    package var overridesPath: String?
    /// Whether overrides are kept in memory only.
    package var isEphemeral = false
    /// The files of a certificate chain and of its private key; nil for HTTP.
    package var tls: TLSFiles?
    /// The keys of webhooks by the ID of their config. While a key is rotated, there are two.
    package var webhookKeys: [String: [String]] = [:]
    /// The backend of swift-metrics whose text `/metrics` returns; nil for no such endpoint.
    package var metrics: TextMetrics?
    /// The largest number of streams of server-sent events.
    package var streamLimit = 5_000

    package init() {}

    /// Checks what could be dangerous.
    ///
    /// - Throws: ``DeclarationError``.
    package func validate() throws(DeclarationError) {
        if configs.isEmpty { throw DeclarationError("there is nothing to serve; give --config or --sdk-key") }
        for (index, config) in configs.enumerated()
        where configs[..<index].contains(where: { $0.id.utf8.elementsEqual(config.id.utf8) }) {
            throw DeclarationError(
                "two configs have the ID '\(config.id)'; give each one its own, as in --config shop=flags.json")
        }
        if let token, token.utf8.count < AccessToken.minimumLength {
            throw DeclarationError("the token has to have at least \(AccessToken.minimumLength) characters")
        }
        guard isRelay || isInsecure || token != nil || Self.isLoopback(host) else {
            throw DeclarationError(
                "with the address \(host), everybody in the network could change flags: give a --token, or --insecure if "
                    + "that is intended")
        }
    }

    static func isLoopback(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return host == "localhost" || host == "::1"
            || (parts.first == "127" && parts.count == 4 && parts.allSatisfy { UInt8($0) != nil })
    }
}
