import ConfigCatCache
import ConfigCatEvaluation

/// Decides when a client reads its cache, downloads, and is ready. It performs nothing: each event returns the actions
/// that its owner has to perform, in order. It has no clock: each event has the time on a monotonic clock, in
/// milliseconds.
///
/// All work is done in *cycles*, one at a time: a cycle reads the cache, and then downloads if its intent requires
/// that. A caller that needs a cycle while one is running joins it.
///
/// If the cache has leases, one process downloads for all: before the download, a cycle takes the lease, or waits for
/// the entry that the holder writes.
package struct PollingStateMachine<Entry: PollableEntry>: Sendable {
    package typealias Waiter = UInt64

    private enum Life { case new, running, closed }

    /// The amount of work of a cycle.
    private enum Intent: Int, Comparable {
        case cacheOnly, fetchIfExpired, fetch

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    private enum Phase {
        case readingCache
        case acquiringLease(id: UInt64)
        case waitingForHolder
        /// Downloads the config, unless the CDN confirms the entry that was held at the start.
        case fetching(id: UInt64, held: Entry?)
    }

    /// The state of the lease in a cycle.
    private enum LeaseState {
        case notHeld
        /// Another process has the lease. The cycle waits, and reads the cache from time to time.
        case waiting(LeaseWait)
        case held
    }

    private struct Cycle {
        var intent: Intent
        var phase = Phase.readingCache
        var lease = LeaseState.notHeld
        var waiters: [Waiter]
        /// Whether the next poll is due one interval after the end of this cycle.
        var isPoll: Bool
        /// Whether the cache has no entry that is as new as the held one.
        var isCacheBehind = false
        /// Whether the cache may have changed since it was read.
        var isCacheChanged = false
        /// Whether the cache was read again because it may have changed.
        var hasReadAgain = false
        /// The last reading of the store's clock in this cycle.
        var store: StoreReading?
    }

    package let settings: Settings
    package private(set) var isOffline: Bool
    package private(set) var isReady = false

    private var life = Life.new
    private var held: HeldEntry<Entry>
    private var schedule: PollSchedule
    private var cycle: Cycle?
    /// A read of the cache that did not end in time, so that its cycle continued without the result.
    private struct Overdue {
        /// Whether the cache may have changed since the read began.
        var isCacheChanged = false
    }

    private var overdueRead: Overdue?
    private var overdueLease: UInt64?
    /// Whether the held entry may be written to a cache that is behind: once for each poll or request. A store that
    /// drops entries and signals each write would otherwise cause an endless loop.
    private var mayFillCache = true
    private var nextID: UInt64 = 1
    private var random: any RandomNumberGenerator & Sendable

    package init(_ settings: Settings, random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()) {
        self.settings = settings
        self.random = random
        isOffline = settings.isOffline
        schedule = PollSchedule(mode: settings.mode, jitter: settings.jitter)
        if case .manual = settings.mode {
            // Without leases, entries are dated by the clocks of hosts, and a manual refresh adopts any entry of the
            // cache.
            held = HeldEntry(patience: settings.hasLeases ? Self.manualPatience : 0)
        } else {
            held = HeldEntry(patience: 2 * schedule.timeToLive)
        }
    }

    /// The time for which an older entry has to stay in a fleet's cache until it is adopted in manual mode, in
    /// milliseconds: two default intervals, because the mode has none.
    private static var manualPatience: Int64 { 120_000 }

    package var entry: Entry? { held.entry }
    package var isClosed: Bool { life == .closed }
    /// The number of transient failures since the last successful download.
    package var failures: Int { schedule.failures }

    // MARK: - Life

    /// Starts the first cycle. A request to a client that has not started calls this method, too.
    package mutating func start(now: Int64) -> [Action] {
        guard life == .new else { return [] }
        life = .running
        guard case .auto(_, let maxInitWait) = settings.mode else { return begin(.cacheOnly, now: now) }
        return [.startInitTimer(milliseconds: maxInitWait.milliseconds)] + begin(.fetchIfExpired, now: now)
    }

    /// Ends all work. Entries that wait to be written to the cache are still written.
    package mutating func close() -> [Action] {
        guard life != .closed else { return [] }
        life = .closed
        let waiters = cycle?.waiters ?? []
        let lease = releaseLease()
        cycle = nil
        return [
            .stopPollTimer, .stopInitTimer, .stopCacheTimer, .stopLeaseTimer, .cancelFetch,
            .resume(waiters, Self.closedResult),
        ] + lease
    }

    // MARK: - Timers and signals

    package mutating func pollTimerFired(now: Int64) -> [Action] {
        guard life == .running else { return [] }
        guard cycle == nil else {
            join(.fetchIfExpired)
            return []
        }
        return begin(.fetchIfExpired, now: now)
    }

    /// Handles the cache's signal that its entry may have changed, or that it can be reached again.
    package mutating func cacheChanged(now: Int64) -> [Action] {
        guard life == .running else { return [] }
        overdueRead?.isCacheChanged = true
        switch cycle?.phase {
        case nil: return begin(.cacheOnly, isPoll: false, now: now)
        case .waitingForHolder: return [.stopLeaseTimer] + readAgain(now: now)
        case .readingCache, .acquiringLease, .fetching:
            cycle?.isCacheChanged = true
            return []
        }
    }

    package mutating func initTimerFired(now: Int64) -> [Action] {
        guard life == .running, !isReady else { return [] }
        let text =
            "The first config did not arrive within maxInitWaitTimeInSeconds. Evaluations use an expired config, or "
            + "default values."
        return [.log(LogRecord(id: 4200, level: .warning, message: text))] + becomeReady(now: now)
    }

    // MARK: - Requests

    /// Handles an evaluation. Returns nil if the evaluation need not wait, as always in modes other than lazy.
    package mutating func valueRequested(by waiter: Waiter, now: Int64) -> [Action]? {
        guard life != .closed, case .lazy = settings.mode else { return nil }
        if isReady, !isExpired(now: now) { return nil }
        return start(now: now) + join(waiter, .fetchIfExpired, now: now)
    }

    package mutating func refreshRequested(by waiter: Waiter, now: Int64) -> [Action] {
        if life == .closed { return [.resume([waiter], Self.closedResult)] }
        let started = start(now: now)
        if isOffline, !settings.hasCache {
            return started + [.log(Self.offlineRecord), .resume([waiter], Self.offlineResult)]
        }
        return started + join(waiter, isOffline ? .cacheOnly : .fetch, now: now)
    }

    /// Handles a waiter whose task was cancelled. The cycle continues.
    package mutating func waiterCancelled(_ waiter: Waiter) -> [Action] {
        guard let index = cycle?.waiters.firstIndex(of: waiter) else { return [] }
        cycle?.waiters.remove(at: index)
        return [.resume([waiter], .failure(.unexpectedError, "the wait was cancelled"))]
    }

    package mutating func setOffline(now: Int64) -> [Action] {
        guard life != .closed, !isOffline else { return [] }
        isOffline = true
        var actions: [Action] = [.log(LogRecord(id: 5200, level: .info, message: "Switched to offline mode."))]
        if case .fetching = cycle?.phase {
            actions.append(.cancelFetch)
            actions += endCycle(Self.offlineResult, now: now)
        }
        return actions
    }

    package mutating func setOnline(now: Int64) -> [Action] {
        guard life != .closed, isOffline else { return [] }
        isOffline = false
        let record = Action.log(LogRecord(id: 5200, level: .info, message: "Switched to online mode."))
        guard life == .running, case .auto = settings.mode else { return [record] }
        guard cycle == nil else {
            join(.fetchIfExpired)
            return [record]
        }
        return [record, .stopPollTimer] + begin(.fetchIfExpired, now: now)
    }

    // MARK: - Results from the cache

    package mutating func cacheRead(_ read: CacheRead, now: Int64) -> [Action] {
        guard life == .running else { return [] }
        if let store = read.store, store.isExact { held.date(by: store) }
        let adoption: HeldEntry<Entry>.Adoption =
            switch read.content {
            case .entry(let entry): held.adopt(entry, read.store, now: now)
            case .older: held.refuse(now: now)
            case .absent: held.seeAbsent()
            case .unchanged: held.seeUnchanged(now: now)
            case .failed: .kept(isCacheBehind: false)
            }
        let actions = published(adoption)
        if let overdue = overdueRead {
            overdueRead = nil
            return overdue.isCacheChanged ? actions + cacheChanged(now: now) : actions
        }
        guard case .readingCache = cycle?.phase else { return actions }
        cycle?.isCacheBehind = mayFillCache && adoption == .kept(isCacheBehind: true)
        cycle?.store = read.store
        return actions + [.stopCacheTimer] + cacheStepEnded(now: now)
    }

    private func published(_ adoption: HeldEntry<Entry>.Adoption) -> [Action] {
        guard let entry else { return [] }
        switch adoption {
        case .replaced: return [.publish(entry, .cache, isNewConfig: true)]
        case .confirmed: return [.publish(entry, .cache, isNewConfig: false)]
        case .kept: return []
        }
    }

    package mutating func cacheTimerFired(now: Int64) -> [Action] {
        guard life == .running else { return [] }
        let text = "The cache did not answer within \(settings.cacheTimeout) ms."
        let record = Action.log(LogRecord(id: 2200, level: .error, message: text))
        switch cycle?.phase {
        case .readingCache:
            overdueRead = Overdue(isCacheChanged: cycle?.isCacheChanged ?? false)
            return [record] + cacheStepEnded(now: now)
        case .acquiringLease(let id):
            overdueLease = id
            return [record] + proceed(now: now)
        case nil, .waitingForHolder, .fetching: return []
        }
    }

    package mutating func leaseResolved(_ lease: Lease, id: UInt64, now: Int64) -> [Action] {
        if overdueLease == id { overdueLease = nil }
        guard life == .running, case .acquiringLease(id) = cycle?.phase else {
            // The cycle has continued without the lease.
            return lease.isGranted ? [.releaseLease] : []
        }
        switch lease {
        case .granted:
            cycle?.lease = .held
            // The previous holder may have written an entry since the cache was read.
            return [.stopCacheTimer] + readAgain(now: now)
        case .failed:
            return [.stopCacheTimer] + proceed(now: now)
        case .held(let milliseconds):
            return [.stopCacheTimer] + wait(atMost: milliseconds, now: now)
        }
    }

    /// Reads the cache, in case the holder has written an entry or its lease has ended.
    package mutating func leaseTimerFired(now: Int64) -> [Action] {
        guard life == .running, case .waitingForHolder = cycle?.phase else { return [] }
        return readAgain(now: now)
    }

    // MARK: - Results of downloads

    package mutating func fetchEnded(_ fetched: FetchOutcome, id: UInt64, now: Int64) -> [Action] {
        // A cancelled download may still report its end.
        guard life == .running, let cycle, case .fetching(id, let asked) = cycle.phase else { return [] }
        var actions: [Action] = []
        var result = RefreshResult.success
        switch fetched {
        case .entry(let new):
            schedule.succeeded()
            let known = entry?.eTag
            if let isNew = held.take(downloaded: new, cycle.store), let entry {
                let isConfirmed = !isNew && known?.utf8.elementsEqual(entry.eTag.utf8) ?? false
                actions = [
                    .publish(entry, .cdn, isNewConfig: isNew),
                    .writeCache(Write(entry, isConfirmed: isConfirmed, replacing: cycle.store?.futureTime)),
                ]
            } else if let entry, entry.isSameConfig(as: new) {
                // The held entry has a later date, such as one from a clock that is ahead.
                actions = [.publish(entry, .cdn, isNewConfig: false)]
            }
        case .notModified(let time):
            schedule.succeeded()
            actions = confirm(asked, at: time, cycle)
        case .refused(let refusal, let time):
            schedule.refused(at: now)
            result = refusal
            actions = confirm(asked, at: time, cycle)
        case .failed(let failure):
            schedule.failed()
            result = failure
            // The lease is not released. Until it ends, other processes do not repeat the failed download.
            self.cycle?.lease = .notHeld
        }
        return actions + endCycle(result, now: now)
    }

    private mutating func confirm(_ asked: Entry?, at time: EntryTime, _ cycle: Cycle) -> [Action] {
        // An overdue read of the cache may have replaced the entry that the CDN confirmed.
        guard let asked, entry.map(asked.isSameConfig) ?? false else { return [] }
        let isLatest = held.confirm(at: time)
        guard let entry else { return [] }
        let write = Action.writeCache(Write(entry, isConfirmed: true, replacing: cycle.store?.futureTime))
        return [.publish(entry, .cdn, isNewConfig: false)] + (isLatest ? [write] : [])
    }

    // MARK: - State

    package func cacheState(now: Int64) -> ClientCacheState {
        guard entry != nil else { return .noFlagData }
        if case .manual = settings.mode { return .hasCachedFlagDataOnly }
        return isExpired(now: now) ? .hasCachedFlagDataOnly : .hasUpToDateFlagData
    }

    package func isExpired(now: Int64) -> Bool { schedule.isExpired(entry?.time.instant, now: now) }

    private mutating func becomeReady(now: Int64) -> [Action] {
        guard !isReady else { return [] }
        isReady = true
        let ready = Action.becomeReady(cacheState(now: now))
        if case .auto = settings.mode { return [.stopInitTimer, ready] }
        return [ready]
    }

    // MARK: - Cycles

    private mutating func join(_ waiter: Waiter, _ intent: Intent, now: Int64) -> [Action] {
        guard cycle != nil else { return begin(intent, waiter: waiter, now: now) }
        cycle?.waiters.append(waiter)
        join(intent)
        // A requested download does not wait for another process.
        guard intent == .fetch, case .waitingForHolder = cycle?.phase else { return [] }
        return [.stopLeaseTimer] + proceed(now: now)
    }

    /// Extends the running cycle to the largest intent of its callers.
    private mutating func join(_ intent: Intent) {
        if let current = cycle?.intent, current < intent { cycle?.intent = intent }
        cycle?.isPoll = true
        mayFillCache = true
    }

    private mutating func begin(
        _ intent: Intent, waiter: Waiter? = nil, isPoll: Bool = true, now: Int64
    ) -> [Action] {
        cycle = Cycle(intent: intent, waiters: waiter.map { [$0] } ?? [], isPoll: isPoll)
        if isPoll { mayFillCache = true }
        return readAgain(now: now)
    }

    private mutating func readAgain(now: Int64) -> [Action] {
        cycle?.phase = .readingCache
        cycle?.isCacheChanged = false
        // There is one read at a time, so that reads of a cache that hangs do not pile up.
        guard settings.hasCache, overdueRead == nil else { return cacheStepEnded(now: now) }
        return [
            .readCache(held: entry, acceptsOlder: held.acceptsOlder(now: now)),
            .startCacheTimer(milliseconds: settings.cacheTimeout),
        ]
    }

    private mutating func cacheStepEnded(now: Int64) -> [Action] {
        guard let cycle else { return [] }
        // The cache is read again at most once in a cycle, because signals may come faster than reads end. After later
        // signals, the cache is read when the cycle has ended.
        if cycle.isCacheChanged, !cycle.hasReadAgain {
            self.cycle?.hasReadAgain = true
            return readAgain(now: now)
        }
        var actions: [Action] = []
        switch settings.mode {
        case .auto: if isOffline || !isExpired(now: now) { actions += becomeReady(now: now) }
        case .lazy, .manual: actions += becomeReady(now: now)
        }
        return actions + (needsLease(cycle, now: now) ? acquireLease() : proceed(now: now))
    }

    /// Returns whether the cycle needs the lease, to download or to fill a cache that has lost its entry. A requested
    /// download needs no lease.
    private func needsLease(_ cycle: Cycle, now: Int64) -> Bool {
        guard settings.hasLeases, overdueRead == nil, overdueLease == nil else { return false }
        if case .held = cycle.lease { return false }
        if cycle.intent == .fetch, !isOffline { return false }
        return cycle.isCacheBehind || needsFetch(now: now)
    }

    private func needsFetch(now: Int64) -> Bool {
        guard let intent = cycle?.intent, !isOffline else { return false }
        return intent == .fetch || intent == .fetchIfExpired && isExpired(now: now)
    }

    /// Writes the held entry to a cache that is behind, and downloads if the intent requires that.
    private mutating func proceed(now: Int64) -> [Action] {
        guard let cycle else { return [] }
        var actions: [Action] = []
        if cycle.isCacheBehind, let entry {
            self.cycle?.isCacheBehind = false
            mayFillCache = false
            actions.append(.writeCache(Write(entry, isConfirmed: false, replacing: cycle.store?.futureTime)))
        }
        guard needsFetch(now: now) else {
            let result =
                isOffline && cycle.intent == .fetch && !settings.hasCache ? Self.offlineResult : .success
            return actions + endCycle(result, now: now)
        }
        let (id, held) = (takeID(), entry)
        self.cycle?.phase = .fetching(id: id, held: held)
        return actions + [.fetch(held: held, id: id, store: cycle.store)]
    }

    private mutating func endCycle(_ result: RefreshResult, now: Int64) -> [Action] {
        var actions = releaseLease()
        guard let ended = cycle else { return [] }
        cycle = nil
        if case .auto = settings.mode, ended.isPoll { actions += becomeReady(now: now) }
        if !ended.waiters.isEmpty { actions.append(.resume(ended.waiters, result)) }
        if case .auto = settings.mode, ended.isPoll {
            actions.append(.startPollTimer(milliseconds: schedule.nextDelay(using: &random)))
        }
        if ended.isCacheChanged { actions += begin(.cacheOnly, isPoll: false, now: now) }
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
        guard case .held = cycle?.lease else { return [] }
        cycle?.lease = .notHeld
        return [.releaseLease]
    }

    private mutating func wait(atMost remaining: Int64, now: Int64) -> [Action] {
        guard let cycle else { return [] }
        // The holder fills the cache, and this process does not need a download.
        guard needsFetch(now: now) else { return endCycle(.success, now: now) }
        if cycle.intent == .fetch { return proceed(now: now) }
        var wait = if case .waiting(let wait) = cycle.lease { wait } else { LeaseWait(now: now) }
        guard !wait.isOver(leaseDuration: settings.leaseDuration, now: now) else {
            // A client without a config downloads it without the lease.
            if entry == nil { return proceed(now: now) }
            let text = "the processes with the lease did not download the config in time"
            return endCycle(.failure(.unexpectedError, text), now: now)
        }
        let pause = wait.nextPause(remaining: remaining, isVaried: settings.jitter > 0, using: &random)
        self.cycle?.lease = .waiting(wait)
        self.cycle?.phase = .waitingForHolder
        return [.startLeaseTimer(milliseconds: pause)]
    }

    // MARK: - Results

    private static var offlineRecord: LogRecord {
        LogRecord(id: 3200, level: .warning, message: "The client is offline; no HTTP request is made.")
    }

    private static var offlineResult: RefreshResult {
        .failure(.offlineClient, "the client is offline and cannot make HTTP requests")
    }

    private static var closedResult: RefreshResult { .failure(.unexpectedError, "the client is closed") }
}
