import ConfigCat
import ConfigCatCache
import Logging
import Synchronization

/// The sources of all configs. They can be replaced while the server runs.
final class ConfigSources: Sendable {
    fileprivate struct Entry: Sendable {
        let declaration: ConfigDeclaration
        let config: ServedConfig
        let source: any ConfigSource
    }

    private let configs: ServedConfigs
    private let cache: (any ConfigCache)?
    private let overrides: any OverrideStore
    private let baseURL: String?
    private let pollInterval: Duration
    private let logger: Logger
    private let entries = Mutex<[Entry]>([])

    /// Creates the sources, which are started by ``start()``.
    ///
    /// - Throws: `ConfigCatError` if an SDK key or an option of a client is invalid.
    init(
        _ options: FlagServerOptions, cache: (any ConfigCache)?, overrides: any OverrideStore, configs: ServedConfigs,
        logger: Logger
    ) throws {
        self.configs = configs
        self.cache = cache
        self.overrides = overrides
        baseURL = options.baseURL
        pollInterval = options.pollInterval
        self.logger = logger
        let new = try options.configs.map { try entry($0) }
        entries.withLock { $0 = new }
        configs.replace(with: new.map(\.config))
    }

    /// Reads all overrides and files.
    ///
    /// - Throws: ``DeclarationError`` if a file is invalid: at the start, that is a mistake which its author has to see. An
    ///   error of the store of overrides.
    func startFiles() async throws {
        for entry in entries.withLock({ $0 }) { try await entry.config.loadOverrides(from: overrides) }
        for entry in entries.withLock({ $0 }) {
            guard case .file = entry.declaration.origin else { continue }
            await entry.source.start()
            if entry.config.document == nil {
                throw DeclarationError(entry.config.problem ?? "the config cannot be read")
            }
        }
    }

    /// Starts all clients, and waits until they are ready.
    func startClients() async {
        await withTaskGroup(of: Void.self) { group in
            for entry in entries.withLock({ $0 }) {
                guard case .client = entry.declaration.origin else { continue }
                group.addTask { await entry.source.start() }
            }
        }
    }

    /// The sources that a change of the declarations affects.
    struct Change {
        fileprivate let removed, added, kept: [Entry]
    }

    /// Replaces the configs that are served.
    ///
    /// - Returns: What ``follow(_:)`` has to do for the sources, which may take long.
    /// - Throws: `ConfigCatError` if a new SDK key is invalid; an error of the store of overrides. Nothing has changed
    ///   then.
    func replace(with declarations: [ConfigDeclaration]) async throws -> Change {
        let old = entries.withLock { $0 }
        var added: [Entry] = []
        let all = try declarations.map { declaration in
            if let kept = old.first(where: { $0.declaration == declaration }) { return kept }
            let new = try entry(declaration)
            added.append(new)
            return new
        }
        for entry in added { try await entry.config.loadOverrides(from: overrides) }
        entries.withLock { $0 = all }
        configs.replace(with: all.map(\.config))
        // The streams of configs that are no longer served end at once.
        configs.events.send(.heartbeat)
        return Change(
            removed: old.filter { !declarations.contains($0.declaration) }, added: added,
            kept: old.filter { declarations.contains($0.declaration) })
    }

    /// Ends the sources that are not declared any more, starts new ones, and fetches the others again.
    func follow(_ change: Change) async {
        await withTaskGroup(of: Void.self) { group in
            for entry in change.removed { group.addTask { await entry.source.stop() } }
            for entry in change.added { group.addTask { await entry.source.start() } }
            for entry in change.kept { group.addTask { _ = await entry.config.synchronize() } }
        }
    }

    func stop() async {
        await stopAll()
        await (cache as? any ClosableConfigCache)?.close()
    }

    /// Ends all sources, and with them the downloads for which requests wait.
    func stopAll() async {
        await withTaskGroup(of: Void.self) { group in
            for entry in entries.withLock({ $0 }) { group.addTask { await entry.source.stop() } }
        }
    }

    private func entry(_ declaration: ConfigDeclaration) throws -> Entry {
        let config = ServedConfig(id: declaration.id, origin: declaration.origin, events: configs.events)
        switch declaration.origin {
        case .file(let path):
            return Entry(declaration: declaration, config: config, source: FileSource(path: path, config: config))
        case .client(let sdkKey):
            var options = ConfigCatOptions()
            options.pollingMode = .autoPoll(interval: pollInterval)
            options.baseUrl = baseURL ?? ""
            options.configCache = cache
            options.logger = logger
            try options.validate()
            // Not the shared client of `get`: while an ID changes, there are two for the same SDK key.
            let client = try ConfigCatClient(
                sdkKey: SDKKey(sdkKey, isProxyAllowed: baseURL != nil, isLocalOnly: false), options: options)
            return Entry(declaration: declaration, config: config, source: ClientSource(client: client, config: config))
        }
    }
}
