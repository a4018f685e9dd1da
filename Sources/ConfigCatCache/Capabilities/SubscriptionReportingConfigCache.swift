/// A cache that knows whether it can tell of changes at this moment, because it needs a connection to do so.
public protocol SubscriptionReportingConfigCache: NotifyingConfigCache {
    /// Returns whether changes of a key that somebody listens to are reported at this moment. It does no I/O and does not wait.
    ///
    /// - Parameter key: The key.
    func isSubscribed(for key: String) -> Bool
}
