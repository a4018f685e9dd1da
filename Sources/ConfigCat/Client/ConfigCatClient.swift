package import ConfigCatCache
public import ConfigCatEvaluation
import Logging
import Synchronization

/// Keeps the config of one SDK key fresh and evaluates it. Create one when the server starts, share it, and close it
/// when the server ends.
///
///     let client = try ConfigCatClient.get(sdkKey: "configcat-sdk-1/…/…")
///     let isEnabled = await client.getValue(for: "newCheckout", defaultValue: false, user: user)
///
/// Evaluations use the config in memory. They wait only for the first config, at most as long as
/// ``PollingMode/autoPoll(interval:maxInitWait:)`` allows, and in lazy mode for the download that replaces an expired
/// config. They never throw.
///
/// If your process forks, fork before it uses Swift concurrency, and create clients in the child. A client that was
/// created before the fork logs event 1201 once in the child, and evaluates the config that it had at the fork: it
/// downloads nothing and calls no handlers, and its other methods have no effect.
public final class ConfigCatClient: Sendable {
    /// The client's handlers.
    public let hooks: Hooks

    private let sdkKey: SDKKey
    private let publisher: SnapshotPublisher
    /// Whether each evaluation has to ask for the snapshot: in lazy mode, and in tests with flags of their own.
    private let isLazy: Bool
    private let log: EventLogger
    private let limiter: EventLimiter
    private let healthRecorder: HealthRecorder
    /// Nil if the client uses local overrides only.
    private let service: ConfigService?
    private let transport: (any HTTPTransport)?
    private let watcher: OverrideWatcher?
    private let testSource: (any TestOverrideDataSource)?
    private let isClosed = Mutex(false)
    /// Whether the client was run as a service.
    let hasRun = Atomic(false)
    fileprivate let process = ProcessMark()
    /// The snapshot that a forked process evaluates. Unlike everything else, it is read without a lock.
    private let forkedState = ForkedValue<ConfigCatClientSnapshot>()
    /// The work that continues in the background after closing.
    private let closing: TaskTracker
    private let host: HostRuntime

    /// Creates a client that does nothing until ``start()`` is called.
    package init(
        sdkKey: SDKKey, options: ConfigCatOptions, transport: (any HTTPTransport)? = nil,
        host: HostRuntime = .system
    ) throws(ConfigCatError) {
        var logger = options.logger
        if let level = options.logLevel { logger.logLevel = level }
        // Clients that are created with the same options have separate handlers and events.
        let limiter = EventLimiter(host: host) { [logger] in logger.write($0) }
        let cacheKey = CacheKey.key(forSDKKey: sdkKey.text)
        if let id = options.flagSetID, !options.isLocalOnly, id.contains(sdkKey.text) {
            throw ConfigCatError(code: .invalidOption, message: "flagSetID contains the SDK key, which is a secret")
        }
        let hooks = options.hooks.copy(
            log: EventLogger(logger, limiter: limiter),
            observers: EvaluationObservers(
                options.evaluationObservers, flagSetID: options.flagSetID ?? cacheKey, host: host))
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
        let testSource = options.flagOverrides as? any TestOverrideDataSource
        self.testSource = testSource
        if case .lazy = options.pollingMode.kind { isLazy = true } else { isLazy = testSource != nil }
        watcher = (testSource == nil ? options.flagOverrides : nil).map { source in
            OverrideWatcher(source: source, log: log) { publisher.publish(local: $0) }
        }
        guard !options.isLocalOnly else {
            (service, self.transport) = (nil, nil)
            return
        }
        let http: any HTTPTransport
        if let transport { http = transport } else { http = try AsyncHTTPTransport(options.http) }
        self.transport = http
        if AsyncHTTPTransport.isTraced(options.http.client) {
            log.warning(
                3400,
                "The HTTP client of the option http.client traces its requests, and their URLs contain the SDK key. "
                    + "Create it with tracing.tracer = nil.")
        }
        #if DistributedTracing
            let tracing = OperationTracing(options.tracing)
        #else
            let tracing = OperationTracing()
        #endif
        let fetcher = ConfigFetcher(
            sdkKey: sdkKey, transport: http, options: options,
            route: DataGovernanceRoute(custom: options.customBaseURL, dataGovernance: options.dataGovernance), log: log,
            tracing: tracing, host: host)
        service = ConfigService(
            settings: ConfigService.Machine.Settings(
                mode: options.pollingMode.kind, hasCache: options.configCache != nil, isOffline: options.offline,
                jitter: options.pollingJitter,
                leaseDuration: options.leaseDuration.milliseconds,
                cacheTimeout: options.cacheTimeout.milliseconds),
            fetcher: fetcher, cache: options.configCache, cacheKey: cacheKey,
            publisher: publisher, log: log, health: health, tracing: tracing, host: host)
    }

    package func start() {
        watcher?.start()
        testSource?.attach { [weak publisher] in publisher?.publish(local: $0, version: $1) ?? false }
        if let service {
            service.start()
        } else {
            _ = publisher.becomeReady(cacheState: .noFlagData)
            healthRecorder.becameReady()
        }
    }

    // MARK: - Evaluating

    /// Returns the value of a setting for a user.
    ///
    /// - Parameters:
    ///   - key: The setting's key.
    ///   - defaultValue: The value to return if the setting cannot be evaluated. Its type has to be the setting's:
    ///     `Bool`, `String`, `Int`, `Double`, one of their optionals, or `Any`.
    ///   - user: The user; the default user if nil.
    /// - Returns: The value, or `defaultValue` if the setting cannot be evaluated.
    @inlinable
    public func getValue<Value>(for key: String, defaultValue: Value, user: ConfigCatUser? = nil) async -> Value {
        let (found, snapshot) = find(key, -1, SettingLookup.Kind(Value.self))
        if let snapshot { return snapshot.value(found, key, defaultValue, user) }
        if let value = found.known(Value.self) { return value }
        return await freshSnapshot().getValue(for: key, defaultValue: defaultValue, user: user)
    }

    /// Returns the value of a setting for a user, and the reason for it.
    ///
    /// - Parameters:
    ///   - key: The setting's key.
    ///   - defaultValue: The value to return if the setting cannot be evaluated. Its type has to be the setting's.
    ///   - user: The user; the default user if nil.
    /// - Returns: The value, and the rule, percentage option or error that led to it.
    public func getValueDetails<Value>(
        for key: String, defaultValue: Value, user: ConfigCatUser? = nil
    ) async -> TypedEvaluationDetails<Value> {
        await freshSnapshot().getValueDetails(for: key, defaultValue: defaultValue, user: user)
    }

    /// Returns the value of a setting of any type for a user.
    ///
    /// - Parameters:
    ///   - key: The setting's key.
    ///   - defaultValue: The value to return if the setting cannot be evaluated.
    ///   - user: The user; the default user if nil.
    /// - Returns: A `Bool`, `String`, `Int` or `Double`, or `defaultValue` if the setting cannot be evaluated.
    public func getAnyValue(for key: String, defaultValue: Any?, user: ConfigCatUser? = nil) async -> Any? {
        await getValue(for: key, defaultValue: defaultValue, user: user)
    }

    /// Returns the value of a setting of any type for a user, and the reason for it.
    ///
    /// - Parameters:
    ///   - key: The setting's key.
    ///   - defaultValue: The value to return if the setting cannot be evaluated.
    ///   - user: The user; the default user if nil.
    /// - Returns: The value, and the rule, percentage option or error that led to it.
    public func getAnyValueDetails(
        for key: String, defaultValue: Any?, user: ConfigCatUser? = nil
    ) async -> TypedEvaluationDetails<Any?> {
        await getValueDetails(for: key, defaultValue: defaultValue, user: user)
    }

    /// Returns the value of a declared setting for a user.
    ///
    /// - Parameters:
    ///   - flag: The setting.
    ///   - user: The user; the default user if nil.
    /// - Returns: The value, or the flag's default value if the setting cannot be evaluated.
    @inlinable
    public func value<Value>(of flag: FeatureFlag<Value>, user: ConfigCatUser? = nil) async -> Value {
        let (found, snapshot) = find(flag.key, flag.number, SettingLookup.Kind(Value.self))
        if let snapshot { return snapshot.value(found, flag.key, flag.defaultValue, user) }
        if let value = found.known(Value.self) { return value }
        return await freshSnapshot().value(of: flag, user: user)
    }

    /// Returns the keys of all settings.
    ///
    /// - Returns: The keys in the order of the config; none if there is no config.
    public func getAllKeys() async -> [String] {
        await freshSnapshot().getAllKeys()
    }

    /// Returns the values of all settings for a user.
    ///
    /// A `Dictionary` considers canonically equal keys, such as the two spellings of "é", to be equal. Of settings with
    /// such keys, the dictionary contains the last one in the order of the config; ``getAllValueDetails(user:)``
    /// returns all.
    ///
    /// - Parameter user: The user; the default user if nil.
    /// - Returns: The values by key, without settings that cannot be evaluated.
    public func getAllValues(user: ConfigCatUser? = nil) async -> [String: any Sendable] {
        await freshSnapshot().getAllValues(user: user)
    }

    /// Returns the values of all settings for a user, and the reasons for them.
    ///
    /// - Parameter user: The user; the default user if nil.
    /// - Returns: The details of each setting, in the order of the config. If a setting cannot be evaluated, its
    ///   details have an error, and an empty string as the value.
    public func getAllValueDetails(user: ConfigCatUser? = nil) async -> [EvaluationDetails] {
        await freshSnapshot().getAllValueDetails(user: user)
    }

    /// Returns the setting and the value that a variation ID belongs to.
    ///
    /// - Parameter variationId: The variation ID.
    /// - Returns: The setting's key and the value; nil, with log event 2011, if no setting has the variation ID.
    public func getKeyAndValue(for variationId: String) async -> KeyValue? {
        await freshSnapshot().getKeyAndValue(for: variationId)
    }

    /// Returns an immutable view of the client's config and default user, for synchronous evaluation. It does not wait.
    ///
    ///     let snapshot = client.snapshot()
    ///     let isEnabled = snapshot.getValue(for: "newCheckout", defaultValue: false, user: user)
    ///
    /// - Returns: The view. It does not change when the client gets another config.
    public func snapshot() -> ConfigCatClientSnapshot {
        if let forkedSnapshot { return forkedSnapshot }
        guard let service else { return localSnapshot }
        let snapshot = publisher.snapshot
        // The config may have expired since the snapshot was published.
        guard case let state = service.cacheState, state != .noFlagData, state != snapshot.cacheState else {
            return snapshot
        }
        return snapshot.copy(cacheState: state)
    }

    /// Returns a snapshot for a user, which remembers the values that it has computed. See
    /// ``ConfigCatClientSnapshot/with(user:)``.
    ///
    ///     let flags = client.snapshot(for: user)
    ///     let isEnabled = flags.value(of: .newCheckout)
    ///
    /// - Parameter user: The user.
    /// - Returns: The snapshot. It does not change when the client gets another config.
    public func snapshot(for user: ConfigCatUser) -> ConfigCatClientSnapshot { snapshot().with(user: user) }

    /// Finds a setting, if evaluations need not wait.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - number: The number of the key in ``DeclaredKeys``; -1 if it was not declared.
    ///   - kind: The kind of value that is asked for.
    /// - Returns: One of three pairs. The evaluation has to wait: the kind `unknown`, without a snapshot. The value is known
    ///   and of the given kind: the value, without the snapshot, which saves counting a reference. Anything else: what was
    ///   found, and the snapshot to go on with.
    @usableFromInline
    func find(
        _ key: String, _ number: Int32, _ kind: SettingLookup.Kind?
    ) -> (found: SettingLookup, snapshot: ConfigCatClientSnapshot?) {
        guard publisher.isReady, !isLazy, !process.isForked else { return (.unknown, nil) }
        return publisher.withSnapshot { snapshot in
            // The client's snapshot is for all users, so it has no memo.
            let found =
                number < 0 ? snapshot.lookup(key, false) : snapshot.lookup(declared: number, key, false)
            return (found, found.kind == kind ? nil : copy snapshot)
        }
    }

    /// The snapshot to evaluate, if evaluations need not wait.
    private var readySnapshot: ConfigCatClientSnapshot? {
        publisher.isReady && !isLazy && !process.isForked ? publisher.snapshot : nil
    }

    /// Returns the snapshot to evaluate, after the wait that the polling mode requires.
    @usableFromInline
    func freshSnapshot() async -> ConfigCatClientSnapshot {
        if let readySnapshot { return readySnapshot }
        if let forkedSnapshot { return forkedSnapshot }
        guard let service else { return localSnapshot }
        if !isClosed.withLock({ $0 }) {
            if isLazy { await service.refreshIfExpired() } else { _ = await service.waitForReady() }
        }
        return publisher.snapshot
    }

    /// The snapshot of a client with local overrides only; of the calling task, if a test has flags of its own.
    private var localSnapshot: ConfigCatClientSnapshot {
        guard case .own(let config)? = testSource?.overridesOfTask else { return publisher.snapshot }
        return publisher.snapshot(ofTest: config)
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

    /// The event that a forked process logs once, even if it has logged many others.
    static let forkedEvent = 1201
    private static let forkedMessage =
        "the process was forked after the client was created, and has none of its background tasks; "
        + "create clients in a process that has forked before it used Swift concurrency, or run a new program"

    // MARK: - Refreshing

    /// Reads the cache and, unless the client is offline, downloads the config. The method may return before the
    /// download has been written to the cache; ``shutdown()`` waits for that write.
    ///
    /// - Returns: The result. If the calling task is cancelled, the method returns a failure at once, and the download
    ///   continues.
    @discardableResult
    public func forceRefresh() async -> RefreshResult {
        if forkedSnapshot != nil { return .failure(.unexpectedError, Self.forkedMessage) }
        guard let service else {
            let message = "the client uses local overrides only and downloads nothing"
            log.warning(3202, "forceRefresh: \(message).")
            return .failure(.localOnlyClient, message)
        }
        return await service.refresh()
    }

    /// Waits until the client is ready.
    ///
    /// In auto polling mode, the client is ready as soon as it has an up-to-date config, its first download has ended,
    /// or `maxInitWaitTimeInSeconds` has passed; in the other modes, when it has read the cache for the first time. The
    /// method returns at once if the calling task is cancelled.
    ///
    /// - Returns: How current the config is.
    @discardableResult
    public func waitForReady() async -> ClientCacheState {
        if let forkedSnapshot { return forkedSnapshot.cacheState }
        guard let service else { return localSnapshot.cacheState }
        return await service.waitForReady()
    }

    /// The changes of the config from now on, in order. The sequence ends when the client is closed.
    public var configChanges: ConfigChanges {
        process.isForked ? ConfigChanges(stream: AsyncStream { $0.finish() }) : publisher.broadcast.subscribe()
    }

    /// The client's health, for health endpoints and alerts. Reading it does no I/O and does not wait.
    public var health: ClientHealth {
        let isForked = process.isForked
        let isClosed = isForked ? false : isClosed.withLock { $0 }
        let present = HealthRecord.Present(
            isOffline: service == nil || isForked || isClosed, isClosed: isClosed, isForked: isForked,
            isLocalOnly: service == nil, cache: isForked ? nil : service?.cacheKind)
        return healthRecorder.health(present)
    }

    /// Allows HTTP requests again. In auto polling mode, the client polls at once.
    public func setOnline() { if !process.isForked { service?.setOnline() } }

    /// Cancels the current HTTP request and makes no others until ``setOnline()`` is called. The client still reads its
    /// cache.
    public func setOffline() { if !process.isForked { service?.setOffline() } }

    /// Whether the client makes no HTTP requests.
    public var isOffline: Bool { process.isForked || service?.isOffline ?? true }

    /// Sets the user for evaluations that are not given one.
    ///
    /// - Parameter user: The user.
    public func setDefaultUser(user: ConfigCatUser) { if !process.isForked { publisher.set(defaultUser: user) } }

    /// Removes the default user.
    public func clearDefaultUser() { if !process.isForked { publisher.set(defaultUser: nil) } }

    // MARK: - Closing

    /// Stops the client. It still evaluates the config that it has, and calls no handlers for new events. A second call
    /// does nothing.
    ///
    /// In the background, the client finishes writing a downloaded config to the cache, releases its lease and closes
    /// its connections. To wait for that, for example before the process ends, call ``shutdown()`` instead.
    public func close() {
        // The client's tasks and connections do not exist in a forked process.
        if process.isForked { return }
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = true }
            // A shutdown that is called from now on waits for `closing.end()` below.
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
            // Writes summaries of errors since then, such as that of the last write.
            self.limiter.close()
        }
        closing.run { await self.endTransport() }
        // The watched files of the overrides and of the cache's change signals.
        closing.run { await self.host.waitUntilFilesAreClosed() }
        closing.run { await self.hooks.waitUntilIdle(atMost: .seconds(2)) }
        closing.end()
    }

    /// Closes all connections, in at most 2 seconds. A connection attempt that takes longer ends by its own timeout.
    private func endTransport() async {
        let tasks = TaskTracker(host)
        tasks.run { await self.transport?.shutdown() }
        _ = await tasks.waitUntilIdle(atMost: .seconds(2))
    }

    /// Closes the client, and waits until its tasks have ended, its connections are closed, its lease is released, and
    /// its last download is in the cache.
    ///
    ///     let client = try ConfigCatClient.get(sdkKey: key)
    ///     …
    ///     await client.shutdown()
    ///
    /// If the cache, a handler or a connection hangs, the method waits at most 2 seconds for it; a write that is lost
    /// because of that is logged as event 2201. If the calling task is cancelled, the method returns at once, and the
    /// rest is done in the background.
    ///
    /// The cache itself stays open, because others may use it. Close it afterwards, if it can be closed.
    public func shutdown() async {
        if process.isForked { return }
        close()
        _ = await closing.waitUntilIdle()
    }
}

extension ConfigCatClient {
    /// Returns the client of an SDK key, and creates it if there is none. There is one open client for each SDK key.
    ///
    /// - Parameters:
    ///   - sdkKey: The SDK key, from ConfigCat's dashboard.
    ///   - options: The options of a new client; the defaults if nil. If the client exists, they are ignored, with log
    ///     event 3000.
    /// - Returns: The open client.
    /// - Throws: ``ConfigCatError`` if the SDK key is malformed, or an option is invalid.
    public static func get(sdkKey: String, options: ConfigCatOptions? = nil) throws -> ConfigCatClient {
        try ClientRegistry.shared.client(sdkKey: sdkKey, options: options)
    }

    /// Returns the client of an SDK key, and creates it, with options that a closure sets, if there is none.
    ///
    ///     let client = try ConfigCatClient.get(sdkKey: key) { options in
    ///         options.pollingMode = PollingModes.autoPoll(autoPollIntervalInSeconds: 30)
    ///     }
    ///
    /// - Parameters:
    ///   - sdkKey: The SDK key, from ConfigCat's dashboard.
    ///   - configurator: A closure that sets options. It starts with the defaults.
    /// - Returns: The open client. If it existed before the call, the options are ignored, with log event 3000.
    /// - Throws: ``ConfigCatError`` if the SDK key is malformed, or an option is invalid; and any error that the
    ///   closure throws.
    public static func get(
        sdkKey: String, configurator: (inout ConfigCatOptions) throws -> Void
    ) throws -> ConfigCatClient {
        var options = ConfigCatOptions()
        try configurator(&options)
        return try get(sdkKey: sdkKey, options: options)
    }

    /// Closes all clients as ``close()`` does.
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
