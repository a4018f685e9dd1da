package import ConfigCatEvaluation

/// What the state machine knows of a config: enough to decide, and nothing of how it is kept.
package protocol PolledEntry: Sendable {
    /// When it was downloaded or last confirmed, in Unix milliseconds.
    var fetchTime: Int64 { get }
    /// What the CDN calls the config; may be empty.
    var eTag: String { get }
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
///
/// Where the cache has leases, one process downloads for all: between the two steps, a cycle takes the lease, or waits for
/// what its holder writes.
package struct PollingStateMachine<Entry: PolledEntry>: Sendable {
    package struct Settings: Sendable {
        package var mode: PollingMode.Kind
        package var hasCache: Bool
        package var isOffline: Bool
        /// How much longer than the interval a poll may be put off, as a share of it.
        package var jitter: Double
        /// How long a cycle waits for the cache, in milliseconds.
        package var cacheTimeout: Int64
        /// Whether the cache can say which process downloads for all.
        package var hasLeases: Bool
        /// How long a lease lasts at most, in milliseconds.
        package var leaseDuration: Int64

        package init(
            mode: PollingMode.Kind, hasCache: Bool, isOffline: Bool, jitter: Double = 0.1, hasLeases: Bool = false,
            leaseDuration: Int64 = 5000, cacheTimeout: Int64 = 2000
        ) {
            self.mode = mode
            self.hasCache = hasCache
            self.isOffline = isOffline
            self.jitter = jitter
            self.hasLeases = hasLeases
            self.leaseDuration = leaseDuration
            self.cacheTimeout = cacheTimeout
        }
    }

    package typealias Waiter = UInt64

    package enum Source: Sendable { case cdn, cache }

    package enum Action {
        /// Read the cache. An entry older than the one held is of no use, unless it is accepted; it is not read whole.
        case readCache(held: Entry?, acceptsOlder: Bool)
        case startCacheTimer(milliseconds: Int64)
        case stopCacheTimer
        case fetch(held: Entry?, id: UInt64)
        case cancelFetch
        /// Write an entry; if it is only confirmed, its fetch time is enough.
        case writeCache(Entry, isConfirmed: Bool)
        case acquireLease(id: UInt64)
        /// Let others download, once what was written is there.
        case releaseLease
        case startLeaseTimer(milliseconds: Int64)
        case stopLeaseTimer
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

    package enum CacheRead: Sendable {
        case entry(Entry)
        /// What was read before.
        case nothingNew
        /// No entry at all.
        case absent
        /// An entry that is older than the one held.
        case older
        case failed
    }

    package enum Lease: Sendable {
        case granted
        /// Another process has it, for so many milliseconds at most.
        case held(milliseconds: Int64)
        case failed

        var isGranted: Bool { if case .granted = self { true } else { false } }
    }

    package enum Fetched: Sendable {
        case entry(Entry)
        case notModified
        /// 403 or 404: asking again soon makes no sense.
        case refused(RefreshResult)
        /// Whatever else went wrong; it may go well the next time.
        case failed(RefreshResult)

        /// As metrics name it.
        var name: String {
            switch self {
            case .entry: "new"
            case .notModified: "not_modified"
            case .refused: "refused"
            case .failed: "failed"
            }
        }
    }

    private enum Intent: Int, Comparable {
        case syncOnly, fetchIfExpired, fetch

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    private enum Phase {
        case readingCache
        case acquiringLease(id: UInt64)
        case waitingForHolder
        case fetching(id: UInt64, since: Int64)
    }

    private struct Cycle {
        var intent: Intent
        var phase: Phase
        var waiters: [Waiter] = []
        /// Whether the next poll is due an interval after its end.
        var isPoll: Bool
        /// Whether the cache has nothing as new as what is held.
        var isCacheBehind = false
        /// Whether the cache may have changed since it was read.
        var isCacheChanged = false
        /// Since when another process has been downloading for this one, and how often it was looked for.
        var waitingSince: Int64?
        var looks = 0
    }

    package let settings: Settings
    package private(set) var entry: Entry?
    package private(set) var isOffline: Bool
    package private(set) var isReady = false
    package private(set) var isClosed = false
    /// Transient failures since the last success.
    package private(set) var failures = 0

    private var isDownloaded = false
    private var cycle: Cycle?
    /// A read that has not come back, of a cycle that went on without it.
    private var isReadOverdue = false
    private var hasLease = false
    private var refusedAt: Int64?
    /// Since when the cache has held nothing but an older entry.
    private var cacheOlderSince: Int64?
    private var nextID: UInt64 = 1
    private var random: any RandomNumberGenerator & Sendable

    package init(_ settings: Settings, random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()) {
        self.settings = settings
        self.random = random
        isOffline = settings.isOffline
    }

    // MARK: - Events

    package mutating func start(now: Int64) -> [Action] {
        var actions: [Action] = []
        if case .auto(_, let maxInitWait) = settings.mode {
            actions.append(.startInitTimer(milliseconds: Int64(maxInitWait) * 1000))
            actions += begin(.fetchIfExpired, now: now)
        } else {
            actions += begin(.syncOnly, now: now)
        }
        return actions
    }

    package mutating func pollTimerFired(now: Int64) -> [Action] {
        guard !isClosed else { return [] }
        guard cycle == nil else {
            raiseIntent(to: .fetchIfExpired)
            cycle?.isPoll = true
            return []
        }
        return begin(.fetchIfExpired, now: now)
    }

    /// The cache says that its entry may have changed, or that it can be reached again.
    package mutating func cacheChanged(now: Int64) -> [Action] {
        guard !isClosed else { return [] }
        switch cycle?.phase {
        case nil: return begin(.syncOnly, isPoll: false, now: now)
        case .waitingForHolder: return [.stopLeaseTimer] + readAgain(now: now)
        case .readingCache, .acquiringLease, .fetching:
            cycle?.isCacheChanged = true
            return []
        }
    }

    package mutating func initTimerFired(now: Int64) -> [Action] {
        guard !isClosed, !isReady else { return [] }
        let text = "The first config did not arrive within maxInitWaitTimeInSeconds. Evaluations use what there is."
        return [.log(LogRecord(id: 4200, level: .warning, message: text))] + becomeReady(now: now)
    }

    /// An evaluation in lazy mode: nil if it need not wait.
    package mutating func valueRequested(by waiter: Waiter, now: Int64) -> [Action]? {
        guard !isClosed, case .lazy = settings.mode else { return nil }
        if isReady, !isExpired(now: now) { return nil }
        return join(waiter, .fetchIfExpired, now: now)
    }

    package mutating func refreshRequested(by waiter: Waiter, now: Int64) -> [Action] {
        if isClosed { return [.resume([waiter], .failure(.unexpectedError, "the client is closed"))] }
        if isOffline, !settings.hasCache {
            return [.log(Self.offlineRecord), .resume([waiter], Self.offlineResult)]
        }
        return join(waiter, isOffline ? .syncOnly : .fetch, now: now)
    }

    package mutating func cacheRead(_ read: CacheRead, now: Int64) -> [Action] {
        guard !isClosed else { return [] }
        var actions: [Action] = []
        var isBehind = false
        switch read {
        case .entry(let read): (actions, isBehind) = adopt(read, now: now)
        case .absent: isBehind = entry != nil
        case .older: isBehind = refuseOlder(now: now)
        case .nothingNew, .failed: break
        }
        if isReadOverdue {
            isReadOverdue = false
            return actions
        }
        guard case .readingCache = cycle?.phase else { return actions }
        cycle?.isCacheBehind = isBehind
        return actions + [.stopCacheTimer] + cacheStepEnded(now: now)
    }

    package mutating func cacheTimerFired(now: Int64) -> [Action] {
        guard !isClosed else { return [] }
        let text = "The cache did not answer within \(settings.cacheTimeout) ms."
        let record = Action.log(LogRecord(id: 2200, level: .error, message: text))
        switch cycle?.phase {
        case .readingCache where !isReadOverdue:
            isReadOverdue = true
            return [record] + cacheStepEnded(now: now)
        case .acquiringLease: return [record] + proceed(now: now)
        default: return []
        }
    }

    package mutating func leaseAnswered(_ lease: Lease, id: UInt64, now: Int64) -> [Action] {
        guard !isClosed, case .acquiringLease(id) = cycle?.phase else {
            // It comes too late to be of use.
            return lease.isGranted ? [.releaseLease] : []
        }
        switch lease {
        case .granted:
            hasLease = true
            // Its last holder may have written since the cache was read.
            return [.stopCacheTimer] + readAgain(now: now)
        case .failed:
            return [.stopCacheTimer] + proceed(now: now)
        case .held(let milliseconds):
            return [.stopCacheTimer] + wait(atMost: milliseconds, now: now)
        }
    }

    /// It is time to see whether the lease's holder has written, or its lease has ended.
    package mutating func leaseTimerFired(now: Int64) -> [Action] {
        guard !isClosed, case .waitingForHolder = cycle?.phase else { return [] }
        return readAgain(now: now)
    }

    package mutating func fetchEnded(_ fetched: Fetched, id: UInt64, now: Int64) -> [Action] {
        // A fetch that was cancelled may still come back.
        guard !isClosed, case .fetching(id, let asked) = cycle?.phase else { return [] }
        var actions: [Action] = []
        var result = RefreshResult.success
        switch fetched {
        case .entry(let new):
            (failures, refusedAt) = (0, nil)
            let isNew = entry.map { !$0.isSameConfig(as: new) } ?? true
            actions += hold(new, .cdn, isNewConfig: isNew)
            actions.append(.writeCache(new, isConfirmed: false))
        case .notModified:
            (failures, refusedAt) = (0, nil)
            actions += confirm(at: asked)
        case .refused(let refusal):
            failures = 0
            refusedAt = now
            result = refusal
            actions += confirm(at: asked)
        case .failed(let failure):
            failures += 1
            result = failure
            // Its lease keeps the others from the same failure for a while, then the next one tries.
            hasLease = false
        }
        return actions + endCycle(result, now: now)
    }

    package mutating func setOffline(now: Int64) -> [Action] {
        guard !isClosed, !isOffline else { return [] }
        isOffline = true
        var actions: [Action] = [.log(LogRecord(id: 5200, level: .info, message: "Switched to offline mode."))]
        if case .fetching = cycle?.phase {
            actions.append(.cancelFetch)
            actions += endCycle(Self.offlineResult, now: now)
        }
        return actions
    }

    package mutating func setOnline(now: Int64) -> [Action] {
        guard !isClosed, isOffline else { return [] }
        isOffline = false
        var actions: [Action] = [.log(LogRecord(id: 5200, level: .info, message: "Switched to online mode."))]
        guard case .auto = settings.mode else { return actions }
        if cycle == nil {
            actions.append(.stopPollTimer)
            actions += begin(.fetchIfExpired, now: now)
        } else {
            raiseIntent(to: .fetchIfExpired)
            cycle?.isPoll = true
        }
        return actions
    }

    package mutating func close() -> [Action] {
        guard !isClosed else { return [] }
        isClosed = true
        let waiters = cycle?.waiters ?? []
        cycle = nil
        return [
            .stopPollTimer, .stopInitTimer, .stopCacheTimer, .stopLeaseTimer, .cancelFetch,
            .resume(waiters, .failure(.unexpectedError, "the client was closed")),
        ] + releaseLease()
    }

    /// Whoever waited is gone; the cycle goes on for the others.
    package mutating func waiterLeft(_ waiter: Waiter) -> [Action] {
        guard let index = cycle?.waiters.firstIndex(of: waiter) else { return [] }
        cycle?.waiters.remove(at: index)
        return [.resume([waiter], .failure(.unexpectedError, "the wait was cancelled"))]
    }

    // MARK: - State

    package func cacheState(now: Int64) -> ClientCacheState {
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

    package func isExpired(now: Int64) -> Bool {
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
            cycle?.isPoll = true
            // Who demands a download does not wait for another process.
            guard intent == .fetch, case .waitingForHolder = cycle?.phase else { return [] }
            return [.stopLeaseTimer] + proceed(now: now)
        }
        return begin(intent, waiter: waiter, now: now)
    }

    /// A cycle that is under way does as much as anyone who joins it wants.
    private mutating func raiseIntent(to intent: Intent) {
        if let current = cycle?.intent, current < intent { cycle?.intent = intent }
    }

    private mutating func begin(
        _ intent: Intent, waiter: Waiter? = nil, isPoll: Bool = true, now: Int64
    ) -> [Action] {
        cycle = Cycle(
            intent: intent, phase: .readingCache, waiters: waiter.map { [$0] } ?? [], isPoll: isPoll)
        return readAgain(now: now)
    }

    private mutating func readAgain(now: Int64) -> [Action] {
        cycle?.phase = .readingCache
        cycle?.isCacheChanged = false
        // One read at a time: a cache that hangs is not asked again until it has answered.
        guard settings.hasCache, !isReadOverdue else { return cacheStepEnded(now: now) }
        return [
            .readCache(held: entry, acceptsOlder: acceptsOlder(now: now)),
            .startCacheTimer(milliseconds: settings.cacheTimeout),
        ]
    }

    private mutating func cacheStepEnded(now: Int64) -> [Action] {
        guard let cycle else { return [] }
        if cycle.isCacheChanged { return readAgain(now: now) }
        let isFresh = !isExpired(now: now)
        var actions: [Action] = []
        switch settings.mode {
        case .auto: if isFresh || isOffline { actions += becomeReady(now: now) }
        case .lazy, .manual: actions += becomeReady(now: now)
        }
        let fetches = needsFetch(now: now)
        // One process fills a cache that has come back empty, as one downloads.
        if settings.hasLeases, !hasLease, !isReadOverdue, cycle.isCacheBehind || fetches && cycle.intent != .fetch {
            return actions + acquireLease()
        }
        return actions + proceed(now: now)
    }

    private func needsFetch(now: Int64) -> Bool {
        guard let intent = cycle?.intent, !isOffline else { return false }
        return intent == .fetch || intent == .fetchIfExpired && isExpired(now: now)
    }

    /// Does what the cycle is for: brings the cache up to what is held, and downloads.
    private mutating func proceed(now: Int64) -> [Action] {
        guard let cycle else { return [] }
        var actions: [Action] = []
        if cycle.isCacheBehind, let entry {
            self.cycle?.isCacheBehind = false
            actions.append(.writeCache(entry, isConfirmed: false))
        }
        guard needsFetch(now: now) else {
            let result =
                isOffline && cycle.intent == .fetch && !settings.hasCache ? Self.offlineResult : .success
            return actions + endCycle(result, now: now)
        }
        let id = takeID()
        self.cycle?.phase = .fetching(id: id, since: now)
        return actions + [.fetch(held: entry, id: id)]
    }

    private mutating func endCycle(_ result: RefreshResult, now: Int64) -> [Action] {
        guard let ended = cycle else { return [] }
        var actions = releaseLease()
        if case .auto = settings.mode, ended.isPoll { actions += becomeReady(now: now) }
        if !ended.waiters.isEmpty { actions.append(.resume(ended.waiters, result)) }
        cycle = nil
        if case .auto = settings.mode, ended.isPoll { actions.append(.startPollTimer(milliseconds: nextPollDelay())) }
        if ended.isCacheChanged { actions += begin(.syncOnly, isPoll: false, now: now) }
        return actions
    }

    private mutating func takeID() -> UInt64 {
        defer { nextID += 1 }
        return nextID
    }

    // MARK: - Leases

    private mutating func acquireLease() -> [Action] {
        let id = takeID()
        cycle?.phase = .acquiringLease(id: id)
        return [.acquireLease(id: id), .startCacheTimer(milliseconds: settings.cacheTimeout)]
    }

    private mutating func releaseLease() -> [Action] {
        guard hasLease else { return [] }
        hasLease = false
        return [.releaseLease]
    }

    /// Looks for what the holder writes: soon, then at growing intervals, and when its lease has ended.
    private mutating func wait(atMost milliseconds: Int64, now: Int64) -> [Action] {
        guard let cycle else { return [] }
        // The holder fills the cache; nothing is needed from it.
        guard needsFetch(now: now) else { return endCycle(.success, now: now) }
        let since = cycle.waitingSince ?? now
        guard now - since <= 2 * settings.leaseDuration else {
            // Those who were to download have not done so. Who holds nothing looks after itself.
            if entry == nil { return proceed(now: now) }
            let text = "other processes that were to download the config have not done so"
            return endCycle(.failure(.unexpectedError, text), now: now)
        }
        self.cycle?.waitingSince = since
        self.cycle?.looks += 1
        self.cycle?.phase = .waitingForHolder
        let pause = min(Self.longestLook, Self.firstLook << min(cycle.looks, 10))
        let look = min(max(1, milliseconds + 1), pause)
        guard settings.jitter > 0 else { return [.startLeaseTimer(milliseconds: look)] }
        return [.startLeaseTimer(milliseconds: look + Int64.random(in: 0...(look / 4), using: &random))]
    }

    private static var firstLook: Int64 { 100 }
    private static var longestLook: Int64 { 1000 }

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

    private mutating func confirm(at time: Int64) -> [Action] {
        guard let confirmed = entry?.confirmed(at: time) else { return [] }
        return hold(confirmed, .cdn, isNewConfig: false) + [.writeCache(confirmed, isConfirmed: true)]
    }

    /// Takes an entry from the cache, unless it would replace a newer one: a cache that could not be written, or was restored
    /// to an old state, must not take back a config.
    ///
    /// - Returns: What follows, and whether the cache is behind what is held.
    private mutating func adopt(_ read: Entry, now: Int64) -> (actions: [Action], isBehind: Bool) {
        let read = read.fetchTime > now ? read.confirmed(at: now) : read
        guard let held = entry else { return (hold(read, .cache, isNewConfig: true), false) }
        if read.isSameConfig(as: held) {
            cacheOlderSince = nil
            return (read.fetchTime > held.fetchTime ? hold(read, .cache, isNewConfig: false) : [], false)
        }
        guard read.fetchTime + Self.clockTolerance > held.fetchTime || acceptsOlder(now: now) else {
            return ([], refuseOlder(now: now))
        }
        cacheOlderSince = nil
        return (hold(read, .cache, isNewConfig: true), false)
    }

    /// Stores' times are converted to this clock, which is not exact.
    package static var clockTolerance: Int64 { 50 }

    /// - Returns: Whether the cache is to be brought up to what is held.
    private mutating func refuseOlder(now: Int64) -> Bool {
        if cacheOlderSince == nil { cacheOlderSince = now }
        return isDownloaded
    }

    /// An older entry that stays was written by another SDK on a host whose clock is behind: it is what the fleet has. Who has
    /// downloaded knows better.
    private func acceptsOlder(now: Int64) -> Bool {
        if isDownloaded { return false }
        if case .manual = settings.mode { return true }
        guard let since = cacheOlderSince else { return false }
        return now - since >= 2 * timeToLive
    }

    // MARK: - Offline

    private static var offlineRecord: LogRecord {
        LogRecord(id: 3200, level: .warning, message: "The client is offline; no HTTP request is made.")
    }

    private static var offlineResult: RefreshResult {
        .failure(.offlineClient, "the client is offline and cannot make HTTP requests")
    }
}
