import ConfigCatCache
import ConfigCatEvaluation
import Synchronization

/// Performs the actions of the polling state machine: timers, cache calls, downloads, and publishing the config.
///
/// One lock guards the machine. Events are handled and configs are published under the lock, so that their order is the
/// same. Cache calls, downloads, handlers and log handlers run outside it.
final class ConfigService: Sendable {
    typealias Machine = PollingStateMachine<ConfigEntry>

    private struct State {
        var machine: Machine
        var nextWaiter: Machine.Waiter = 1
        var waiters: [Machine.Waiter: CheckedContinuation<RefreshResult, Never>] = [:]
        var readyWaiters: [Machine.Waiter: CheckedContinuation<ClientCacheState, Never>] = [:]
        var readyState: ClientCacheState?
        var timers: [Timer: (id: UInt64, task: Task<Void, Never>)] = [:]
        var fetch: Task<Void, Never>?
        var cacheRead: Task<Void, Never>?
        var changes: Task<Void, Never>?
        var seen = SeenEntry()
        var hasReadFailed = false

        mutating func takeWaiter() -> Machine.Waiter {
            defer { nextWaiter += 1 }
            return nextWaiter
        }
    }

    private enum Timer: Hashable { case poll, initWait, cache, lease }

    private let state: Mutex<State>
    private let tasks: TaskTracker
    private let fetcher: ConfigFetcher
    private let cache: SharedCache?
    private let writer: CacheWriter?
    private let metrics: ClientMetrics
    private let settings: Machine.Settings
    private let created: Int64
    private let log: EventLogger
    private let host: HostRuntime
    private let publisher: SnapshotPublisher
    private let health: HealthRecorder
    private let tracing: OperationTracing

    init(
        settings: Machine.Settings, fetcher: ConfigFetcher, cache: (any ConfigCache)?, cacheKey: String,
        publisher: SnapshotPublisher, log: EventLogger, health: HealthRecorder,
        tracing: OperationTracing = OperationTracing(), host: HostRuntime
    ) {
        let metrics = ClientMetrics()
        let tasks = TaskTracker(host)
        let cache = cache.map { SharedCache($0, key: cacheKey, host: host, metrics: metrics, tracing: tracing) }
        var settings = settings
        settings.hasCache = cache != nil
        settings.hasLeases = cache?.hasLeases ?? false
        state = Mutex(State(machine: Machine(settings, random: host.generator)))
        writer = cache.map { CacheWriter($0, tasks: tasks, metrics: metrics, log: log, health: health) }
        self.tasks = tasks
        self.fetcher = fetcher
        self.cache = cache
        self.metrics = metrics
        self.settings = settings
        self.publisher = publisher
        self.log = log
        self.health = health
        self.tracing = tracing
        self.host = host
        created = host.now()
        writer?.setHandler { [weak self] in self?.written($0) }
    }

    // MARK: - Life

    func start() { tracing.withoutRequest { begin() } }

    private func begin() {
        handle { $0.start(now: $1) }
        guard let changes = cache?.changes else { return }
        state.withLock { state in
            guard !state.machine.isClosed else { return }
            health.listens(true)
            state.changes = tasks.run { [weak self, metrics, log, health] in
                for await _ in changes {
                    metrics.push()
                    log.debug("The cache says that its entry may have changed.")
                    self?.handle { $0.cacheChanged(now: $1) }
                }
                health.listens(false)
            }
        }
    }

    /// Ends all work. In the background, waiting entries are written to the cache, and the lease is released.
    func close() {
        handle { machine, _ in machine.close() }
        writer?.releaseLease()
    }

    /// Waits until a closed client has no task, no write and no lease. If the cache hangs, the wait ends after the
    /// cache timeout, and the last write is dropped.
    func waitUntilClosed() async {
        if await tasks.waitUntilIdle(atMost: .milliseconds(settings.cacheTimeout)) || Task.isCancelled { return }
        guard writer?.abandon() ?? false else { return }
        let message = "The last write to the cache did not end within \(settings.cacheTimeout) ms; it may be lost."
        health.cacheWritten(error: message)
        log.error(2201, message)
    }

    // MARK: - Events

    func setOnline() { handle { $0.setOnline(now: $1) } }
    func setOffline() { handle { $0.setOffline(now: $1) } }

    var isOffline: Bool { state.withLock { $0.machine.isOffline || $0.machine.isClosed } }

    /// Whether the cache has change signals, and receives them at this moment; nil if there is no cache.
    var cacheKind: HealthRecord.CacheKind? { cache?.kind }

    /// How current the config is at this moment.
    var cacheState: ClientCacheState { state.withLock { $0.machine.cacheState(now: host.now()) } }

    /// Performs a cycle that downloads. If the task is cancelled, the method returns at once, and the download
    /// continues.
    func refresh() async -> RefreshResult {
        await wait { $0.refreshRequested(by: $1, now: $2) }
    }

    /// In lazy mode, waits until the config is fresh, its download has failed, or the task is cancelled.
    func refreshIfExpired() async {
        let needsWait = state.withLock { $0.machine.isExpired(now: host.now()) || !$0.machine.isReady }
        guard needsWait else { return }
        _ = await wait { $0.valueRequested(by: $1, now: $2) ?? [.resume([$1], .success)] }
    }

    private func wait(
        _ event: @escaping @Sendable (inout Machine, Machine.Waiter, Int64) -> [Machine.Action]
    ) async -> RefreshResult {
        let waiter = state.withLock { $0.takeWaiter() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { $0.waiters[waiter] = continuation }
                handle { event(&$0, waiter, $1) }
                if Task.isCancelled { handle { machine, _ in machine.waiterCancelled(waiter) } }
            }
        } onCancel: {
            handle { machine, _ in machine.waiterCancelled(waiter) }
        }
    }

    /// Waits until the client is ready or closed, or the task is cancelled.
    func waitForReady() async -> ClientCacheState {
        let waiter = state.withLock { $0.takeWaiter() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known = state.withLock { state -> ClientCacheState? in
                    if let ready = state.readyState { return ready }
                    if state.machine.isClosed { return state.machine.cacheState(now: host.now()) }
                    state.readyWaiters[waiter] = continuation
                    return nil
                }
                if let known { continuation.resume(returning: known) }
                if Task.isCancelled { stopWaitingForReady(waiter) }
            }
        } onCancel: {
            stopWaitingForReady(waiter)
        }
    }

    private func stopWaitingForReady(_ waiter: Machine.Waiter) {
        let (continuation, cacheState) = state.withLock { state in
            (state.readyWaiters.removeValue(forKey: waiter), state.machine.cacheState(now: host.now()))
        }
        continuation?.resume(returning: cacheState)
    }

    // MARK: - Actions

    private func handle(_ event: (inout Machine, Int64) -> [Machine.Action]) {
        perform { event(&$0.machine, $1) }
    }

    /// Handles an event, and performs the actions that it leads to. Effects that may call other code at once, such as
    /// the cancellation of a task, follow after the lock has been released.
    private func perform(_ event: (inout State, Int64) -> [Machine.Action]) {
        let effects = state.withLock { state in
            // The clock is read under the lock, so that the machine gets times in order.
            let actions = event(&state, host.now())
            var effects: [() -> Void] = []
            for action in actions { perform(action, &state, &effects) }
            health.set(isOffline: state.machine.isOffline)
            if state.machine.isClosed { endWaits(&state, &effects) }
            return effects
        }
        for effect in effects { effect() }
    }

    private func perform(_ action: Machine.Action, _ state: inout State, _ effects: inout [() -> Void]) {
        switch action {
        case .readCache(let held, let acceptsOlder):
            let seen = state.seen
            state.cacheRead = tasks.run {
                await self.readCache(held: held, acceptsOlder: acceptsOlder, seen: seen)
            }
        case .fetch(let held, let id, let store):
            state.fetch = tasks.run {
                let fetched = await self.fetcher.fetch(held: held, store: store)
                self.metrics.fetched(fetched.name)
                self.health.fetched(fetched)
                self.log.debug("Downloaded: \(fetched.name).")
                self.handle { $0.fetchEnded(fetched, id: id, now: $1) }
            }
        case .cancelFetch: cancel(&state.fetch, &effects)
        case .writeCache(let write): writer?.add(write)
        case .acquireLease(let id): tasks.run(mayBlock: true) { await self.acquireLease(id: id) }
        case .releaseLease: writer?.releaseLease()
        case .publish(let entry, let source, let isNewConfig):
            let now = host.now()
            let syncTime = health.published(entry.time, source)
            effects.append { [metrics, publisher] in
                metrics.entryAge(milliseconds: max(0, now.subtractingClamped(entry.time.instant)))
                if let syncTime { metrics.synced(at: syncTime) }
                publisher.broadcast.deliver()
            }
            publisher.publish(
                entry, source: source == .cdn ? .cdn : .cache, isNewConfig: isNewConfig,
                cacheState: state.machine.cacheState(now: now))
        case .becomeReady:
            let now = host.now()
            // The publisher returns another state than the machine's if there are overrides.
            let ready = publisher.becomeReady(cacheState: state.machine.cacheState(now: now))
            state.readyState = ready
            health.becameReady()
            effects.append { [metrics, created] in metrics.ready(after: .milliseconds(now - created)) }
            resumeReadyWaiters(&state, returning: ready, &effects)
        case .startPollTimer(let delay): start(.poll, delay, &state, &effects) { $0.pollTimerFired(now: $1) }
        case .stopPollTimer: stop(.poll, &state, &effects)
        case .startInitTimer(let delay): start(.initWait, delay, &state, &effects) { $0.initTimerFired(now: $1) }
        case .stopInitTimer: stop(.initWait, &state, &effects)
        case .startCacheTimer(let delay): start(.cache, delay, &state, &effects) { $0.cacheTimerFired(now: $1) }
        case .stopCacheTimer: stop(.cache, &state, &effects)
        case .startLeaseTimer(let delay): start(.lease, delay, &state, &effects) { $0.leaseTimerFired(now: $1) }
        case .stopLeaseTimer: stop(.lease, &state, &effects)
        case .resume(let waiters, let result):
            let resumed = waiters.compactMap { state.waiters.removeValue(forKey: $0) }
            effects.append { for waiter in resumed { waiter.resume(returning: result) } }
        case .log(let record):
            // The machine reports a cache that does not answer in time with event 2200.
            if record.id == 2200 { health.cacheRead(error: record.message) }
            effects.append { [log] in log.log(record) }
        }
    }

    private func start(
        _ timer: Timer, _ milliseconds: Int64, _ state: inout State, _ effects: inout [() -> Void],
        _ event: @escaping @Sendable (inout Machine, Int64) -> [Machine.Action]
    ) {
        stop(timer, &state, &effects)
        let id = state.takeWaiter()
        let task = tracing.withoutRequest {
            tasks.run {
                do {
                    try await self.host.sleep(.milliseconds(milliseconds))
                } catch {
                    return
                }
                // A timer that was stopped at the last moment must not act for its successor.
                self.perform { state, now in state.timers[timer]?.id == id ? event(&state.machine, now) : [] }
            }
        }
        state.timers[timer] = (id, task)
    }

    private func stop(_ timer: Timer, _ state: inout State, _ effects: inout [() -> Void]) {
        var task = state.timers.removeValue(forKey: timer)?.task
        cancel(&task, &effects)
    }

    /// Cancels a task after the lock has been released, because cancellation handlers may call the client.
    private func cancel(_ task: inout Task<Void, Never>?, _ effects: inout [() -> Void]) {
        guard let cancelled = task else { return }
        task = nil
        effects.append { cancelled.cancel() }
    }

    /// Ends the waits and reads of a closed client.
    private func endWaits(_ state: inout State, _ effects: inout [() -> Void]) {
        cancel(&state.cacheRead, &effects)
        cancel(&state.changes, &effects)
        resumeReadyWaiters(&state, returning: state.machine.cacheState(now: host.now()), &effects)
    }

    /// Resumes waiters after the lock has been released. Resuming a task takes the task's lock, and a cancellation of
    /// the task may hold that lock while it waits for this one.
    private func resumeReadyWaiters(
        _ state: inout State, returning cacheState: ClientCacheState, _ effects: inout [() -> Void]
    ) {
        let resumed = state.readyWaiters.sorted { $0.key < $1.key }.map(\.value)
        state.readyWaiters = [:]
        effects.append { for waiter in resumed { waiter.resume(returning: cacheState) } }
    }

    // MARK: - Cache

    private func readCache(held: ConfigEntry?, acceptsOlder: Bool, seen: SeenEntry) async {
        var read = Machine.CacheRead(.failed)
        var (seen, hasFailed) = (seen, false)
        do {
            if let cache { read = try await cache.read(held: held, acceptsOlder: acceptsOlder, seen: &seen) }
            // Unreadable content throws only once. Until it is replaced, later reads fail without an error.
            if !read.hasFailed { health.cacheRead() }
        } catch {
            hasFailed = true
            // A closed client cancels its reads.
            if !Task.isCancelled {
                metrics.cacheError(.read)
                health.cacheRead(error: "\(error)")
                log.error(2200, "The cache could not be read: \(error).", error)
            }
        }
        let (result, nowSeen, nowFailed) = (read, seen, hasFailed)
        state.withLock { ($0.seen, $0.hasReadFailed) = (nowSeen, nowFailed) }
        handle { $0.cacheRead(result, now: $1) }
    }

    private func written(_ outcome: SharedCache.WriteOutcome) {
        switch outcome {
        case .written(let header, let time, let text):
            state.withLock { state in
                state.seen.written(header, time)
                if let text { state.seen.text = text }
            }
        case .keptNewer: handle { $0.cacheChanged(now: $1) }
        }
    }

    private func acquireLease(id: UInt64) async {
        var lease = Machine.Lease.failed
        do {
            lease = try await cache?.acquireLease(duration: .milliseconds(settings.leaseDuration)) ?? .failed
            if lease.isGranted { writer?.leaseGranted() }
            log.debug("Lease: \(lease).")
        } catch {
            metrics.cacheError(.lease)
            let text = "The cache's lease could not be taken: \(error)."
            // If the cache cannot be read either, that has already been reported.
            if state.withLock(\.hasReadFailed) { log.debug(text) } else { log.error(2201, text, error) }
        }
        let answer = lease
        handle { $0.leaseResolved(answer, id: id, now: $1) }
    }
}
