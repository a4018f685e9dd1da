import ConfigCatCache
import ConfigCatEvaluation
import Synchronization

/// Performs what the polling state machine decides: timers, cache calls, downloads; and publishes what it holds.
///
/// One lock guards the machine. Under it, the machine decides, and what it decided is published in that order; cache
/// calls, downloads, handlers and log handlers run outside.
final class ConfigService: Sendable {
    typealias Machine = PollingStateMachine<ConfigEntry>

    private struct State {
        var machine: Machine
        var waiters: [Machine.Waiter: CheckedContinuation<RefreshResult, Never>] = [:]
        var nextWaiter: Machine.Waiter = 1
        var readyWaiters: [CheckedContinuation<ClientCacheState, Never>] = []
        var readyState: ClientCacheState?
        var timers: [Timer: Task<Void, Never>] = [:]
        var fetch: Task<Void, Never>?
        var cacheRead: Task<Void, Never>?
        var seen = SharedCache.Seen()
        var hasReadFailed = false
        /// The newest entry that is not in the cache yet.
        var unwritten: (entry: ConfigEntry, isConfirmed: Bool)?
        /// Whether the lease is to be released when all is written.
        var releasesLease = false
        var cacheWrite: Task<Void, Never>?
        var changes: Task<Void, Never>?
    }

    private enum Timer: Hashable { case poll, initWait, cache, lease }

    private let state: Mutex<State>
    private let fetcher: ConfigFetcher
    private let cache: SharedCache?
    private let metrics: ClientMetrics
    private let leaseDuration: Int64
    private let started = ContinuousClock.now
    private let log: EventLogger
    private let clock: WallClock
    private let publisher: SnapshotPublisher

    init(
        settings: Machine.Settings, fetcher: ConfigFetcher, cache: (any ConfigCache)?, cacheKey: String,
        publisher: SnapshotPublisher, log: EventLogger, clock: WallClock
    ) {
        let metrics = ClientMetrics()
        let cache = cache.map { SharedCache($0, key: cacheKey, clock: clock, metrics: metrics) }
        var settings = settings
        settings.hasCache = cache != nil
        settings.hasLeases = cache?.hasLeases ?? false
        state = Mutex(State(machine: Machine(settings)))
        self.fetcher = fetcher
        self.cache = cache
        self.metrics = metrics
        leaseDuration = settings.leaseDuration
        self.publisher = publisher
        self.log = log
        self.clock = clock
    }

    // MARK: - Events

    func start() {
        handle { $0.start(now: $1) }
        guard let changes = cache?.changes else { return }
        let follow = Task { [weak self, metrics, log] in
            for await _ in changes {
                metrics.push()
                log.debug("The cache says that its entry may have changed.")
                self?.handle { $0.cacheChanged(now: $1) }
            }
        }
        state.withLock { state in
            if state.machine.isClosed { follow.cancel() } else { state.changes = follow }
        }
    }
    func setOnline() { handle { $0.setOnline(now: $1) } }
    func setOffline() { handle { $0.setOffline(now: $1) } }
    func close() { handle { machine, _ in machine.close() } }

    var isOffline: Bool { state.withLock { $0.machine.isOffline || $0.machine.isClosed } }

    /// How current the config is at this moment.
    var cacheState: ClientCacheState { state.withLock { $0.machine.cacheState(now: clock.now()) } }

    func refresh() async -> RefreshResult {
        await wait { $0.refreshRequested(by: $1, now: $2) }
    }

    /// In lazy mode, returns when the config is fresh or could not be had.
    func refreshIfExpired() async {
        let needsWait = state.withLock { $0.machine.isExpired(now: clock.now()) || !$0.machine.isReady }
        guard needsWait else { return }
        _ = await wait { $0.valueRequested(by: $1, now: $2) ?? [.resume([$1], .success)] }
    }

    func waitForReady() async -> ClientCacheState {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state -> ClientCacheState? in
                if let ready = state.readyState { return ready }
                if state.machine.isClosed { return state.machine.cacheState(now: clock.now()) }
                state.readyWaiters.append(continuation)
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    private func wait(
        _ event: @escaping @Sendable (inout Machine, Machine.Waiter, Int64) -> [Machine.Action]
    ) async -> RefreshResult {
        let waiter = state.withLock { state in
            defer { state.nextWaiter += 1 }
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { $0.waiters[waiter] = continuation }
                handle { event(&$0, waiter, $1) }
                if Task.isCancelled { handle { machine, _ in machine.waiterLeft(waiter) } }
            }
        } onCancel: {
            handle { machine, _ in machine.waiterLeft(waiter) }
        }
    }

    // MARK: - Actions

    private func handle(_ event: (inout Machine, Int64) -> [Machine.Action]) {
        let now = clock.now()
        let records = state.withLock { state in
            let actions = event(&state.machine, now)
            return actions.compactMap { perform($0, &state) }
        }
        for record in records { log.log(record) }
    }

    /// Performs an action, and returns what is to be logged.
    private func perform(_ action: Machine.Action, _ state: inout State) -> LogRecord? {
        switch action {
        case .readCache(let held, let acceptsOlder):
            let seen = state.seen
            state.cacheRead = Task {
                await self.readCache(held: held, acceptsOlder: acceptsOlder, seen: seen)
            }
        case .startCacheTimer(let delay): start(.cache, delay, &state) { $0.cacheTimerFired(now: $1) }
        case .stopCacheTimer: stop(.cache, &state)
        case .fetch(let held, let id):
            state.fetch = Task {
                let fetched = await self.fetcher.fetch(held: held)
                self.metrics.fetched(fetched.name)
                self.log.debug("Downloaded: \(fetched.name).")
                self.handle { $0.fetchEnded(fetched, id: id, now: $1) }
            }
        case .cancelFetch:
            state.fetch?.cancel()
            state.fetch = nil
        case .writeCache(let entry, let isConfirmed):
            // A whole entry that waits is not to be forgotten for a confirmation of it.
            let isWholeWaiting = state.unwritten.map { !$0.isConfirmed } ?? false
            state.unwritten = (entry, isConfirmed && !isWholeWaiting)
            startWriting(&state)
        case .acquireLease(let id):
            Task(executorPreference: BlockingExecutor.shared) { await self.acquireLease(id: id) }
        case .releaseLease:
            state.releasesLease = true
            startWriting(&state)
        case .startLeaseTimer(let delay): start(.lease, delay, &state) { $0.leaseTimerFired(now: $1) }
        case .stopLeaseTimer: stop(.lease, &state)
        case .hold(let entry, let source, let isNewConfig):
            metrics.entryAge(milliseconds: max(0, clock.now() - max(0, entry.fetchTime)))
            publisher.hold(
                entry, source: source == .cdn ? .cdn : .cache, isNewConfig: isNewConfig,
                cacheState: state.machine.cacheState(now: clock.now()))
        case .becomeReady:
            // With overrides, there may be more than the machine knows of.
            let ready = publisher.becomeReady(cacheState: state.machine.cacheState(now: clock.now()))
            state.readyState = ready
            metrics.ready(after: ContinuousClock.now - started)
            for waiter in state.readyWaiters { waiter.resume(returning: ready) }
            state.readyWaiters = []
        case .startPollTimer(let delay): start(.poll, delay, &state) { $0.pollTimerFired(now: $1) }
        case .stopPollTimer: stop(.poll, &state)
        case .startInitTimer(let delay): start(.initWait, delay, &state) { $0.initTimerFired(now: $1) }
        case .stopInitTimer: stop(.initWait, &state)
        case .resume(let waiters, let result):
            for waiter in waiters { state.waiters.removeValue(forKey: waiter)?.resume(returning: result) }
            if state.machine.isClosed { endWaits(&state) }
        case .log(let record): return record
        }
        return nil
    }

    private func start(
        _ timer: Timer, _ milliseconds: Int64, _ state: inout State,
        _ event: @escaping @Sendable (inout Machine, Int64) -> [Machine.Action]
    ) {
        state.timers[timer]?.cancel()
        state.timers[timer] = Task {
            do {
                try await Task.sleep(for: .milliseconds(milliseconds))
            } catch {
                return
            }
            self.handle(event)
        }
    }

    private func stop(_ timer: Timer, _ state: inout State) {
        state.timers.removeValue(forKey: timer)?.cancel()
    }

    /// A closed client leaves nothing behind.
    private func endWaits(_ state: inout State) {
        state.cacheRead?.cancel()
        state.changes?.cancel()
        state.cacheWrite?.cancel()
        (state.cacheRead, state.changes, state.unwritten) = (nil, nil, nil)
        let ready = state.machine.cacheState(now: clock.now())
        for waiter in state.readyWaiters { waiter.resume(returning: ready) }
        state.readyWaiters = []
    }

    // MARK: - Cache

    private func readCache(held: ConfigEntry?, acceptsOlder: Bool, seen: SharedCache.Seen) async {
        var read = Machine.CacheRead.failed
        var (seen, hasFailed) = (seen, false)
        do {
            read = try await cache?.read(held: held, acceptsOlder: acceptsOlder, seen: &seen) ?? .nothingNew
        } catch is CancellationError {
        } catch {
            hasFailed = true
            metrics.cacheError(.read)
            log.error(2200, "The cache could not be read: \(error).", error)
        }
        let (result, nowSeen, nowFailed) = (read, seen, hasFailed)
        state.withLock { ($0.seen, $0.hasReadFailed) = (nowSeen, nowFailed) }
        handle { $0.cacheRead(result, now: $1) }
    }

    private func acquireLease(id: UInt64) async {
        var lease = Machine.Lease.failed
        do {
            lease = try await cache?.acquireLease(milliseconds: leaseDuration) ?? .failed
            log.debug("Lease: \(lease).")
        } catch {
            metrics.cacheError(.lease)
            let text = "The cache's lease could not be taken: \(error)."
            // Where nothing can be read, that has been told already.
            if state.withLock(\.hasReadFailed) { log.debug(text) } else { log.error(2201, text, error) }
        }
        let answer = lease
        handle { $0.leaseAnswered(answer, id: id, now: $1) }
    }

    /// Writes one entry at a time; while a write runs, only the newest of further entries is kept.
    private func startWriting(_ state: inout State) {
        guard cache != nil, state.cacheWrite == nil else { return }
        state.cacheWrite = Task(executorPreference: BlockingExecutor.shared) { await self.writeEntries() }
    }

    private func writeEntries() async {
        while let step = nextWrite() {
            do {
                guard case .write(let entry, let isConfirmed) = step else {
                    try await cache?.releaseLease()
                    continue
                }
                var seen = state.withLock(\.seen)
                let keptNewer = try await cache?.write(entry, isConfirmed: isConfirmed, seen: &seen) ?? false
                let nowSeen = seen
                state.withLock { $0.seen.text = nowSeen.text }
                if keptNewer { handle { $0.cacheChanged(now: $1) } }
            } catch is CancellationError {
                return
            } catch {
                metrics.cacheError(.write)
                log.error(2201, "The cache could not be written: \(error).", error)
            }
        }
    }

    private enum WriteStep { case write(ConfigEntry, isConfirmed: Bool), releaseLease }

    /// Entries come first: with the lease, others may look for them.
    private func nextWrite() -> WriteStep? {
        state.withLock { state in
            if let next = state.unwritten {
                state.unwritten = nil
                return .write(next.entry, isConfirmed: next.isConfirmed)
            }
            if state.releasesLease {
                state.releasesLease = false
                return .releaseLease
            }
            state.cacheWrite = nil
            return nil
        }
    }
}
