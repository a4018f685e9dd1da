package import ConfigCat
package import ConfigCatEvaluation
import Synchronization

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// One config that the server serves: what its source has, with the overrides laid over it.
package final class ServedConfig: Sendable {
    /// Where a config comes from.
    package enum Origin: Sendable, Hashable {
        /// A file, by its path.
        case file(path: String)
        /// A client, by its SDK key.
        case client(sdkKey: String)
    }

    /// The result of a synchronization.
    package struct SyncResult: Sendable, Equatable {
        /// Nil if the config is as new as its source's.
        package var error: String?
    }

    private struct State {
        var upstream: Config?
        var fetchTime: Date?
        var overrides = OverrideSet()
        var document: ServedDocument?
        var problem: String?
    }

    /// The name in paths and options.
    package let id: String
    package let origin: Origin
    package let journal = RequestJournal()

    private let state = Mutex(State())
    /// Held while a version is made, so that versions are published in their order.
    private let publishing = Mutex(())
    private let events: ServingEvents
    private let synchronizer = Mutex<(@Sendable () async -> SyncResult)?>(nil)
    private let health = Mutex<(@Sendable () -> ClientHealth)?>(nil)

    package init(id: String, origin: Origin, events: ServingEvents) {
        self.id = id
        self.origin = origin
        self.events = events
    }

    /// The file's path, or the SDK key with its middle masked.
    package var name: String {
        switch origin {
        case .file(let path): path
        case .client(let sdkKey): sdkKey.count > 8 ? "\(sdkKey.prefix(4))…\(sdkKey.suffix(4))" : "…"
        }
    }

    // MARK: - Reading

    /// The version that is served; nil while there is no data.
    package var document: ServedDocument? { state.withLock(\.document) }
    /// The config without overrides; nil while there is no data.
    package var upstream: Config? { state.withLock(\.upstream) }
    package var overrides: OverrideSet { state.withLock(\.overrides) }
    /// What is served and why, all at the same moment.
    package var view: (document: ServedDocument?, upstream: Config?, overrides: OverrideSet) {
        state.withLock { ($0.document, $0.upstream, $0.overrides) }
    }
    /// When the config was downloaded or read.
    package var fetchTime: Date? { state.withLock(\.fetchTime) }
    /// Why the source's config cannot be read now; nil if it can.
    package var problem: String? { state.withLock(\.problem) }

    // MARK: - Changing

    /// Publishes the config of the source.
    package func publish(upstream: Config, at time: Date) {
        publishing.withLock { _ in
            let isSame = state.withLock { state in
                state.fetchTime = time
                return state.upstream?.isSameDocument(as: upstream) ?? false
            }
            setProblem(nil)
            if !isSame { publish(upstream, nil) }
        }
    }

    /// Replaces the overrides.
    package func publish(overrides: OverrideSet) {
        publishing.withLock { _ in
            let isSame = state.withLock { $0.overrides == overrides }
            guard !isSame else { return }
            publish(nil, overrides)
            events.send(.overrides(id: id))
        }
    }

    /// Records why the source's config cannot be read. What is held is still served.
    package func report(problem: String) { publishing.withLock { _ in setProblem(problem) } }

    private func setProblem(_ problem: String?) {
        let isNew = state.withLock { state in
            defer { state.problem = problem }
            return state.problem != problem
        }
        if isNew { events.send(.problem(id: id, problem)) }
    }

    /// Makes a version of a new upstream config or new overrides.
    private func publish(_ newUpstream: Config?, _ newOverrides: OverrideSet?) {
        let (held, heldOverrides, last) = state.withLock { ($0.upstream, $0.overrides, $0.document) }
        let overrides = newOverrides ?? heldOverrides
        guard let upstream = newUpstream ?? held else { return state.withLock { $0.overrides = overrides } }
        do {
            let overlaid = OverlaidDocument(try UpstreamDocument(upstream), overrides: overrides)
            let document = try ServedDocument(json: overlaid.json.json, number: (last?.number ?? 0) + 1)
            let isSame = last?.config.isSameDocument(as: document.config) ?? false
            state.withLock { state in
                state.upstream = upstream
                state.overrides = overrides
                if !isSame { state.document = document }
            }
            guard !isSame else { return }
            events.send(
                .config(
                    id: id, eTag: document.eTag, version: document.number,
                    changedKeys: document.config.changedKeys(from: last?.config)))
        } catch {
            setProblem("the config cannot be served: \(error)")
        }
    }

    // MARK: - Health

    /// How well the client keeps the config fresh; nil for a file.
    package var clientHealth: ClientHealth? { health.withLock { $0 }?() }

    /// Sets how the client's health is read.
    package func setHealth(_ read: @escaping @Sendable () -> ClientHealth) { health.withLock { $0 = read } }

    // MARK: - Synchronizing

    /// Sets how the config is fetched again.
    package func setSynchronizer(_ synchronize: @escaping @Sendable () async -> SyncResult) {
        synchronizer.withLock { $0 = synchronize }
    }

    /// Fetches the config again.
    package func synchronize() async -> SyncResult {
        guard let synchronize = synchronizer.withLock({ $0 }) else {
            return SyncResult(error: "the server is starting or ending")
        }
        return await synchronize()
    }
}
