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
        /// The text that was last read from the cache or written to it.
        var lastCacheText: String?
        /// The newest entry that is not in the cache yet.
        var unwritten: ConfigEntry?
        var cacheWrite: Task<Void, Never>?
    }

    private enum Timer: Hashable { case poll, initWait, cache }

    private let state: Mutex<State>
    private let fetcher: ConfigFetcher
    private let cache: (any ConfigCache)?
    private let cacheKey: String
    private let log: EventLogger
    private let clock: WallClock
    private let publisher: SnapshotPublisher

    init(
        settings: Machine.Settings, fetcher: ConfigFetcher, cache: (any ConfigCache)?, cacheKey: String,
        publisher: SnapshotPublisher, log: EventLogger, clock: WallClock
    ) {
        state = Mutex(State(machine: Machine(settings)))
        self.fetcher = fetcher
        self.cache = cache
        self.cacheKey = cacheKey
        self.publisher = publisher
        self.log = log
        self.clock = clock
    }

    // MARK: - Events

    func start() { handle { $0.start(now: $1) } }
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
        case .readCache:
            let last = state.lastCacheText
            state.cacheRead = Task(executorPreference: BlockingExecutor.shared) { await self.readCache(last: last) }
        case .startCacheTimer(let delay): start(.cache, delay, &state) { $0.cacheTimerFired(now: $1) }
        case .stopCacheTimer: stop(.cache, &state)
        case .fetch(let held, let id):
            state.fetch = Task {
                let fetched = await self.fetcher.fetch(held: held)
                self.handle { $0.fetchEnded(fetched, id: id, now: $1) }
            }
        case .cancelFetch:
            state.fetch?.cancel()
            state.fetch = nil
        case .writeCache(let entry): write(entry, &state)
        case .hold(let entry, let source, let isNewConfig):
            publisher.hold(
                entry, source: source == .cdn ? .cdn : .cache, isNewConfig: isNewConfig,
                cacheState: state.machine.cacheState(now: clock.now()))
        case .becomeReady:
            // With overrides, there may be more than the machine knows of.
            let ready = publisher.becomeReady(cacheState: state.machine.cacheState(now: clock.now()))
            state.readyState = ready
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
        state.cacheWrite?.cancel()
        (state.cacheRead, state.cacheWrite, state.unwritten) = (nil, nil, nil)
        let ready = state.machine.cacheState(now: clock.now())
        for waiter in state.readyWaiters { waiter.resume(returning: ready) }
        state.readyWaiters = []
    }

    // MARK: - Cache

    private func readCache(last: String?) async {
        var read = Machine.CacheRead.nothingNew
        do {
            if let text = try await cache?.read(for: cacheKey), !isSame(text, last) {
                read = .entry(try ConfigEntry(serialized: text))
                state.withLock { $0.lastCacheText = text }
            }
        } catch is CancellationError {
            read = .failed
        } catch {
            log.error(2200, "The cache could not be read: \(error).", error)
            read = .failed
        }
        let result = read
        handle { $0.cacheRead(result, now: $1) }
    }

    private func isSame(_ text: String, _ last: String?) -> Bool {
        last.map { $0.utf8.elementsEqual(text.utf8) } ?? false
    }

    /// Writes one entry at a time; while a write runs, only the newest of further entries is kept.
    private func write(_ entry: ConfigEntry, _ state: inout State) {
        guard cache != nil else { return }
        state.unwritten = entry
        guard state.cacheWrite == nil else { return }
        state.cacheWrite = Task(executorPreference: BlockingExecutor.shared) { await self.writeEntries() }
    }

    private func writeEntries() async {
        while true {
            let entry = state.withLock { state in
                let entry = state.unwritten
                state.unwritten = nil
                if entry == nil { state.cacheWrite = nil }
                return entry
            }
            guard let entry, let cache else { return }
            let text = entry.serialized
            do {
                try await cache.write(for: cacheKey, value: text)
                state.withLock { $0.lastCacheText = text }
            } catch is CancellationError {
                return
            } catch {
                log.error(2201, "The cache could not be written: \(error).", error)
            }
        }
    }
}
