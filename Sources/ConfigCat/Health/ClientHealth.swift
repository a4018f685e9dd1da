/// The health of a client at one moment: how well it keeps its config fresh.
///
///     if client.health.isStale(after: .seconds(600)) { … }
///
/// Reading it takes less than a microsecond, does no I/O and does not wait, so that a health endpoint can call it for
/// each request. Messages are those of the log: the SDK key is masked, and they contain no passwords.
public struct ClientHealth: Sendable {
    /// The way in which a client learned that its config is current.
    public enum Source: String, Sendable {
        /// The client downloaded the config, or the CDN confirmed it.
        case cdn
        /// Another process downloaded the config, or confirmed it, and wrote it to the cache.
        case cache
    }

    /// The latest moment at which the client learned that its config is current.
    public struct Sync: Sendable, Equatable {
        /// The way in which the client learned it.
        public let source: Source
        /// The time since then.
        public let age: Duration
    }

    /// A download that failed.
    public struct Failure: Sendable {
        /// The kind of failure.
        public let code: RefreshErrorCode
        /// The error message.
        public let message: String
        /// The time since then.
        public let age: Duration
    }

    /// Whether evaluations no longer wait for the first config.
    public let isReady: Bool
    /// Whether the client makes no HTTP requests.
    public let isOffline: Bool
    /// Whether the client was closed.
    public let isClosed: Bool
    /// Whether this process was forked after the client was created, so that the config is not kept fresh.
    public let isForked: Bool
    /// Whether the client uses local overrides only, so that nothing can become stale.
    public let isLocalOnly: Bool

    /// The time since the CDN was asked for the config, or last confirmed it, by this or another process of the fleet;
    /// nil if there is no config. For an entry that is dated in the future, the time since this process first read it.
    public let configAge: Duration?
    /// The last time that the client learned that its config is current; nil if it never has.
    public let lastSync: Sync?
    /// The number of downloads that have failed since the last sync.
    public let consecutiveFailures: Int
    /// The last of those failures; nil if there are none.
    public let lastFailure: Failure?
    /// The state of the cache; nil if the client has none.
    public let cache: CacheHealth?

    /// Returns whether the client has no config, or its config has not been confirmed for longer than a limit.
    ///
    /// A config that does not change is confirmed once per polling interval. A limit of ten intervals distinguishes a
    /// lasting fault from a failed download. In manual mode, the limit depends on how often
    /// ``ConfigCatClient/forceRefresh()`` is called.
    ///
    /// - Parameter limit: The greatest age of a config that is not stale.
    /// - Returns: Whether the config is stale; always false for a client with local overrides only.
    public func isStale(after limit: Duration) -> Bool {
        if isLocalOnly { return false }
        guard let configAge else { return true }
        return configAge > limit
    }
}

/// The health of a client's cache.
///
///     if let cache = client.health.cache, !cache.isWorking { … }
public struct CacheHealth: Sendable, Equatable {
    /// Whether the cache reports changes made by other processes.
    public enum Subscription: String, Sendable {
        /// The cache cannot report changes. The client finds them by polling.
        case unsupported
        /// The cache reports changes.
        case active
        /// The cache does not report changes at this moment. The client finds them by polling.
        case inactive
    }

    /// The error of the last read; nil if it succeeded.
    public let readError: String?
    /// The error of the last write; nil if it succeeded.
    public let writeError: String?
    /// Whether the cache reports changes.
    public let subscription: Subscription

    /// Whether the last read and the last write succeeded.
    public var isWorking: Bool { readError == nil && writeError == nil }
}
