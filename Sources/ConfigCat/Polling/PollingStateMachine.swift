import ConfigCatEvaluation

/// What the state machine knows of a config: enough to decide, and nothing of how it is kept.
protocol PolledEntry: Sendable {
    /// When it was downloaded or last confirmed, in Unix milliseconds.
    var fetchTime: Int64 { get }
    /// The same config, confirmed at another time.
    func confirmed(at time: Int64) -> Self
    /// Whether both are the same config, whenever they were downloaded.
    func isSameConfig(as other: Self) -> Bool
}

/// Decides when a client reads its cache, downloads, and is ready. It does neither itself: each event returns the
/// actions that its owner has to perform, in order. It has no clock: each event brings the time, in Unix milliseconds.
///
/// All work is done in *cycles*, one at a time: read the cache, then download if the cycle is meant to and the config
/// has not turned out to be fresh. Whoever needs a cycle while one is running joins it.
struct PollingStateMachine<Entry: PolledEntry>: Sendable {
    struct Settings: Sendable {
        var mode: PollingMode.Kind
        var hasCache: Bool
        var isOffline: Bool
        /// How much longer than the interval a poll may be put off, as a share of it.
        var jitter: Double = 0.1
        /// How long a cycle waits for the cache, in milliseconds.
        var cacheTimeout: Int64 = 2000
    }

    typealias Waiter = UInt64

    enum Source: Sendable { case cdn, cache }

    enum Action {
        case readCache
        case startCacheTimer(milliseconds: Int64)
        case stopCacheTimer
        case fetch(held: Entry?, id: UInt64)
        case cancelFetch
        case writeCache(Entry)
        /// The entry held is another one now, or confirmed at another time.
        case hold(Entry, Source, isNewConfig: Bool)
        case becomeReady(ClientCacheState)
        case startPollTimer(milliseconds: Int64)
        case stopPollTimer
        case startInitTimer(milliseconds: Int64)
        case stopInitTimer
        case resume([Waiter], RefreshResult)
        case log(LogRecord)
    }

    enum CacheRead: Sendable {
        case entry(Entry)
        /// Nothing there, or what was read before.
        case nothingNew
        case failed
    }

    enum Fetched: Sendable {
        case entry(Entry)
        case notModified
        /// 403 or 404: asking again soon makes no sense.
        case refused(RefreshResult)
        /// Whatever else went wrong; it may go well the next time.
        case failed(RefreshResult)
    }

    private enum Intent: Int, Comparable {
        case syncOnly, fetchIfExpired, fetch

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    private enum Phase { case readingCache, fetching(id: UInt64) }

    private struct Cycle {
        var intent: Intent
        var phase: Phase
        var waiters: [Waiter] = []
    }

    let settings: Settings
    private(set) var entry: Entry?
    private(set) var isOffline: Bool
    private(set) var isReady = false
    private(set) var isClosed = false
    /// Transient failures since the last success.
    private(set) var failures = 0

    private var isDownloaded = false
    private var cycle: Cycle?
    /// A read that has not come back, of a cycle that went on without it.
    private var isReadOverdue = false
    private var refusedAt: Int64?
    private var nextFetchID: UInt64 = 1
    private var random: any RandomNumberGenerator & Sendable

    init(_ settings: Settings, random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()) {
        self.settings = settings
        self.random = random
        isOffline = settings.isOffline
    }

    // MARK: - Events

    mutating func start(now: Int64) -> [Action] {
        var actions: [Action] = []
        if case .auto(_, let maxInitWait) = settings.mode {
            actions.append(.startInitTimer(milliseconds: Int64(maxInitWait) * 1000))
            actions += begin(.fetchIfExpired, now: now)
        } else {
            actions += begin(.syncOnly, now: now)
        }
        return actions
    }

    mutating func pollTimerFired(now: Int64) -> [Action] {
        // A cycle that is running schedules the next poll when it ends.
        guard !isClosed, cycle == nil else { return [] }
        return begin(.fetchIfExpired, now: now)
    }

    mutating func initTimerFired(now: Int64) -> [Action] {
        guard !isClosed, !isReady else { return [] }
        let text = "The first config did not arrive within maxInitWaitTimeInSeconds. Evaluations use what there is."
        return [.log(LogRecord(id: 4200, level: .warning, message: text))] + becomeReady(now: now)
    }

    /// An evaluation in lazy mode: nil if it need not wait.
    mutating func valueRequested(by waiter: Waiter, now: Int64) -> [Action]? {
        guard !isClosed, case .lazy = settings.mode else { return nil }
        if isReady, !isExpired(now: now) { return nil }
        return join(waiter, .fetchIfExpired, now: now)
    }

    mutating func refreshRequested(by waiter: Waiter, now: Int64) -> [Action] {
        if isClosed { return [.resume([waiter], .failure(.unexpectedError, "the client is closed"))] }
        if isOffline, !settings.hasCache {
            return [.log(Self.offlineRecord), .resume([waiter], Self.offlineResult)]
        }
        return join(waiter, isOffline ? .syncOnly : .fetch, now: now)
    }

    mutating func cacheRead(_ read: CacheRead, now: Int64) -> [Action] {
        guard !isClosed else { return [] }
        var actions: [Action] = []
        if case .entry(let read) = read { actions += adopt(read, now: now) }
        if isReadOverdue {
            isReadOverdue = false
            return actions
        }
        guard case .readingCache = cycle?.phase else { return actions }
        return actions + [.stopCacheTimer] + cacheStepEnded(now: now)
    }

    mutating func cacheTimerFired(now: Int64) -> [Action] {
        guard !isClosed, case .readingCache = cycle?.phase, !isReadOverdue else { return [] }
        isReadOverdue = true
        let text = "The cache did not answer within \(settings.cacheTimeout) ms."
        return [.log(LogRecord(id: 2200, level: .error, message: text))] + cacheStepEnded(now: now)
    }

    mutating func fetchEnded(_ fetched: Fetched, id: UInt64, now: Int64) -> [Action] {
        // A fetch that was cancelled may still come back.
        guard !isClosed, case .fetching(id) = cycle?.phase else { return [] }
        var actions: [Action] = []
        var result = RefreshResult.success
        switch fetched {
        case .entry(let new):
            (failures, refusedAt) = (0, nil)
            let isNew = entry.map { !$0.isSameConfig(as: new) } ?? true
            actions += hold(new, .cdn, isNewConfig: isNew)
            actions.append(.writeCache(new))
        case .notModified:
            (failures, refusedAt) = (0, nil)
            actions += confirm(now: now)
        case .refused(let refusal):
            failures = 0
            refusedAt = now
            result = refusal
            actions += confirm(now: now)
        case .failed(let failure):
            failures += 1
            result = failure
        }
        return actions + endCycle(result, now: now)
    }

    mutating func setOffline(now: Int64) -> [Action] {
        guard !isClosed, !isOffline else { return [] }
        isOffline = true
        var actions: [Action] = [.log(LogRecord(id: 5200, level: .info, message: "Switched to offline mode."))]
        if case .fetching = cycle?.phase {
            actions.append(.cancelFetch)
            actions += endCycle(Self.offlineResult, now: now)
        }
        return actions
    }

    mutating func setOnline(now: Int64) -> [Action] {
        guard !isClosed, isOffline else { return [] }
        isOffline = false
        var actions: [Action] = [.log(LogRecord(id: 5200, level: .info, message: "Switched to online mode."))]
        guard case .auto = settings.mode else { return actions }
        if cycle == nil {
            actions.append(.stopPollTimer)
            actions += begin(.fetchIfExpired, now: now)
        } else {
            raiseIntent(to: .fetchIfExpired)
        }
        return actions
    }

    mutating func close() -> [Action] {
        guard !isClosed else { return [] }
        isClosed = true
        let waiters = cycle?.waiters ?? []
        cycle = nil
        return [
            .stopPollTimer, .stopInitTimer, .stopCacheTimer, .cancelFetch,
            .resume(waiters, .failure(.unexpectedError, "the client was closed")),
        ]
    }

    /// Whoever waited is gone; the cycle goes on for the others.
    mutating func waiterLeft(_ waiter: Waiter) -> [Action] {
        guard let index = cycle?.waiters.firstIndex(of: waiter) else { return [] }
        cycle?.waiters.remove(at: index)
        return [.resume([waiter], .failure(.unexpectedError, "the wait was cancelled"))]
    }

    // MARK: - State

    func cacheState(now: Int64) -> ClientCacheState {
        guard entry != nil else { return .noFlagData }
        if case .manual = settings.mode { return .hasCachedFlagDataOnly }
        return isExpired(now: now) ? .hasCachedFlagDataOnly : .hasUpToDateFlagData
    }

    /// How old a config may become, in milliseconds.
    private var timeToLive: Int64 {
        switch settings.mode {
        case .auto(let interval, _): Int64(interval) * 1000
        case .lazy(let timeToLive): Int64(timeToLive) * 1000
        case .manual: .max
        }
    }

    /// Timers and clocks are not exact: what would expire within a moment counts as expired in auto mode.
    private var tolerance: Int64 {
        if case .auto = settings.mode { min(500, timeToLive / 10) } else { 0 }
    }

    func isExpired(now: Int64) -> Bool {
        // A refused request counts as a download that found nothing. Times in the future count as now.
        guard let time = [entry?.fetchTime, refusedAt].compactMap({ $0 }).max() else { return true }
        // The time may come from a cache, and be any number.
        let (age, isOverflow) = now.subtractingReportingOverflow(min(time, now))
        return isOverflow || age >= timeToLive - tolerance
    }

    // MARK: - Cycles

    private mutating func join(_ waiter: Waiter, _ intent: Intent, now: Int64) -> [Action] {
        if cycle != nil {
            cycle?.waiters.append(waiter)
            raiseIntent(to: intent)
            return []
        }
        return begin(intent, waiter: waiter, now: now)
    }

    /// A cycle that is under way does as much as anyone who joins it wants.
    private mutating func raiseIntent(to intent: Intent) {
        if let current = cycle?.intent, current < intent { cycle?.intent = intent }
    }

    private mutating func begin(_ intent: Intent, waiter: Waiter? = nil, now: Int64) -> [Action] {
        cycle = Cycle(intent: intent, phase: .readingCache, waiters: waiter.map { [$0] } ?? [])
        // One read at a time: a cache that hangs is not asked again until it has answered.
        guard settings.hasCache, !isReadOverdue else { return cacheStepEnded(now: now) }
        return [.readCache, .startCacheTimer(milliseconds: settings.cacheTimeout)]
    }

    private mutating func cacheStepEnded(now: Int64) -> [Action] {
        guard let intent = cycle?.intent else { return [] }
        let isFresh = !isExpired(now: now)
        var actions: [Action] = []
        switch settings.mode {
        case .auto: if isFresh || isOffline { actions += becomeReady(now: now) }
        case .lazy, .manual: actions += becomeReady(now: now)
        }
        if isOffline || intent == .syncOnly || intent == .fetchIfExpired && isFresh {
            let result = isOffline && intent == .fetch && !settings.hasCache ? Self.offlineResult : .success
            return actions + endCycle(result, now: now)
        }
        let id = nextFetchID
        nextFetchID += 1
        cycle?.phase = .fetching(id: id)
        return actions + [.fetch(held: entry, id: id)]
    }

    private mutating func endCycle(_ result: RefreshResult, now: Int64) -> [Action] {
        var actions: [Action] = []
        if case .auto = settings.mode { actions += becomeReady(now: now) }
        if let waiters = cycle?.waiters, !waiters.isEmpty { actions.append(.resume(waiters, result)) }
        cycle = nil
        if case .auto = settings.mode { actions.append(.startPollTimer(milliseconds: nextPollDelay())) }
        return actions
    }

    /// The interval, doubled with each further failure up to four times, and put off by a random moment so that the
    /// processes of a fleet do not march in step.
    private mutating func nextPollDelay() -> Int64 {
        let longest = timeToLive * 4
        let delay = failures < 2 ? timeToLive : failures == 2 ? timeToLive * 2 : longest
        guard settings.jitter > 0 else { return delay }
        let putOff = Double(delay) * Double.random(in: 0...settings.jitter, using: &random)
        return failures < 2 ? delay + Int64(putOff) : min(longest, delay + Int64(putOff))
    }

    private mutating func becomeReady(now: Int64) -> [Action] {
        guard !isReady else { return [] }
        isReady = true
        let ready = Action.becomeReady(cacheState(now: now))
        if case .auto = settings.mode { return [.stopInitTimer, ready] }
        return [ready]
    }

    // MARK: - Entries

    private mutating func hold(_ new: Entry, _ source: Source, isNewConfig: Bool) -> [Action] {
        entry = new
        isDownloaded = source == .cdn
        return [.hold(new, source, isNewConfig: isNewConfig)]
    }

    private mutating func confirm(now: Int64) -> [Action] {
        guard let confirmed = entry?.confirmed(at: now) else { return [] }
        return hold(confirmed, .cdn, isNewConfig: false) + [.writeCache(confirmed)]
    }

    /// Takes an entry from the cache, unless it would replace a newer one that this client has downloaded: a cache that
    /// could not be written must not take back a config.
    private mutating func adopt(_ read: Entry, now: Int64) -> [Action] {
        let read = read.fetchTime > now ? read.confirmed(at: now) : read
        guard let held = entry else { return hold(read, .cache, isNewConfig: true) }
        guard !isDownloaded || read.fetchTime > held.fetchTime else { return [] }
        let isSame = read.isSameConfig(as: held)
        guard !isSame || read.fetchTime > held.fetchTime else { return [] }
        return hold(read, .cache, isNewConfig: !isSame)
    }

    // MARK: - Offline

    private static var offlineRecord: LogRecord {
        LogRecord(id: 3200, level: .warning, message: "The client is offline; no HTTP request is made.")
    }

    private static var offlineResult: RefreshResult {
        .failure(.offlineClient, "the client is offline and cannot make HTTP requests")
    }
}
