import Synchronization

/// The numbers of the keys of declared flags, the same for all configs of the process. By its number, a config finds the
/// setting of a declared flag without hashing its key.
package enum DeclaredKeys {
    /// The greatest count of numbered keys. A program that declares more, such as a flag for each user, would fill the
    /// memory; its further flags are found by their keys.
    static let limit = 16_384

    private struct State {
        /// The keys as bytes: a Dictionary of strings would treat the two spellings of "é" as the same key.
        var numbers: [[UInt8]: Int32] = [:]
        var count: Int { numbers.count }
    }

    private static let state = Mutex(State())

    /// Returns the number of a key, a new one if it has none yet; -1 if there are too many.
    ///
    /// It waits for nothing: in a forked process, the lock may stay locked for ever.
    package static func number(of key: String) -> Int32 {
        let bytes = Array(key.utf8)
        for _ in 0..<1000 {
            let number = state.withLockIfAvailable { state -> Int32 in
                if let number = state.numbers[bytes] { return number }
                guard state.count < limit else { return -1 }
                let number = Int32(truncatingIfNeeded: state.count)
                state.numbers[bytes] = number
                return number
            }
            if let number { return number }
        }
        return -1
    }
}
