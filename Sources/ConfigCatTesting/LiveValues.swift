import ConfigCatEvaluation
import Synchronization

/// Settings that change as a whole, with the config that they make.
final class LiveValues: Sendable {
    struct Version: Sendable {
        var number = 0
        var values: TestFlagValues
        /// Nil in an outage.
        var config: Config?
    }

    private let initial: TestFlagValues
    private let state: Mutex<Version>

    init(_ values: TestFlagValues) {
        initial = values
        state = Mutex(Version(values: values, config: values.config()))
    }

    var current: Version { state.withLock { $0 } }

    /// Changes the settings. The closure is called outside of locks, because it may use these settings itself; it is
    /// called again if another task has changed them in the meantime.
    ///
    /// - Returns: The new version; nil if nothing has changed.
    func update(_ change: (inout TestFlagValues) throws -> Void) rethrows -> Version? {
        while true {
            let old = current
            var values = old.values
            try change(&values)
            if values.isOutage == old.values.isOutage, values.json == old.values.json { return nil }
            let new = Version(number: old.number + 1, values: values, config: values.config())
            let isDone = state.withLock { state in
                guard state.number == old.number else { return false }
                state = new
                return true
            }
            if isDone { return new }
        }
    }

    func reset() -> Version? { update { $0 = initial } }
}
