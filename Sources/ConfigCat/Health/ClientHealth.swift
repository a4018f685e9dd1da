/// How well a client keeps its config fresh, at one moment.
///
///     if client.health.isStale(after: .seconds(600)) { … }
///
/// Reading it costs less than a microsecond: it does no I/O and waits for nothing, so that a health endpoint can answer with it.
/// Texts are those of the log: the SDK key is masked, and passwords do not appear.
public struct ClientHealth: Sendable {
    /// What made a config current.
    public enum Source: String, Sendable {
        /// The client downloaded it, or the CDN confirmed it.
        case cdn
        /// Another process downloaded or confirmed it, and left it in the cache.
        case cache
    }

    /// The latest moment at which the client learned that its config is current.
    public struct Sync: Sendable, Equatable {
        /// From where.
        public let source: Source
        /// How long ago.
        public let age: Duration
    }

    /// A download that failed.
    public struct Failure: Sendable {
        /// What kind of failure it is.
        public let code: RefreshErrorCode
        /// What went wrong.
        public let message: String
        /// How long ago.
        public let age: Duration
    }

    /// Whether evaluations no longer wait for the first config.
    public let isReady: Bool
    /// Whether the client makes no HTTP requests.
    public let isOffline: Bool
    /// Whether the client was closed.
    public let isClosed: Bool
    /// Whether this process was forked after the client was created: nothing keeps the config fresh here.
    public let isForked: Bool
    /// Whether local overrides are all there is, so that nothing can become stale.
    public let isLocalOnly: Bool

    /// How long ago the CDN was asked for the config that is evaluated, or confirmed it last; nil if there is none. In a
    /// fleet, this is the answer that any of the processes got. Of an entry that is dated in the future, the time since this
    /// process first saw it.
    public let configAge: Duration?
    /// When the client last learned that its config is current; nil if it never has.
    public let lastSync: Sync?
    /// How many downloads have failed since the last sync.
    public let consecutiveFailures: Int
    /// The last of those failures; nil if there are none.
    public let lastFailure: Failure?
    /// The state of the cache; nil if the client has none.
    public let cache: CacheHealth?

    /// Returns whether the config has not been confirmed for longer than a limit, or there is none. A client with local
    /// overrides only is never stale.
    ///
    /// A config that nobody changes is confirmed once per polling interval. A limit of ten intervals tells a lasting fault
    /// from a failed download. In manual mode, the limit depends on how often ``ConfigCatClient/forceRefresh()`` is called.
    ///
    /// - Parameter limit: How old the config may be.
    public func isStale(after limit: Duration) -> Bool {
        if isLocalOnly { return false }
        guard let configAge else { return true }
        return configAge > limit
    }
}

/// Whether a client's cache works.
public struct CacheHealth: Sendable, Equatable {
    /// Whether the cache reports changes made by other processes.
    public enum Subscription: String, Sendable {
        /// It cannot: changes are found by polling.
        case unsupported
        /// It does.
        case active
        /// It does not at this moment: changes are found by polling.
        case inactive
    }

    /// Why the last read failed; nil if it did not.
    public let readError: String?
    /// Why the last write failed; nil if it did not.
    public let writeError: String?
    /// Whether the cache reports changes.
    public let subscription: Subscription

    /// Whether the last read and the last write worked.
    public var isWorking: Bool { readError == nil && writeError == nil }
}
