import Synchronization

/// A place where overrides are kept. Methods throw if it cannot be read or written.
package protocol OverrideStore: Sendable {
    /// Returns the overrides of a config.
    ///
    /// - Parameter config: A name that identifies the config in the store, such as the path of its file.
    func overrides(of config: String) async throws -> OverrideSet

    /// Changes the overrides of a config, and returns all of them.
    func change(_ change: OverrideChange, of config: String) async throws -> OverrideSet

    /// Returns a stream with an element whenever anybody may have changed overrides.
    func changes() -> AsyncStream<Void>

    /// Ends the streams, and releases files.
    func close() async
}

/// Overrides that end with the process.
package final class MemoryOverrideStore: OverrideStore {
    private let sets = Mutex<[String: OverrideSet]>([:])

    package init() {}

    package func overrides(of config: String) -> OverrideSet { sets.withLock { $0[config] ?? OverrideSet() } }

    package func change(_ change: OverrideChange, of config: String) throws -> OverrideSet {
        try sets.withLock { sets in
            var set = sets[config] ?? OverrideSet()
            try change.apply(to: &set)
            sets[config] = set
            return set
        }
    }

    /// Returns a stream that has ended, because nobody else can change the overrides.
    package func changes() -> AsyncStream<Void> { AsyncStream { $0.finish() } }

    package func close() {}
}
