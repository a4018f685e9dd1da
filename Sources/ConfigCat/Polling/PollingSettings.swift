extension PollingStateMachine {
    /// How a client polls, and what its cache can do.
    package struct Settings: Sendable {
        package var mode: PollingMode.Kind
        package var hasCache: Bool
        package var isOffline: Bool
        /// How much longer than the interval a poll may be delayed, as a share of it.
        package var jitter: Double
        /// How long a cycle waits for the cache, in milliseconds.
        package var cacheTimeout: Int64
        /// Whether the cache can say which process downloads for all.
        package var hasLeases: Bool
        /// How long a lease lasts at most, in milliseconds.
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
