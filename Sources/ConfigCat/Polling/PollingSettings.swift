extension PollingStateMachine {
    /// The settings of a client's polling, and the capabilities of its cache.
    package struct Settings: Sendable {
        package var mode: PollingMode.Kind
        package var hasCache: Bool
        package var isOffline: Bool
        /// The largest random delay of a poll, as a share of the interval.
        package var jitter: Double
        /// The time for which a cycle waits for the cache, in milliseconds.
        package var cacheTimeout: Int64
        /// Whether the cache has leases.
        package var hasLeases: Bool
        /// The longest duration of a lease, in milliseconds.
        package var leaseDuration: Int64

        package init(
            mode: PollingMode.Kind, hasCache: Bool, isOffline: Bool, jitter: Double = 0.1, hasLeases: Bool = false,
            leaseDuration: Int64 = 5000, cacheTimeout: Int64 = 2000
        ) {
            self.mode = mode
            self.hasCache = hasCache
            self.isOffline = isOffline
            self.jitter = jitter
            self.hasLeases = hasLeases
            self.leaseDuration = leaseDuration
            self.cacheTimeout = cacheTimeout
        }
    }
}
