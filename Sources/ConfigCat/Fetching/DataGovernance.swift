import ConfigCatEvaluation

/// In which region a config's data is kept; set on ConfigCat's dashboard, and the same here.
public enum DataGovernance: Int, Sendable {
    /// On servers all over the world.
    case global
    /// On servers in the European Union only.
    case euOnly

    var baseURL: String {
        switch self {
        case .global: "https://cdn-global.configcat.com"
        case .euOnly: "https://cdn-eu.configcat.com"
        }
    }
}

/// Where to download from, as downloaded configs move it.
struct DataGovernanceRoute: Sendable {
    /// What follows from a download.
    enum Decision: Equatable {
        case done
        case fetchAgain
        /// As `fetchAgain`; the option is out of step with the dashboard.
        case fetchAgainAndWarn
    }

    private(set) var baseURL: String
    let isCustom: Bool

    /// - Parameter custom: The `baseUrl` option; nil if it is not set.
    init(custom: String?, dataGovernance: DataGovernance) {
        isCustom = custom != nil
        baseURL = custom ?? dataGovernance.baseURL
        while baseURL.hasSuffix("/") { baseURL.removeLast() }
    }

    /// Decides by the preferences of a downloaded config.
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
