import ConfigCatCache
import ConfigCatEvaluation
import Testing

@testable import ConfigCat

/// Sequences of events that were still handled wrongly after the first attack.
@Suite("Second adversity: polling state machine")
struct SecondMachineAdversityTests {
    typealias Entry = MachineAdversityTests.Entry
    typealias Machine = PollingStateMachine<Entry>

    private func machine(_ mode: PollingMode.Kind, isOffline: Bool = false) -> Machine {
        Machine(Machine.Settings(mode: mode, hasCache: true, isOffline: isOffline, jitter: 0, hasLeases: false))
    }

    private let auto = PollingMode.Kind.auto(interval: .seconds(60), maxInitWait: .seconds(5))

    private func fetches(_ actions: [Machine.Action]) -> [UInt64] {
        actions.compactMap { if case .fetch(_, let id, _) = $0 { id } else { nil } }
    }

    private func writes(_ actions: [Machine.Action]) -> Int {
        actions.count { if case .writeCache = $0 { true } else { false } }
    }

    private func reads(_ actions: [Machine.Action]) -> Int {
        actions.count { if case .readCache = $0 { true } else { false } }
    }

    @Test(
        "a client without a poll timer fills an empty cache each time, not only the first time")
    func fillsAgain() {
        var machine = machine(.manual, isOffline: true)
        _ = machine.start(now: 0)
        _ = machine.cacheRead(.entry(Entry("a", 0)), now: 0)
        for flush in 1...3 {
            let now = Int64(flush) * 60_000
            var actions = machine.refreshRequested(by: UInt64(flush), now: now)
            actions += machine.cacheRead(.absent, now: now)
            #expect(writes(actions) == 1, "flush \(flush)")
        }
    }

    @Test("a lazy client whose CDN is down fills a cache that was flushed a second time")
    func lazyFillsAgain() throws {
        var machine = machine(.lazy(timeToLive: .seconds(60)))
        _ = machine.start(now: 0)
        _ = machine.cacheRead(.entry(Entry("a", 0)), now: 0)
        for flush in 1...3 {
            let now = Int64(flush) * 60_000
            var actions = machine.valueRequested(by: UInt64(flush), now: now) ?? []
            actions += machine.cacheRead(.absent, now: now)
            let fetch = try #require(fetches(actions).first)
            actions += machine.fetchEnded(.failed(.success), id: fetch, now: now)
            #expect(writes(actions) == 1, "flush \(flush)")
        }
    }

    @Test("a signal that comes before a read is overdue is followed by a read when that one has ended")
    func signalBeforeTheReadIsOverdue() throws {
        var machine = machine(auto)
        _ = machine.start(now: 0)
        // The read returns content from before the change, after a delay.
        _ = machine.cacheChanged(now: 1000)
        let beforeFetch = machine.cacheTimerFired(now: 2000)
        let fetch = try #require(fetches(beforeFetch).first)
        var actions = machine.fetchEnded(.failed(.success), id: fetch, now: 2100)
        actions += machine.cacheRead(.entry(Entry("before the change", -1000)), now: 2300)
        #expect(reads(actions) == 1)
    }

    @Test("a late 304 does not set back the time of a config that another process confirmed later")
    func lateConfirmation() throws {
        var machine = machine(auto)
        _ = machine.start(now: 0)
        _ = machine.cacheRead(.entry(Entry("a", 0)), now: 0)
        _ = machine.pollTimerFired(now: 60_000)
        let beforeFetch = machine.cacheTimerFired(now: 62_000)
        let fetch = try #require(fetches(beforeFetch).first)
        // Another process confirmed the config at 65000, as the late read of the cache shows.
        _ = machine.cacheRead(.entry(Entry("a", 65_000)), now: 66_000)
        #expect(machine.entry?.time.instant == 65_000)
        _ = machine.fetchEnded(.notModified(.at(62_000)), id: fetch, now: 70_000)
        #expect(machine.entry?.time.instant == 65_000)
    }

    @Test("a late download of the held config does not set back its time")
    func lateDownloadOfTheSame() throws {
        var machine = machine(auto)
        _ = machine.start(now: 0)
        let beforeFetch = machine.cacheTimerFired(now: 2000)
        let fetch = try #require(fetches(beforeFetch).first)
        _ = machine.cacheRead(.entry(Entry("a", 5000)), now: 6000)
        _ = machine.fetchEnded(.entry(Entry("a", 2000)), id: fetch, now: 7000)
        #expect(machine.entry?.time.instant == 5000)
    }

    @Test("an entry dated in the future stays when a download ends that was asked for before the entry was seen")
    func futureEntry() throws {
        var machine = machine(auto)
        _ = machine.start(now: 0)
        let beforeFetch = machine.cacheTimerFired(now: 2000)
        let fetch = try #require(fetches(beforeFetch).first)
        var new = Entry("new", 6000)
        new.time.isAgeKnown = false
        new.time.storeTime = nil
        _ = machine.cacheRead(.entry(new), now: 6000)
        #expect(machine.entry?.name == "new")
        _ = machine.fetchEnded(.entry(Entry("old", 2000)), id: fetch, now: 7000)
        #expect(machine.entry?.name == "new")
    }

    @Test("an overdue read that ends while the config is downloaded, after a signal, is followed by one more read")
    func signalWhileBothAreUnderWay() throws {
        var machine = machine(auto)
        _ = machine.start(now: 0)
        let beforeFetch = machine.cacheTimerFired(now: 2000)
        let fetch = try #require(fetches(beforeFetch).first)
        _ = machine.cacheChanged(now: 2100)
        var actions = machine.cacheRead(.absent, now: 2200)
        actions += machine.fetchEnded(.entry(Entry("a", 2000)), id: fetch, now: 2300)
        #expect(reads(actions) == 1)
    }
}
