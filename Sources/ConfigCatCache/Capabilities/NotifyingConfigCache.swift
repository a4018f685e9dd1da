/// A cache that reports when an entry may have changed.
public protocol NotifyingConfigCache: ConfigCache {
    /// Returns a stream of change signals for a key: one whenever its entry may have changed, or changes may have been
    /// missed.
    ///
    /// - Parameter key: The key.
    /// - Returns: A stream that may combine several signals into one. It ends when the task that iterates over it is
    ///   cancelled, or when the cache is closed.
    func changes(for key: String) -> AsyncStream<Void>
}

/// A cache with all capabilities that a fleet of processes uses.
public typealias FleetConfigCache =
    HeaderReadingConfigCache & OrderedConfigCache & LeasingConfigCache & NotifyingConfigCache
