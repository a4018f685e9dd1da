import Synchronization

/// A place where overrides are kept. Methods throw if it cannot be read or written.
package protocol OverrideStore: Sendable {
    /// Changes the overrides of a config, and reads them.
    ///
    /// - Parameters:
    ///   - change: The change; nil to read only.
    ///   - config: A name that identifies the config in the store, such as the path of its file.
    ///   - publish: Is given all overrides of the config, before another call can change them.
    /// - Returns: All overrides of the config.
    /// - Throws: ``OverrideError`` if the change is refused; an error of the store.
    @discardableResult
    func perform(
        _ change: OverrideChange?, of config: String, publish: @escaping @Sendable (OverrideSet) -> Void
    ) async throws -> OverrideSet

    /// Returns a stream with an element whenever anybody may have changed overrides.
    func changes() -> AsyncStream<Void>

    /// Ends the streams, and releases files.
    func close() async
}

/// Overrides that end with the process.
package final class MemoryOverrideStore: OverrideStore {
    private let sets = Mutex<[String: OverrideSet]>([:])

    package init() {}

    package func perform(
        _ change: OverrideChange?, of config: String, publish: @escaping @Sendable (OverrideSet) -> Void
    ) throws -> OverrideSet {
        try sets.withLock { sets in
            var set = sets[config] ?? OverrideSet()
            try change?.apply(to: &set)
            sets[config] = set
            publish(set)
            return set
        }
    }

    /// Returns a stream that has ended, because nobody else can change the overrides.
    package func changes() -> AsyncStream<Void> { AsyncStream { $0.finish() } }

    package func close() {}
}
