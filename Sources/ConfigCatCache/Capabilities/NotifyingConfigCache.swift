/// A cache that tells when an entry may have changed.
public protocol NotifyingConfigCache: ConfigCache {
    /// A signal for each moment at which the entry of a key may have changed, or changes may have been missed. Several may
    /// come as one. It begins with the first iteration, and ends when its task is cancelled or the cache is closed.
    ///
    /// - Parameter key: The key.
    func changes(for key: String) -> AsyncStream<Void>
}

/// A cache with all that a fleet of processes makes use of.
public typealias FleetConfigCache =
    HeaderReadingConfigCache & OrderedConfigCache & LeasingConfigCache & NotifyingConfigCache
