/// A store through which clients share a config.
///
/// Implement the protocol for any key-value store; the methods may also be synchronous. Values are opaque strings of up
/// to 32 MiB; keys are 40 lower-case hex digits. A cache that fails does not harm a client: the client logs the error,
/// and continues with the config that it has and with downloads.
///
///     struct TeamCache: ConfigCache {
///         let store: any KeyValueStore
///
///         func read(for key: String) async throws -> String? { try await store.value(of: key) }
///         func write(for key: String, value: String) async throws { try await store.set(key, to: value) }
///     }
public protocol ConfigCache: Sendable {
    /// Reads the value that was last written for a key.
    ///
    /// - Parameter key: The key.
    /// - Returns: The value; nil if there is none.
    /// - Throws: Any error; clients log it as event 2200.
    func read(for key: String) async throws -> String?

    /// Writes the value of a key.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The value.
    /// - Throws: Any error; clients log it as event 2201.
    func write(for key: String, value: String) async throws
}
