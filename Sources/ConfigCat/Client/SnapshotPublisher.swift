import ConfigCatEvaluation
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Holds the snapshot that evaluations use, and replaces it when the config, the cache state or the default user
/// changes.
///
/// The lock that evaluations take is held only while a setting is found, or a reference is copied. Snapshots are created
/// under another lock, because merging overrides takes time.
final class SnapshotPublisher: Sendable {
    private struct State {
        var remote: ConfigEntry?
        var local: Config?
        /// The result of merging `remote` and `local`.
        var config: Config?
        var defaultUser: ConfigCatUser?
        var cacheState: ClientCacheState
        var origin: ConfigOrigin?
        var isClosed = false
    }

    private let state: Mutex<State>
    private let published: StripedSnapshot
    private let ready = Atomic<Bool>(false)
    /// The version of the last overrides of a test source.
    private let testVersion = Mutex(-1)
    private let behaviour: OverrideBehaviour?
    private let hooks: Hooks
    private let log: EventLogger
    let broadcast: ConfigChangeBroadcast

    init(behaviour: OverrideBehaviour?, defaultUser: ConfigCatUser?, hooks: Hooks, log: EventLogger) {
        self.behaviour = behaviour
        self.hooks = hooks
        self.log = log
        broadcast = ConfigChangeBroadcast {
            log.warning(
                3300, "A sequence of config changes is read more slowly than the config changes, and has missed one.")
        }
        state = Mutex(State(defaultUser: defaultUser, cacheState: .noFlagData))
        published = StripedSnapshot(
            ConfigCatClientSnapshot(
                config: nil, cacheState: .noFlagData, fetchTime: .distantPast, defaultUser: defaultUser, log: log,
                hooks: hooks))
    }

    /// The snapshot that evaluations use.
    var snapshot: ConfigCatClientSnapshot { published.current }

    /// Calls `body` with the snapshot that evaluations use; see ``StripedSnapshot/withCurrent(_:)``.
    @inline(__always)
    func withSnapshot<Result>(_ body: (borrowing ConfigCatClientSnapshot) -> Result) -> Result {
        published.withCurrent(body)
    }

    /// The snapshot that evaluations use in a forked process. Reading it waits for no lock. A forked process does not
    /// refresh its config, so the cache state is never up to date.
    var snapshotAfterFork: ConfigCatClientSnapshot {
        guard let held = published.available else {
            return ConfigCatClientSnapshot(
                config: nil, cacheState: .noFlagData, fetchTime: .distantPast, defaultUser: nil, log: log)
        }
        return held.copy(
            cacheState: held.cacheState == .hasUpToDateFlagData ? .hasCachedFlagDataOnly : held.cacheState)
    }

    /// Whether evaluations need not wait for the first config.
    var isReady: Bool { ready.load(ordering: .acquiring) }

    // MARK: - Changes

    /// Publishes a config. The caller then calls `broadcast.deliver()` without holding a lock, which gives the change
    /// to the sequences of changes.
    func publish(_ entry: ConfigEntry, source: ConfigChange.Source, isNewConfig: Bool, cacheState: ClientCacheState) {
        update(isNewConfig ? source : nil) { state in
            state.remote = entry
            state.cacheState = cacheState
        }
    }

    func publish(local: Config) {
        update(.override) { $0.local = local }
        broadcast.deliver()
    }

    /// Publishes the overrides of a test source, unless newer ones were published. Nil stands for an outage.
    ///
    /// - Returns: True: the publisher follows the next changes too.
    func publish(local: Config?, version: Int) -> Bool {
        let isNew = testVersion.withLock { last in
            guard version > last else { return false }
            last = version
            update(.override) { $0.local = local }
            return true
        }
        if isNew { broadcast.deliver() }
        return true
    }

    /// Returns a snapshot of the flags of one test; nil stands for an outage.
    func snapshot(ofTest config: Config?) -> ConfigCatClientSnapshot {
        ConfigCatClientSnapshot(
            config: config, cacheState: config == nil ? .noFlagData : .hasLocalOverrideFlagDataOnly,
            fetchTime: .distantPast, defaultUser: state.withLock(\.defaultUser), log: log, hooks: hooks,
            origin: config.map { _ in ConfigOrigin(source: .override, eTag: "") })
    }

    func set(defaultUser: ConfigCatUser?) {
        update(nil) { $0.defaultUser = defaultUser }
    }

    /// Lets evaluations proceed, and calls the ready handlers.
    ///
    /// - Returns: The cache state, overrides included.
    func becomeReady(cacheState: ClientCacheState) -> ClientCacheState {
        update(nil) { $0.cacheState = cacheState }
        let snapshot = snapshot
        ready.store(true, ordering: .releasing)
        hooks.fireReady(snapshot)
        return snapshot.cacheState
    }

    /// Ends all changes. A closed client evaluates the last config.
    func close() {
        state.withLock { $0.isClosed = true }
        ready.store(true, ordering: .releasing)
        broadcast.finish()
    }

    /// Changes the state and publishes a new snapshot. The source is nil if the config stays.
    private func update(_ source: ConfigChange.Source?, _ change: (inout State) -> Void) {
        state.withLock { state in
            if state.isClosed, source != nil { return }
            let previous = state.config
            change(&state)
            if let source {
                state.origin = ConfigOrigin(source: source, eTag: state.remote?.eTag ?? "")
                state.config =
                    behaviour?.settings(local: state.local, remote: state.remote?.config) ?? state.remote?.config
            }
            let snapshot = ConfigCatClientSnapshot(
                config: state.config, cacheState: visibleState(state),
                fetchTime: state.remote.map { Date(timeIntervalSince1970: Double($0.time.fetchTime) / 1000) }
                    ?? .distantPast,
                defaultUser: state.defaultUser, log: log, hooks: hooks, origin: state.origin)
            published.set(snapshot)
            guard let source, let config = state.config else { return }
            hooks.fireConfigChanged(config, snapshot)
            broadcast.add(
                ConfigChange(
                    config: config, source: source, eTag: state.remote?.eTag ?? "",
                    changedKeys: config.changedKeys(from: previous), snapshot: snapshot))
        }
    }

    private func visibleState(_ state: State) -> ClientCacheState {
        state.remote == nil && state.local != nil ? .hasLocalOverrideFlagDataOnly : state.cacheState
    }
}
