/// A store that clients share one config through.
///
/// Implement it for any key-value store; a synchronous implementation satisfies it too. Values are opaque texts of up to
/// 32 MiB; keys are 40 lower-case hex digits. Whatever it does, it cannot harm a client: an error is logged, and the
/// client goes on with what it holds and with HTTP.
public protocol ConfigCache: Sendable {
    /// The value that was last written for a key.
    ///
    /// - Parameter key: The key.
    /// - Returns: The value; nil if there is none.
    /// - Throws: Any error; clients log it as event 2200.
    func read(for key: String) async throws -> String?

    /// Sets the value for a key.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The value.
    /// - Throws: Any error; clients log it as event 2201.
    func write(for key: String, value: String) async throws
}
