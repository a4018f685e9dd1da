import ConfigCatEvaluation
import Synchronization

/// Settings that change as a whole, with the config that they make. Those of a test follow the settings around them,
/// except where the test has set something itself.
final class LiveValues: Sendable {
    struct Version: Sendable {
        var number: Int
        /// The number of the first version since which the config has not changed.
        var configNumber = 0
        let values: TestFlagValues
        let json: String
        /// Nil in an outage.
        let config: Config?
        /// The version of the settings around these.
        let parentNumber: Int

        init(_ number: Int, _ values: TestFlagValues, parentNumber: Int) {
            self.number = number
            self.values = values
            self.parentNumber = parentNumber
            json = values.json
            config = values.config(json: json)
        }
    }

    /// The number of times that a change is tried.
    private static let attempts = 1000

    private let parent: LiveValues?
    private let initial: TestFlagValues
    private let state: Mutex<Version>

    /// Creates settings that follow no others.
    init(_ values: TestFlagValues) {
        parent = nil
        initial = values
        state = Mutex(Version(0, values, parentNumber: 0))
    }

    /// Creates settings that follow others, and changes them.
    init(inside parent: LiveValues, _ configure: (inout TestFlagValues) throws -> Void) rethrows {
        let around = parent.current
        var values = around.values.withoutChanges
        try configure(&values)
        self.parent = parent
        initial = values
        state = Mutex(Version(0, values, parentNumber: around.number))
    }

    var current: Version {
        guard let around = parent?.current else { return state.withLock { $0 } }
        while true {
            let old = state.withLock { $0 }
            if old.parentNumber >= around.number { return old }
            let new = Version(0, around.values.changed(by: old.values), parentNumber: around.number)
            if let new = replace(old, by: new) { return new }
        }
    }

    /// Changes the settings. The closure is called outside of locks, because it may use these settings itself; it is
    /// called again if they have changed in the meantime.
    ///
    /// - Returns: The new version.
    func update(_ change: (inout TestFlagValues) throws -> Void) rethrows -> Version {
        var attempts = 0
        while true {
            let old = current
            var values = old.values
            try change(&values)
            let new = Version(0, values, parentNumber: old.parentNumber)
            attempts += 1
            // A closure that itself changes the settings would be called again for ever.
            if let new = replace(old, by: new, always: attempts == Self.attempts) { return new }
        }
    }

    func reset() -> Version {
        update { values in values = parent.map { $0.current.values.changed(by: initial) } ?? initial }
    }

    /// Replaces a version by the next one, unless another one has replaced it before.
    private func replace(_ old: Version, by new: Version, always: Bool = false) -> Version? {
        state.withLock { state in
            guard always || state.number == old.number else { return nil }
            var new = new
            new.number = state.number + 1
            // A `String` also equals one with other bytes that looks the same.
            let isSame = new.json.utf8.elementsEqual(state.json.utf8) && new.values.isOutage == state.values.isOutage
            new.configNumber = isSame ? state.configNumber : new.number
            state = new
            return new
        }
    }
}
