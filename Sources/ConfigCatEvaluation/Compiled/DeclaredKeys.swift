import ConfigCatPlatform
import Synchronization

/// The numbers of the keys of declared flags, the same for all configs of the process. By its number, a config finds the
/// setting of a declared flag without hashing its key.
package enum DeclaredKeys {
    /// The greatest count of numbered keys. A program that declares more, such as a flag for each user, would fill the
    /// memory; its further flags are found by their keys.
    static let limit = DeclaredSettings.limit
    /// The greatest length of a numbered key, in bytes. Numbered keys are never forgotten.
    private static let maximumLength = 256

    private struct State {
        /// The keys as bytes: a Dictionary of strings would treat the two spellings of "é" as the same key.
        var numbers: [[UInt8]: Int32] = [:]
        var count: Int { numbers.count }
    }

    private static let state = Mutex(State())
    /// The process that numbered the first key.
    private static let firstProcess = getpid()

    /// Returns the number of a key, a new one if it has none yet; -1 if there are too many, or the key is too long.
    ///
    /// In a forked process, where the lock may stay locked for ever, it returns -1 after some 20 milliseconds.
    package static func number(of key: String) -> Int32 {
        guard key.utf8.count <= maximumLength else { return -1 }
        let bytes = Array(key.utf8)
        let firstProcess = firstProcess
        var attempt = 0
        while true {
            let number = state.withLockIfAvailable { state -> Int32 in
                if let number = state.numbers[bytes] { return number }
                guard state.count < limit else { return -1 }
                let number = Int32(truncatingIfNeeded: state.count)
                state.numbers[bytes] = number
                return number
            }
            if let number { return number }
            attempt += 1
            guard attempt > 200 else { continue }
            if attempt > 400, getpid() != firstProcess { return -1 }
            // The thread that has the lock may have lost its core.
            usleep(100)
        }
    }
}
