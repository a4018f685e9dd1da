import ConfigCatEvaluation

/// The region of the servers that store a config. Use the same value as in ConfigCat's dashboard.
///
///     options.dataGovernance = .euOnly
public enum DataGovernance: Int, Sendable {
    /// Servers all over the world.
    case global
    /// Servers in the European Union only.
    case euOnly

    var baseURL: String {
        switch self {
        case .global: "https://cdn-global.configcat.com"
        case .euOnly: "https://cdn-eu.configcat.com"
        }
    }
}

/// The base URL of downloads, which a downloaded config may change.
struct DataGovernanceRoute: Sendable {
    /// What to do after a download.
    enum Decision: Equatable {
        case done
        case fetchAgain
        /// Like `fetchAgain`, and warn that the `dataGovernance` option differs from the dashboard's setting.
        case fetchAgainAndWarn
    }

    private(set) var baseURL: String
    let isCustom: Bool

    /// Creates a route.
    ///
    /// - Parameters:
    ///   - custom: The `baseUrl` option; nil if it is not set.
    ///   - dataGovernance: The region, which decides if there is no base URL.
    init(custom: String?, dataGovernance: DataGovernance) {
        isCustom = custom != nil
        baseURL = custom ?? dataGovernance.baseURL
        while baseURL.hasSuffix("/") { baseURL.removeLast() }
    }

    /// Changes the base URL to that of a downloaded config, if its redirect mode requires that, and returns what to do
    /// next.
    mutating func follow(url: String?, mode: RedirectMode) -> Decision {
        guard var url else { return .done }
        while url.hasSuffix("/") { url.removeLast() }
        guard !url.isEmpty, url != baseURL else { return .done }
        if isCustom, mode != .force { return .done }
        baseURL = url
        switch mode {
        case .none: return .done
        case .should: return .fetchAgainAndWarn
        case .force: return .fetchAgain
        }
    }
}
