import ConfigCatCache
import Synchronization

/// Records the events from which a client's health is computed, on any thread.
final class HealthRecorder: Sendable {
    private struct State {
        var record = HealthRecord()
        /// Whether the CDN refused the last request. The entry that is published after a refusal is not confirmed by
        /// the CDN.
        var isRefused = false
    }

    private let state = Mutex(State())
    private let forked = ForkedValue<Kept>()
    private let offline: Atomic<Bool>
    private let sdkKey: SDKKey
    private let host: HostRuntime

    init(sdkKey: SDKKey, isOffline: Bool, host: HostRuntime) {
        self.sdkKey = sdkKey
        self.host = host
        offline = Atomic(isOffline)
    }

    // MARK: - Events

    func becameReady() { state.withLock { $0.record.becameReady() } }
    func set(isOffline: Bool) { offline.store(isOffline, ordering: .relaxed) }
    func listens(_ isListening: Bool) { state.withLock { $0.record.listens(isListening) } }
    func cacheRead(error: String? = nil) { note(error) { $0.cacheRead($1) } }
    func cacheWritten(error: String? = nil) { note(error) { $0.cacheWritten($1) } }

    private func note(_ error: String?, _ event: (inout HealthRecord, String?) -> Void) {
        let error = error.map(sdkKey.masked)
        state.withLock { event(&$0.record, error) }
    }

    /// Records how a download ended. A config that it returned is recorded when it is published.
    func fetched(_ outcome: ConfigFetcher.Outcome) {
        let now = host.now()
        state.withLock { state in
            switch outcome {
            case .entry, .notModified: state.isRefused = false
            case .refused(let result, _):
                state.isRefused = true
                state.record.downloadFailed(result, now: now)
            case .failed(let result):
                // A download that was cancelled has not failed.
                if !Task.isCancelled { state.record.downloadFailed(result, now: now) }
            }
        }
    }

    /// Records that a config was published or confirmed.
    ///
    /// - Returns: When the CDN was asked for the config, in Unix milliseconds; nil after a refusal, which confirms
    ///   nothing.
    func published(_ time: EntryTime, _ source: ConfigService.Machine.Source) -> Int64? {
        let (now, wall) = (host.now(), host.wall())
        return state.withLock { state in
            if source == .cdn, state.isRefused { return nil }
            state.record.synced(source == .cdn ? .cdn : .cache, asked: time.instant, now: now)
            return wall.subtractingClamped(now.subtractingClamped(time.instant))
        }
    }

    // MARK: - State

    private final class Kept: Sendable {
        let record: HealthRecord
        init(_ record: HealthRecord) { self.record = record }
    }

    /// The record in a forked process, which nothing changes. It is empty if a thread of the parent held the lock at
    /// the fork.
    private var recordAfterFork: HealthRecord {
        forked.get { Kept(state.withLockIfAvailable(\.record) ?? HealthRecord()) }.value.record
    }

    /// Returns the health of a client in its present state. It also counts as offline if ``set(isOffline:)`` has said
    /// so.
    func health(_ present: HealthRecord.Present) -> ClientHealth {
        var present = present
        present.isOffline = present.isOffline || offline.load(ordering: .relaxed)
        let record = present.isForked ? recordAfterFork : state.withLock(\.record)
        return record.health(present, now: host.now())
    }
}
