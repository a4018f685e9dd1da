import Synchronization

/// All configs that the server serves.
package final class ServedConfigs: Sendable {
    package let events: ServingEvents

    private struct State {
        var all: [ServedConfig] = []
        var byID: [String: ServedConfig] = [:]
        var bySDKKey: [String: ServedConfig] = [:]
    }

    private let state = Mutex(State())

    package init(events: ServingEvents = ServingEvents()) { self.events = events }

    /// The configs in the order of their declarations.
    package var all: [ServedConfig] { state.withLock(\.all) }

    package subscript(id: String) -> ServedConfig? { state.withLock { $0.byID[id] } }

    /// The only config; nil if there are several.
    package var only: ServedConfig? { state.withLock { $0.all.count == 1 ? $0.all.first : nil } }

    /// Returns the config for the key in the path of a request to the CDN.
    ///
    /// A file answers all SDK keys if it is the only config, so that a service needs no real one to be developed.
    ///
    /// - Parameter key: An SDK key, or `configcat-proxy/` and an ID.
    /// - Returns: The config; nil if there is none.
    package func config(forKey key: String) -> ServedConfig? {
        state.withLock { state in
            if let config = state.bySDKKey[key] { return config }
            if key.hasPrefix(Self.proxyPrefix) { return state.byID[String(key.dropFirst(Self.proxyPrefix.count))] }
            guard state.all.count == 1, let config = state.all.first, case .file = config.origin else { return nil }
            return config
        }
    }

    /// Replaces the configs.
    package func replace(with configs: [ServedConfig]) {
        var new = State(all: configs)
        for config in configs {
            new.byID[config.id] = config
            if case .client(let sdkKey) = config.origin { new.bySDKKey[sdkKey] = config }
        }
        state.withLock { $0 = new }
    }

    private static let proxyPrefix = "configcat-proxy/"
}
