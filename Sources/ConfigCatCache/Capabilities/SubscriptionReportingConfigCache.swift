/// A cache that needs a connection to report changes, and knows whether it has one.
public protocol SubscriptionReportingConfigCache: NotifyingConfigCache {
    /// Returns whether the changes of a key are being reported to its listeners at this moment. It does no I/O and does
    /// not wait.
    ///
    /// - Parameter key: The key.
    /// - Returns: Whether a change that happens now would be reported.
    func isSubscribed(for key: String) -> Bool
}
