/// The names of a server's settings: as an option of the command line (`--poll-interval`), as an environment variable
/// (`CONFIGCAT_SERVE_POLL_INTERVAL`), and in the settings file (`pollInterval`).
package enum SettingName: String, CaseIterable, Sendable {
    case host, port, config, sdkKey, relay, token, insecure, publicHost, cache, baseURL, pollInterval, overrides,
        ephemeral
    case tlsCertificate = "tls.certificate"
    case tlsKey = "tls.key"
    case webhookKey, streamLimit

    /// Whether there can be several values.
    var isList: Bool {
        switch self {
        case .config, .sdkKey, .publicHost, .webhookKey: true
        default: false
        }
    }

    package var components: [String] { rawValue.split(separator: ".").map(String.init) }

    /// Returns whether a place in the settings file is a setting, or a part of the names of some.
    static func isPrefix(_ place: [String]) -> Bool { allCases.contains { $0.components.starts(with: place) } }
}
