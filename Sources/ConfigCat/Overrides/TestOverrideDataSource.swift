package import ConfigCatEvaluation

/// A source of overrides for tests. It reports its changes itself, and may have other overrides for some tasks. Its
/// behaviour is `localOnly`.
package protocol TestOverrideDataSource: OverrideDataSource {
    /// The overrides that the calling task evaluates.
    var overridesOfTask: TestOverrides { get }

    /// Publishes the current overrides, and each change before the call that makes it returns.
    ///
    /// - Parameter publish: Publishes overrides, of which nil stands for an outage. It may be called by several threads
    ///   at once, and ignores a version that is lower than one it has had. It returns false if it is needed no longer.
    func attach(_ publish: @escaping @Sendable (_ overrides: Config?, _ version: Int) -> Bool)
}

/// The overrides that a task evaluates.
package enum TestOverrides: Sendable {
    /// Those that the client has published.
    case published
    /// Its own; nil for an outage.
    case own(Config?)
}
