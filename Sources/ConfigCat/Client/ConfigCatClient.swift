package import ConfigCatCache
public import ConfigCatEvaluation
import Logging
import Synchronization

/// Keeps the config of one SDK key fresh and evaluates it. Create one when the server starts, share it, and close it when
/// the server ends.
///
///     let client = try ConfigCatClient.get(sdkKey: "configcat-sdk-1/…/…")
///     let isEnabled = await client.getValue(for: "newCheckout", defaultValue: false, user: user)
///
/// Evaluations use the config that is held in memory. They wait only for the first one, no longer than
/// `maxInitWaitTimeInSeconds`, and in lazy mode for one that has expired. They never throw.
///
/// A process that forks does so before it uses Swift concurrency, and creates its clients afterwards. A client that is used in a
/// child of its process logs event 1201 once, and evaluates the config that it held at the fork: nothing is downloaded, no
/// handler is called, and other methods have no effect.
public final class ConfigCatClient: Sendable {
    /// The client's handlers.
    public let hooks: Hooks

    private let sdkKey: SDKKey
    private let publisher: SnapshotPublisher
    private let isLazy: Bool
    private let log: EventLogger
    private let limiter: EventLimiter
    private let healthRecorder: HealthRecorder
    /// Nil if local overrides are all there is.
    private let service: ConfigService?
    private let transport: (any HTTPTransport)?
    private let watcher: OverrideWatcher?
    private let isClosed = Mutex(false)
    fileprivate let process = ProcessMark()
    /// What is evaluated in a forked process. Unlike everything else, it is read without a lock.
    private let forkedState = ForkedValue<ConfigCatClientSnapshot>()
    /// What goes on in the background after closing.
    private let closing: TaskTracker
    private let host: HostRuntime

    /// Sets up everything and starts nothing.
    package init(
        sdkKey: SDKKey, options: ConfigCatOptions, transport: (any HTTPTransport)? = nil,
        host: HostRuntime = .system
    ) throws(ConfigCatError) {
        var logger = options.logger
        logger.logLevel = options.logLevel
        // Clients that are made from the same options have their own handlers and events.
        let limiter = EventLimiter(host: host) { [logger] in logger.write($0) }
        let hooks = options.hooks.copy(log: EventLogger(logger, limiter: limiter))
        let log = EventLogger(logger, limiter: limiter, hooks: hooks)
        let publisher = SnapshotPublisher(
            behaviour: options.flagOverrides?.behaviour, defaultUser: options.defaultUser, hooks: hooks, log: log)
        self.sdkKey = sdkKey
        self.host = host
        closing = TaskTracker(host)
        self.hooks = hooks
        self.log = log
        self.limiter = limiter
        let health = HealthRecorder(sdkKey: sdkKey, isOffline: options.offline, host: host)
        healthRecorder = health
        self.publisher = publisher
        if case .lazy = options.pollingMode.kind { isLazy = true } else { isLazy = false }
        watcher = options.flagOverrides.map { source in
            OverrideWatcher(source: source, log: log) { publisher.publish(local: $0) }
        }
        guard !options.isLocalOnly else {
            (service, self.transport) = (nil, nil)
            return
        }
        let http: any HTTPTransport
        if let transport { http = transport } else { http = try AsyncHTTPTransport(options.http) }
        self.transport = http
        let fetcher = ConfigFetcher(
            sdkKey: sdkKey, transport: http, options: options,
            route: DataGovernanceRoute(custom: options.customBaseURL, dataGovernance: options.dataGovernance), log: log,
            host: host)
        service = ConfigService(
            settings: ConfigService.Machine.Settings(
                mode: options.pollingMode.kind, hasCache: options.configCache != nil, isOffline: options.offline,
                jitter: options.pollingJitter,
                leaseDuration: Int64(options.leaseDuration / .milliseconds(1)),
                cacheTimeout: Int64(options.cacheTimeout / .milliseconds(1))),
            fetcher: fetcher, cache: options.configCache, cacheKey: CacheKey.key(forSDKKey: sdkKey.text),
            publisher: publisher, log: log, health: health, host: host)
    }

    package func start() {
        watcher?.start()
        if let service {
            service.start()
        } else {
            _ = publisher.becomeReady(cacheState: .noFlagData)
            healthRecorder.becameReady()
        }
    }

    // MARK: - Evaluating

    /// The value of a setting for a user.
    ///
    /// - Parameters:
    ///   - key: The setting's key.
    ///   - defaultValue: What is returned if the setting cannot be evaluated. Its type has to be the setting's: `Bool`,
    ///     `String`, `Int`, `Double`, one of their optionals, or `Any`.
    ///   - user: The user; the default user if nil.
    @inlinable
    nonisolated(nonsending)
        public func getValue<Value>(for key: String, defaultValue: Value, user: ConfigCatUser? = nil) async -> Value
    {
        if let snapshot = readySnapshot {
            return snapshot.getValue(for: key, defaultValue: defaultValue, user: user)
        }
        return await freshSnapshot().getValue(for: key, defaultValue: defaultValue, user: user)
    }

    /// The value of a setting for a user, with how it came about.
    ///
    /// - Parameters:
    ///   - key: The setting's key.
    ///   - defaultValue: What is returned if the setting cannot be evaluated. Its type has to be the setting's.
    ///   - user: The user; the default user if nil.
    nonisolated(nonsending)
        public func getValueDetails<Value>(
            for key: String, defaultValue: Value, user: ConfigCatUser? = nil
        ) async -> TypedEvaluationDetails<Value>
    {
        await freshSnapshot().getValueDetails(for: key, defaultValue: defaultValue, user: user)
    }

    /// The value of a setting whatever its type: `Bool`, `String`, `Int` or `Double`.
    ///
    /// - Parameters:
    ///   - key: The setting's key.
    ///   - defaultValue: What is returned if the setting cannot be evaluated.
    ///   - user: The user; the default user if nil.
    nonisolated(nonsending)
        public func getAnyValue(for key: String, defaultValue: Any?, user: ConfigCatUser? = nil) async -> Any?
    {
        await getValue(for: key, defaultValue: defaultValue, user: user)
    }

    /// The value of a setting whatever its type, with how it came about.
    ///
    /// - Parameters:
    ///   - key: The setting's key.
    ///   - defaultValue: What is returned if the setting cannot be evaluated.
    ///   - user: The user; the default user if nil.
    nonisolated(nonsending)
        public func getAnyValueDetails(
            for key: String, defaultValue: Any?, user: ConfigCatUser? = nil
        ) async -> TypedEvaluationDetails<Any?>
    {
        await getValueDetails(for: key, defaultValue: defaultValue, user: user)
    }

    /// The value of a declared setting for a user.
    ///
    /// - Parameters:
    ///   - flag: The setting.
    ///   - user: The user; the default user if nil.
    @inlinable
    nonisolated(nonsending)
        public func value<Value>(of flag: FeatureFlag<Value>, user: ConfigCatUser? = nil) async -> Value
    {
        await getValue(for: flag.key, defaultValue: flag.defaultValue, user: user)
    }

    /// The keys of all settings, in the order of the config.
    nonisolated(nonsending)
        public func getAllKeys() async -> [String]
    {
        await freshSnapshot().getAllKeys()
    }

    /// Returns the values of all settings for a user. A setting that cannot be evaluated is left out.
    ///
    /// A Dictionary takes canonically equal keys, such as the two spellings of "é", for one: of such settings, the last in the
    /// order of the config counts, with its own spelling of the key; ``getAllValueDetails(user:)`` keeps both.
    ///
    /// - Parameter user: The user; the default user if nil.
    nonisolated(nonsending)
        public func getAllValues(user: ConfigCatUser? = nil) async -> [String: any Sendable]
    {
        await freshSnapshot().getAllValues(user: user)
    }

    /// The values of all settings for a user, with how they came about, in the order of the config.
    ///
    /// - Parameter user: The user; the default user if nil.
    nonisolated(nonsending)
        public func getAllValueDetails(user: ConfigCatUser? = nil) async -> [EvaluationDetails]
    {
        await freshSnapshot().getAllValueDetails(user: user)
    }

    /// The setting and value that a variation ID belongs to; nil if there is none.
    ///
    /// - Parameter variationId: The id.
    nonisolated(nonsending)
        public func getKeyAndValue(for variationId: String) async -> KeyValue?
    {
        await freshSnapshot().getKeyAndValue(for: variationId)
    }

    /// An immutable view of what the client holds now, for synchronous evaluation. It waits for nothing.
    public func snapshot() -> ConfigCatClientSnapshot {
        if let forkedSnapshot { return forkedSnapshot }
        let snapshot = publisher.snapshot
        // A config that nothing has changed may have expired since.
        guard let state = service?.cacheState, state != .noFlagData, state != snapshot.cacheState else {
            return snapshot
        }
        return snapshot.copy(cacheState: state)
    }

    /// The snapshot to evaluate, if it can be had without waiting.
    @usableFromInline
    var readySnapshot: ConfigCatClientSnapshot? {
        publisher.isReady && !isLazy && !process.isForked ? publisher.snapshot : nil
    }

    /// The snapshot to evaluate, after the wait that the polling mode asks for.
    @usableFromInline
    nonisolated(nonsending)
        func freshSnapshot() async -> ConfigCatClientSnapshot
    {
        if let readySnapshot { return readySnapshot }
        if let forkedSnapshot { return forkedSnapshot }
        if let service, !isClosed.withLock({ $0 }) {
            if isLazy { await service.refreshIfExpired() } else { _ = await service.waitForReady() }
        }
        return publisher.snapshot
    }

    /// The snapshot to evaluate in a process that was forked after the client was created; nil in any other.
    private var forkedSnapshot: ConfigCatClientSnapshot? {
        guard process.isForked else { return nil }
        let (snapshot, isNew) = forkedState.get { publisher.snapshotAfterFork }
        if isNew {
            log.error(Self.forkedEvent, "The config is no longer kept fresh: \(Self.forkedMessage).")
        }
        return snapshot
    }

    /// The event that a forked process logs once, whatever else it has logged.
    static let forkedEvent = 1201
    private static let forkedMessage =
        "the process was forked after the client was created, and has none of its background tasks; "
        + "create clients in a process that has forked before it used Swift concurrency, or run a new program"

    // MARK: - Keeping fresh

    /// Reads the cache and downloads the config, if online. The download may still be on its way to the cache when the method
    /// returns; ``shutdown()`` waits for that.
    ///
    /// - Returns: How it ended. If the calling task is cancelled, a failure at once, while the download goes on.
    @discardableResult
    nonisolated(nonsending)
        public func forceRefresh() async -> RefreshResult
    {
        if forkedSnapshot != nil { return .failure(.unexpectedError, Self.forkedMessage) }
        guard let service else {
            let message = "the client uses local overrides only and downloads nothing"
            log.warning(3202, "forceRefresh: \(message).")
            return .failure(.localOnlyClient, message)
        }
        return await service.refresh()
    }

    /// Waits until the client is ready: in auto mode for an up-to-date config, the end of the first download or
    /// `maxInitWaitTimeInSeconds`; in the other modes for the first read of the cache. Returns at once if the calling task is
    /// cancelled.
    ///
    /// - Returns: How current the config is.
    @discardableResult
    nonisolated(nonsending)
        public func waitForReady() async -> ClientCacheState
    {
        if let forkedSnapshot { return forkedSnapshot.cacheState }
        guard let service else { return publisher.snapshot.cacheState }
        return await service.waitForReady()
    }

    /// The changes of the config from now on, one after the other. Ends when the client is closed.
    public var configChanges: ConfigChanges {
        process.isForked ? ConfigChanges(stream: AsyncStream { $0.finish() }) : publisher.broadcast.subscribe()
    }

    /// How well the client keeps its config fresh, for health endpoints and alerts. It does no I/O and waits for nothing.
    public var health: ClientHealth {
        let isForked = process.isForked
        let isClosed = isForked ? false : isClosed.withLock { $0 }
        let present = HealthRecord.Present(
            isOffline: service == nil || isForked || isClosed, isClosed: isClosed, isForked: isForked,
            isLocalOnly: service == nil, cache: isForked ? nil : service?.cacheKind)
        return healthRecorder.health(present)
    }

    /// Allows HTTP requests again; auto polling goes on at once.
    public func setOnline() { if !process.isForked { service?.setOnline() } }

    /// Ends all HTTP requests, until ``setOnline()``. The cache is read all the same.
    public func setOffline() { if !process.isForked { service?.setOffline() } }

    /// Whether the client makes no HTTP requests.
    public var isOffline: Bool { process.isForked || service?.isOffline ?? true }

    /// Sets the user for evaluations that are given none.
    ///
    /// - Parameter user: The user.
    public func setDefaultUser(user: ConfigCatUser) { if !process.isForked { publisher.set(defaultUser: user) } }

    /// Leaves evaluations that are given no user without one.
    public func clearDefaultUser() { if !process.isForked { publisher.set(defaultUser: nil) } }

    // MARK: - Closing

    /// Ends all background work. The client still evaluates what it holds. A second call does nothing.
    ///
    /// What was downloaded still gets into the cache, the lease is given back and connections are closed, in the background.
    /// A process that is about to end calls ``shutdown()``, which waits for that. After this call no handler is called for
    /// new events.
    public func close() {
        // A forked process has none of the client's tasks and connections.
        if process.isForked { return }
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = true }
            // A shutdown that comes meanwhile waits for this.
            if !isClosed { closing.begin() }
            return !isClosed
        }
        guard isFirst else { return }
        ClientRegistry.shared.remove(self, sdkKey: sdkKey.text)
        service?.close()
        watcher?.stop()
        publisher.close()
        hooks.close()
        limiter.close()
        closing.run { await self.limiter.waitUntilIdle() }
        closing.run {
            await self.service?.waitUntilClosed()
            // What failed meanwhile, such as the last write.
            self.limiter.close()
        }
        closing.run { await self.endTransport() }
        // Those of the overrides and of the cache's signals.
        closing.run { await self.host.waitUntilFilesAreClosed() }
        closing.run { await self.hooks.waitUntilIdle(atMost: .seconds(2)) }
        closing.end()
    }

    /// Closes all connections. One that is being made to a server that does not answer is left to its timeout.
    private func endTransport() async {
        let tasks = TaskTracker(host)
        tasks.run { await self.transport?.shutdown() }
        _ = await tasks.waitUntilIdle(atMost: .seconds(2))
    }

    /// Closes the client, and returns when nothing of it is left: no task, no connection, no lease, and nothing that waits to be
    /// written to the cache.
    ///
    ///     let client = try ConfigCatClient.get(sdkKey: key)
    ///     …
    ///     await client.shutdown()
    ///
    /// A cache, a handler or a connection that hangs is waited for no longer than 2 seconds; a write that is lost by that is logged as event
    /// 2201. If the calling task is cancelled, the method returns at once and the rest is done in the background.
    ///
    /// The cache itself stays open: others may use it. Close it afterwards, if it can be closed.
    nonisolated(nonsending)
        public func shutdown() async
    {
        if process.isForked { return }
        close()
        _ = await closing.waitUntilIdle()
    }
}

extension ConfigCatClient {
    /// The client of an SDK key. There is one for each: while it is open, further calls return it.
    ///
    /// - Parameters:
    ///   - sdkKey: The SDK key, from ConfigCat's dashboard.
    ///   - options: How the client works; the defaults if nil. For a client that exists they are ignored, with event 3000.
    /// - Throws: `ConfigCatError` if the SDK key or an option is not of the form or range that it has to be.
    public static func get(sdkKey: String, options: ConfigCatOptions? = nil) throws -> ConfigCatClient {
        try ClientRegistry.shared.client(sdkKey: sdkKey, options: options)
    }

    /// The client of an SDK key, with options set in a closure.
    ///
    ///     let client = try ConfigCatClient.get(sdkKey: key) { options in
    ///         options.pollingMode = PollingModes.autoPoll(autoPollIntervalInSeconds: 30)
    ///     }
    ///
    /// - Parameters:
    ///   - sdkKey: The SDK key, from ConfigCat's dashboard.
    ///   - configurator: Sets options.
    /// - Throws: `ConfigCatError` if the SDK key or an option is not of the form or range that it has to be, and whatever
    ///   the closure throws.
    public static func get(
        sdkKey: String, configurator: (inout ConfigCatOptions) throws -> Void
    ) throws -> ConfigCatClient {
        var options = ConfigCatOptions()
        try configurator(&options)
        return try get(sdkKey: sdkKey, options: options)
    }

    /// Closes all clients, as ``close()`` does.
    public static func closeAll() {
        for client in ClientRegistry.shared.all { client.close() }
    }

    /// Returns the open client of an SDK key, if there is one.
    static func open(sdkKey: String) -> ConfigCatClient? { ClientRegistry.shared.client(sdkKey: sdkKey) }

    fileprivate func ignoreOptions() {
        log.warning(3000, "A client for the SDK key \(sdkKey) exists already; the options are ignored.")
    }
}

/// The open clients by SDK key.
private final class ClientRegistry: Sendable {
    static let shared = ClientRegistry()

    private let clients = Mutex<[String: ConfigCatClient]>([:])

    var all: [ConfigCatClient] { clients.withLock { Array($0.values) } }

    func client(sdkKey: String) -> ConfigCatClient? { clients.withLock { $0[sdkKey] } }

    func client(sdkKey: String, options: ConfigCatOptions?) throws(ConfigCatError) -> ConfigCatClient {
        let settings = options ?? ConfigCatOptions()
        let key = try SDKKey(
            sdkKey, isProxyAllowed: settings.customBaseURL != nil, isLocalOnly: settings.isLocalOnly)
        try settings.validate()
        let (client, isNew) = try clients.withLock { clients throws(ConfigCatError) in
            if let client = clients[sdkKey], !client.process.isForked { return (client, false) }
            let client = try ConfigCatClient(sdkKey: key, options: settings)
            clients[sdkKey] = client
            return (client, true)
        }
        if isNew {
            client.start()
        } else if options != nil {
            client.ignoreOptions()
        }
        return client
    }

    func remove(_ client: ConfigCatClient, sdkKey: String) {
        clients.withLock { clients in
            if clients[sdkKey] === client { clients[sdkKey] = nil }
        }
    }
}
