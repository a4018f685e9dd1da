/// A cache that decides which one of many processes downloads for all.
///
/// A lease is stored separately from the entry, and expires by itself, because its holder may crash. Leases only save
/// downloads; correctness does not depend on them, because an older download never replaces a newer one.
public protocol LeasingConfigCache: ConfigCache {
    /// Takes the lease of a key, unless another process holds it.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - token: A random string that identifies the holder. The holder may take its lease again, to extend it.
    ///   - duration: How long the lease lasts if it is not released. All processes that share a key ask for the same
    ///     duration: a store whose clock can be set back ignores a stored lease that would last longer, because it was
    ///     written before the clock changed.
    /// - Returns: Whether the lease was granted; otherwise, how long the other process holds it at most.
    /// - Throws: Any error; clients then continue as if there were no leases.
    func acquireLease(for key: String, token: String, duration: Duration) async throws -> LeaseResult

    /// Ends a lease, if the token still holds it.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - token: The string that identifies the holder.
    /// - Throws: Any error; the lease then expires by itself.
    func releaseLease(for key: String, token: String) async throws
}

/// The answer to a process that asked for a lease.
public enum LeaseResult: Sendable, Equatable {
    /// The process that asked holds the lease.
    case granted
    /// Another process holds the lease, for at most this long.
    case held(for: Duration)
}
