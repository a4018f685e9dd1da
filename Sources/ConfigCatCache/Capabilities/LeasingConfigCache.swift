/// A cache that can say which one of many processes downloads for all.
///
/// A lease is kept apart from entries, and ends by itself: whoever holds it may die. It saves downloads; nothing depends on
/// it, because an older download never replaces a newer one.
public protocol LeasingConfigCache: ConfigCache {
    /// Takes the lease of a key, unless another holds it.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - token: Whose lease it is: a random text. Its holder may take a lease again, for longer.
    ///   - duration: How long the lease lasts if it is not released. All processes that share a key ask for the same
    ///     duration: a store whose clock can be set back takes a longer one for a leftover of before.
    /// - Throws: Any error; clients then go on as if there were no leases.
    func acquireLease(for key: String, token: String, duration: Duration) async throws -> LeaseResult

    /// Ends a lease, if it is still the token's.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - token: Whose lease it is.
    func releaseLease(for key: String, token: String) async throws
}

/// The answer to a process that asked for a lease.
public enum LeaseResult: Sendable, Equatable {
    /// The process that asked.
    case granted
    /// Another process, for at most this long.
    case held(for: Duration)
}
