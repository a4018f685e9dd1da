public import ConfigCat
public import ConfigCatEvaluation
import Foundation
import Synchronization

/// Flags that tests change, and that real clients evaluate without a network.
///
///     let flags = TestFlags { $0[.newCheckout] = true }
///     let client = try flags.client()
///     flags.set(.searchEngine, to: "vector", where: .email(endsWith: "@example.com"))
///
/// When a method that changes the flags returns, all clients evaluate the new ones, and their hooks and `configChanges`
/// follow. A snapshot that was taken before stays as it is.
///
/// A test with the trait `flags`, or inside `withFlags`, has values of its own: the methods then change
/// these, and only this test sees them. Its tasks know the test by a task-local value, which detached tasks, dispatch
/// queues and the connections of a real server do not inherit: they evaluate the values that all tests share. Changes of
/// one test's values reach evaluations and snapshots, but not hooks and `configChanges`, which belong to all tests.
public final class TestFlags: TestOverrideDataSource {
    private struct Followers {
        var nextID = 0
        var all: [Int: @Sendable (Config?, Int) -> Bool] = [:]
    }

    /// The flags that the trait and `withFlags` use if they are given no others. Parallel tests share
    /// them, so only a test that has values of its own can change them; ``setDefaults(_:)`` changes them for all.
    public static let shared = TestFlags(isShared: true, TestFlagValues())

    private let isShared: Bool
    private let base: LiveValues
    private let followers = Mutex(Followers())

    /// Creates flags without settings.
    public convenience init() { self.init(isShared: false, TestFlagValues()) }

    /// Creates flags.
    ///
    /// - Parameter configure: A closure that sets the first values.
    /// - Throws: Any error that the closure throws.
    public convenience init(_ configure: (inout TestFlagValues) throws -> Void) rethrows {
        var values = TestFlagValues()
        try configure(&values)
        self.init(isShared: false, values)
    }

    private init(isShared: Bool, _ values: TestFlagValues) {
        self.isShared = isShared
        base = LiveValues(values)
    }

    /// Creates a client that evaluates these flags. It needs no SDK key and no network, and need not be closed.
    ///
    /// - Returns: The client, which is ready. It is not registered: `ConfigCatClient.get` does not return it.
    public func client() -> ConfigCatClient { client { _ in } }

    /// Creates a client that evaluates these flags, with options that a closure sets. It needs no SDK key and no network, and need not be closed.
    ///
    /// - Parameter configure: A closure that sets options, such as handlers, a logger or a default user. Those that
    ///   concern downloads and caches have no effect.
    /// - Returns: The client, which is ready. It is not registered: `ConfigCatClient.get` does not return it.
    /// - Throws: Any error that the closure throws.
    public func client(_ configure: (inout ConfigCatOptions) throws -> Void) rethrows -> ConfigCatClient {
        var options = ConfigCatOptions()
        try configure(&options)
        options.flagOverrides = self
        do {
            let key = try SDKKey("test-flags", isProxyAllowed: false, isLocalOnly: true)
            let client = try ConfigCatClient(sdkKey: key, options: options)
            client.start()
            return client
        } catch {
            preconditionFailure("A client that downloads nothing has no invalid options, but: \(error)")
        }
    }

    /// The settings as the calling task sees them.
    public var values: TestFlagValues { live.current.values }

    /// The settings of the innermost test that the calling task belongs to; of all tests, if it belongs to none.
    var live: LiveValues { TestScope.current(of: self)?.values ?? base }

    // MARK: - Changing

    /// Makes several changes at once, which clients see as one.
    ///
    /// - Parameter change: A closure that changes the settings. It is called again if another task has changed them in
    ///   the meantime.
    /// - Throws: Any error that the closure throws; then nothing changes.
    public func update(_ change: (inout TestFlagValues) throws -> Void) rethrows {
        if let scope = TestScope.current(of: self) {
            _ = try scope.values.update(change)
        } else if isShared {
            Misuse.report(
                "TestFlags.shared was changed outside of a test with flags of its own, so nothing has changed: parallel "
                    + "tests would see it. Add the trait .flags to the test or its suite, call withFlags, or use "
                    + "TestFlags.shared.setDefaults for values of all tests.")
        } else {
            publish(try base.update(change))
        }
    }

    /// Changes the values that all tests share. Call it once, for example where the shared client is created. Tests that
    /// are running see the change too, except for settings that they have set themselves.
    ///
    /// - Parameter change: A closure that changes the settings. It is called again if another task has changed them in
    ///   the meantime.
    /// - Throws: Any error that the closure throws; then nothing changes.
    public func setDefaults(_ change: (inout TestFlagValues) throws -> Void) rethrows {
        publish(try base.update(change))
    }

    /// Sets the flags back to their values after ``init(_:)``; in a test with values of its own, to the test's first
    /// values.
    public func reset() {
        if let scope = TestScope.current(of: self) {
            _ = scope.values.reset()
        } else if isShared {
            update { _ in }
        } else {
            publish(base.reset())
        }
    }

    /// Gives clients a version. They ignore one that they have had; a version that has not changed anything is published
    /// too, because the task that made the last change may not have published it yet.
    private func publish(_ version: LiveValues.Version) {
        for (id, follower) in followers.withLock(\.all) where !follower(version.config, version.configNumber) {
            followers.withLock { $0.all[id] = nil }
        }
    }

    // MARK: - The source of overrides

    /// The behaviour: clients evaluate these flags only.
    public var behaviour: OverrideBehaviour { .localOnly }

    /// Returns the flags as the calling task sees them.
    ///
    /// - Returns: The config; an empty one in an outage.
    public func overrides() -> Config { live.current.config ?? Config(values: [:]) }

    package var overridesOfTask: TestOverrides {
        TestScope.current(of: self).map { .own($0.values.current.config) } ?? .published
    }

    package func attach(_ publish: @escaping @Sendable (Config?, Int) -> Bool) {
        followers.withLock { followers in
            followers.nextID += 1
            followers.all[followers.nextID] = publish
        }
        // A newer version may have been published since; the client ignores this one then.
        let version = base.current
        _ = publish(version.config, version.configNumber)
    }

    /// Whether a client was ever created with these flags.
    var hasHadClient: Bool { followers.withLock { $0.nextID > 0 } }
}

// MARK: - Single changes

extension TestFlags {
    /// Sets the value of a declared setting for all users, and removes its rules.
    public func set<Value: TestFlagValue>(_ flag: FeatureFlag<Value>, to value: Value) {
        update { $0.set(flag, to: value) }
    }

    /// Sets the value of a setting for all users, and removes its rules.
    public func set<Value: TestFlagValue>(_ key: String, to value: Value) { update { $0.set(key, to: value) } }

    /// Adds a targeting rule to a declared setting.
    ///
    /// - Parameters:
    ///   - flag: The setting.
    ///   - value: The value for users who meet all conditions.
    ///   - conditions: The conditions. Rules apply in the order in which they were added; one with the same conditions
    ///     as an earlier one replaces it.
    ///   - otherwise: The value for users to whom no rule applies. If nil, it stays; a new setting has the flag's default
    ///     value.
    public func set<Value: TestFlagValue>(
        _ flag: FeatureFlag<Value>, to value: Value, where conditions: TestFlagCondition..., otherwise: Value? = nil
    ) {
        update { $0.add(flag.key, value, conditions, otherwise, flag.defaultValue) }
    }

    /// Adds a targeting rule to a setting.
    ///
    /// - Parameters:
    ///   - key: The setting's key.
    ///   - value: The value for users who meet all conditions.
    ///   - conditions: The conditions. Rules apply in the order in which they were added; one with the same conditions
    ///     as an earlier one replaces it.
    ///   - otherwise: The value for users to whom no rule applies. If nil, it stays; a new setting has `false`, an empty
    ///     string or 0.
    public func set<Value: TestFlagValue>(
        _ key: String, to value: Value, where conditions: TestFlagCondition..., otherwise: Value? = nil
    ) {
        update { $0.add(key, value, conditions, otherwise, nil) }
    }

    /// Gives shares of all users different values of a declared setting. Its rules stay.
    ///
    /// - Parameters:
    ///   - flag: The setting.
    ///   - percentages: The shares in percent, from 0 to 100, which add up to 100, and their values.
    ///   - attribute: The user attribute to choose by; the identifier if nil.
    /// - Throws: ``TestFlagsError`` if the percentages do not add up to 100, or one is negative.
    public func set<Value: TestFlagValue>(
        _ flag: FeatureFlag<Value>, percentages: [(percentage: Double, value: Value)], by attribute: String? = nil
    ) throws {
        try update { try $0.set(flag, percentages: percentages, by: attribute) }
    }

    /// Gives shares of all users different values of a setting. Its rules stay.
    ///
    /// - Parameters:
    ///   - key: The setting's key.
    ///   - percentages: The shares in percent, from 0 to 100, which add up to 100, and their values.
    ///   - attribute: The user attribute to choose by; the identifier if nil.
    /// - Throws: ``TestFlagsError`` if the percentages do not add up to 100, or one is negative.
    public func set<Value: TestFlagValue>(
        _ key: String, percentages: [(percentage: Double, value: Value)], by attribute: String? = nil
    ) throws {
        try update { try $0.set(key, percentages: percentages, by: attribute) }
    }

    /// Sets all Boolean settings that there are, and removes their rules. Settings of other types stay.
    public func setAll(to value: Bool) { update { $0.setAll(to: value) } }

    /// Sets declared Boolean settings.
    public func setAll(_ flags: [FeatureFlag<Bool>], to value: Bool) { update { $0.setAll(flags, to: value) } }

    /// Removes a declared setting. Its evaluation then fails with `settingKeyMissing`.
    public func remove<Value>(_ flag: FeatureFlag<Value>) { update { $0.remove(flag) } }

    /// Removes a setting. Its evaluation then fails with `settingKeyMissing`.
    public func remove(_ key: String) { update { $0.remove(key) } }

    /// Replaces all settings by those of a config file.
    ///
    /// - Parameter path: The path of a file with config JSON, v6 or v5, or with plain values: `{"flags": {key: value}}`.
    /// - Throws: `OverrideError` if the file is absent, unreadable, not JSON or not a config; ``TestFlagsError`` if it
    ///   compares SHA-1 hashes of config JSON v5.
    public func load(contentsOfFile path: String) throws { try update { try $0.load(contentsOfFile: path) } }

    /// Begins an outage: evaluations find no config. They return the default value, with the error code
    /// `configJsonNotAvailable`, as in a process that has never reached the CDN.
    public func startOutage() { update { $0.isOutage = true } }

    /// Ends an outage. The settings are as they were, with the changes since then.
    public func endOutage() { update { $0.isOutage = false } }
}
