import ConfigCat
import ConfigCatCache
import Logging
import Synchronization

/// The sources of all configs. They can be replaced while the server runs.
final class ConfigSources: Sendable {
    private struct Entry: Sendable {
        let declaration: ConfigDeclaration
        let config: ServedConfig
        let source: any ConfigSource

        var isFile: Bool { if case .file = declaration.origin { true } else { false } }
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
        for entry in entries.withLock({ $0 }) where entry.isFile {
            await entry.source.start()
            if entry.config.document == nil {
                throw DeclarationError(entry.config.problem ?? "the config cannot be read")
            }
        }
    }

    /// Starts all clients, and waits until they are ready.
    func startClients() async {
        await Self.forEach(entries.withLock { $0 }.filter { !$0.isFile }) { await $0.source.start() }
    }

    /// Serves what is declared now. New files are read first, so that they have data when they are asked for.
    ///
    /// - Returns: What is left to do, and may take long: to end the sources that are not declared any more, to start new
    ///   clients, and to fetch the others again.
    /// - Throws: ``DeclarationError`` if a new file is invalid; `ConfigCatError` if a new SDK key is; an error of the store
    ///   of overrides. Nothing has changed then.
    func reload(_ declarations: [ConfigDeclaration]) async throws -> @Sendable () async -> Void {
        let old = entries.withLock { $0 }
        var (kept, added): ([Entry], [Entry]) = ([], [])
        let all = try declarations.map { declaration in
            if let known = old.first(where: { $0.declaration == declaration }) {
                kept.append(known)
                return known
            }
            let new = try entry(declaration)
            added.append(new)
            return new
        }
        do {
            for entry in added { try await entry.config.loadOverrides(from: overrides) }
            for entry in added where entry.isFile {
                await entry.source.start()
                if entry.config.document == nil {
                    throw DeclarationError(entry.config.problem ?? "the config cannot be read")
                }
            }
        } catch {
            await Self.forEach(added) { await $0.source.stop() }
            throw error
        }
        entries.withLock { $0 = all }
        configs.replace(with: all.map(\.config))
        // The streams of configs that are no longer served end at once.
        configs.events.send(.heartbeat)
        let removed = old.filter { !declarations.contains($0.declaration) }
        return { [kept, added] in
            async let ended: Void = Self.forEach(removed) { await $0.source.stop() }
            async let started: Void = Self.forEach(added.filter { !$0.isFile }) { await $0.source.start() }
            await Self.forEach(kept) { _ = await $0.config.synchronize() }
            await ended
            await started
        }
    }

    private static func forEach(_ entries: [Entry], _ body: @escaping @Sendable (Entry) async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for entry in entries { group.addTask { await body(entry) } }
        }
    }

    func stop() async {
        await stopAll()
        await (cache as? any ClosableConfigCache)?.close()
    }

    /// Ends all sources, and with them the downloads for which requests wait.
    func stopAll() async { await Self.forEach(entries.withLock { $0 }) { await $0.source.stop() } }

    private func entry(_ declaration: ConfigDeclaration) throws -> Entry {
        let config = ServedConfig(id: declaration.id, origin: declaration.origin, events: configs.events)
        switch declaration.origin {
        case .file(let path):
            return Entry(
                declaration: declaration, config: config,
                source: FileSource(path: path, config: config, logger: logger))
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
