import ConfigCatCache
import ConfigCatEvaluation
import Testing

@testable import ConfigCat

/// The tests pass the time as a number, and never wait.
@Suite("Polling state machine")
struct PollingStateMachineTests {
    struct Entry: PollableEntry, Equatable {
        var name: String
        var time: EntryTime
        var eTag: String

        init(name: String, time: EntryTime) {
            (self.name, self.time, eTag) = (name, time, name)
        }

        /// Creates an entry that has the same time on all clocks.
        init(name: String, fetchTime: Int64) { self.init(name: name, time: .at(fetchTime)) }

        func isSameConfig(as other: Entry) -> Bool { name == other.name }
    }

    typealias Machine = PollingStateMachine<Entry>

    private func machine(
        _ mode: PollingMode.Kind = .auto(interval: .seconds(60), maxInitWait: .seconds(5)), hasCache: Bool = false,
        isOffline: Bool = false,
        jitter: Double = 0
    ) -> Machine {
        Machine(Machine.Settings(mode: mode, hasCache: hasCache, isOffline: isOffline, jitter: jitter))
    }

    private static let transient = RefreshResult.failure(.httpRequestFailure, "no connection")
    private static let refusal = RefreshResult.failure(.invalidSdkKey, "404")

    // MARK: - Auto

    @Test("in auto polling mode, a client downloads at once, is then ready, and polls again after the interval")
    func auto() {
        var machine = machine()
        #expect(names(machine.start(now: 0)) == ["initTimer 5000", "fetch 1"])
        #expect(!machine.isReady)
        let entry = Entry(name: "a", fetchTime: 10)
        #expect(
            names(machine.fetchEnded(.entry(entry), id: 1, now: 10)) == [
                "publish a 10 cdn new", "write a 10", "stopInitTimer", "ready hasUpToDateFlagData", "pollTimer 60000",
            ])
        #expect(names(machine.pollTimerFired(now: 60_010)) == ["fetch 2"])
        #expect(
            names(machine.fetchEnded(.notModified(.at(60_010)), id: 2, now: 60_020)) == [
                "publish a 60010 cdn", "refresh a 60010", "pollTimer 60000",
            ])
    }

    @Test("a client is ready after its first download, also if that fails")
    func firstFailure() {
        var machine = machine()
        _ = machine.start(now: 0)
        #expect(
            names(machine.fetchEnded(.failed(Self.transient), id: 1, now: 5)) == [
                "stopInitTimer", "ready noFlagData", "pollTimer 60000",
            ])
    }

    @Test("the wait for the first config ends after maxInitWait, which is logged")
    func maxInitWait() {
        var machine = machine()
        _ = machine.start(now: 0)
        #expect(names(machine.initTimerFired(now: 5000)) == ["log 4200", "stopInitTimer", "ready noFlagData"])
        #expect(names(machine.initTimerFired(now: 5000)) == [])
        #expect(
            names(machine.fetchEnded(.entry(Entry(name: "a", fetchTime: 6000)), id: 1, now: 6000)) == [
                "publish a 6000 cdn new", "write a 6000", "pollTimer 60000",
            ])
    }

    @Test("with a fresh entry in the cache, a client is ready without a download")
    func freshCache() {
        var machine = machine(hasCache: true)
        #expect(names(machine.start(now: 100_000)) == ["initTimer 5000", "read", "cacheTimer 2000"])
        #expect(
            names(machine.cacheRead(.entry(Entry(name: "a", fetchTime: 90_000)), now: 100_001)) == [
                "publish a 90000 cache new", "stopCacheTimer", "stopInitTimer", "ready hasUpToDateFlagData",
                "pollTimer 60000",
            ])
    }

    @Test("an expired entry in the cache is published, and a download follows")
    func expiredCache() {
        var machine = machine(hasCache: true)
        _ = machine.start(now: 100_000)
        #expect(
            names(machine.cacheRead(.entry(Entry(name: "a", fetchTime: 1000)), now: 100_001)) == [
                "publish a 1000 cache new", "stopCacheTimer", "fetch 1",
            ])
        #expect(machine.cacheState(now: 100_001) == .hasCachedFlagDataOnly)
    }

    @Test("a config that expires within half a second counts as expired")
    func tolerance() {
        var machine = machine()
        _ = machine.start(now: 0)
        _ = machine.fetchEnded(.entry(Entry(name: "a", fetchTime: 0)), id: 1, now: 0)
        #expect(!machine.isExpired(now: 59_499))
        #expect(machine.isExpired(now: 59_500))
    }

    @Test("after repeated failures, the poll delay doubles up to four intervals; a success resets it")
    func backOff() {
        for jitter in [0, 0.1, 1] {
            var machine = machine(jitter: jitter)
            _ = machine.start(now: 0)
            var delays: [Int64] = []
            for id in 1...6 {
                let actions = machine.fetchEnded(.failed(Self.transient), id: UInt64(id), now: 0)
                delays.append(
                    contentsOf: actions.compactMap { if case .startPollTimer(let delay) = $0 { delay } else { nil } })
                _ = machine.pollTimerFired(now: 0)
            }
            #expect(delays.allSatisfy { $0 <= 240_000 })
            if jitter == 0 { #expect(delays == [60_000, 120_000, 240_000, 240_000, 240_000, 240_000]) }
            let actions = machine.fetchEnded(.entry(Entry(name: "a", fetchTime: 0)), id: 7, now: 0)
            #expect(
                actions.contains {
                    if case .startPollTimer(let delay) = $0 { delay <= Int64(60_000 * (1 + jitter)) } else { false }
                })
        }
    }

    @Test("jitter delays a poll by up to its share of the interval")
    func jitter() {
        var delays: Set<Int64> = []
        for _ in 0..<100 {
            var machine = machine(jitter: 0.1)
            _ = machine.start(now: 0)
            for case .startPollTimer(let delay) in machine.fetchEnded(.failed(Self.transient), id: 1, now: 0) {
                delays.insert(delay)
            }
        }
        #expect(delays.count > 50)
        #expect(delays.allSatisfy { (60_000...66_000).contains($0) })
    }

    @Test("after a refusal, the CDN is asked again one interval later")
    func refusal() {
        var machine = machine(.lazy(timeToLive: .seconds(60)))
        _ = machine.start(now: 0)
        #expect(names(machine.valueRequested(by: 1, now: 0)) == ["fetch 1"])
        #expect(
            names(machine.fetchEnded(.refused(Self.refusal, .at(0)), id: 1, now: 10)) == ["resume [1] invalidSdkKey"])
        #expect(machine.valueRequested(by: 2, now: 20) == nil)
        #expect(names(machine.valueRequested(by: 3, now: 60_010)) == ["fetch 2"])
        _ = machine.fetchEnded(.entry(Entry(name: "a", fetchTime: 60_020)), id: 2, now: 60_020)
        _ = machine.refreshRequested(by: 4, now: 70_000)
        #expect(
            names(machine.fetchEnded(.refused(Self.refusal, .at(70_000)), id: 3, now: 70_010)) == [
                "publish a 70000 cdn", "refresh a 70000", "resume [4] invalidSdkKey",
            ])
    }

    // MARK: - Lazy and manual

    @Test(
        "in lazy mode, a client is ready after the first cache read, and evaluations of an expired entry download")
    func lazy() {
        var machine = machine(.lazy(timeToLive: .seconds(60)), hasCache: true)
        #expect(names(machine.start(now: 0)) == ["read", "cacheTimer 2000"])
        #expect(names(machine.cacheRead(.unchanged, now: 1)) == ["stopCacheTimer", "ready noFlagData"])
        #expect(names(machine.valueRequested(by: 1, now: 2)) == ["read", "cacheTimer 2000"])
        #expect(names(machine.valueRequested(by: 2, now: 2)) == [])
        #expect(names(machine.cacheRead(.unchanged, now: 3)) == ["stopCacheTimer", "fetch 1"])
        #expect(names(machine.valueRequested(by: 3, now: 3)) == [])
        #expect(
            names(machine.fetchEnded(.entry(Entry(name: "a", fetchTime: 4)), id: 1, now: 4)) == [
                "publish a 4 cdn new", "write a 4", "resume [1, 2, 3] none",
            ])
        #expect(machine.valueRequested(by: 4, now: 60_003) == nil)
        #expect(machine.valueRequested(by: 5, now: 60_004) != nil)
    }

    @Test("in lazy mode, an evaluation during the first cache read joins the cycle, which then downloads")
    func lazyDuringStart() {
        var machine = machine(.lazy(timeToLive: .seconds(60)), hasCache: true)
        _ = machine.start(now: 0)
        #expect(names(machine.valueRequested(by: 1, now: 0)) == [])
        #expect(names(machine.cacheRead(.unchanged, now: 1)) == ["stopCacheTimer", "ready noFlagData", "fetch 1"])
    }

    @Test("in manual mode, a client downloads only on request, whatever the age of its config")
    func manual() {
        var machine = machine(.manual)
        #expect(names(machine.start(now: 0)) == ["ready noFlagData"])
        #expect(machine.valueRequested(by: 1, now: 0) == nil)
        #expect(names(machine.refreshRequested(by: 1, now: 5)) == ["fetch 1"])
        _ = machine.fetchEnded(.entry(Entry(name: "a", fetchTime: 5)), id: 1, now: 5)
        #expect(machine.cacheState(now: 5) == .hasCachedFlagDataOnly)
        #expect(names(machine.refreshRequested(by: 2, now: 6)) == ["fetch 2"])
        #expect(names(machine.refreshRequested(by: 3, now: 6)) == [])
        #expect(
            names(machine.fetchEnded(.failed(Self.transient), id: 2, now: 7)) == ["resume [2, 3] httpRequestFailure"])
    }

    // MARK: - Offline

    @Test("an offline client in auto polling mode reads the cache at each poll, and is ready after the first read")
    func offline() {
        var machine = machine(hasCache: true, isOffline: true)
        _ = machine.start(now: 0)
        #expect(
            names(machine.cacheRead(.unchanged, now: 1)) == [
                "stopCacheTimer", "stopInitTimer", "ready noFlagData", "pollTimer 60000",
            ])
        #expect(names(machine.pollTimerFired(now: 60_001)) == ["read", "cacheTimer 2000"])
        #expect(
            names(machine.cacheRead(.entry(Entry(name: "a", fetchTime: 1)), now: 60_002)) == [
                "publish a 1 cache new", "stopCacheTimer", "pollTimer 60000",
            ])
        #expect(names(machine.refreshRequested(by: 1, now: 60_003)) == ["read", "cacheTimer 2000"])
        #expect(
            names(machine.cacheRead(.unchanged, now: 60_004)) == [
                "stopCacheTimer", "resume [1] none", "pollTimer 60000",
            ])
        #expect(names(machine.setOnline(now: 60_005)) == ["log 5200", "stopPollTimer", "read", "cacheTimer 2000"])
        #expect(names(machine.setOnline(now: 60_005)) == [])
    }

    @Test("offline and without a cache, a refresh fails; going offline cancels a download")
    func offlineWithoutCache() {
        var machine = machine()
        _ = machine.start(now: 0)
        #expect(names(machine.refreshRequested(by: 1, now: 1)) == [])
        #expect(
            names(machine.setOffline(now: 2)) == [
                "log 5200", "cancelFetch", "stopInitTimer", "ready noFlagData", "resume [1] offlineClient",
                "pollTimer 60000",
            ])
        #expect(names(machine.fetchEnded(.entry(Entry(name: "a", fetchTime: 3)), id: 1, now: 3)) == [])
        #expect(names(machine.refreshRequested(by: 2, now: 4)) == ["log 3200", "resume [2] offlineClient"])
    }

    // MARK: - Faulty caches

    @Test("a client waits once for a cache that hangs, and does not ignore its late answer")
    func hangingCache() {
        var machine = machine(hasCache: true)
        _ = machine.start(now: 0)
        #expect(names(machine.cacheTimerFired(now: 2000)) == ["log 2200", "fetch 1"])
        _ = machine.fetchEnded(.entry(Entry(name: "b", fetchTime: 2100)), id: 1, now: 2100)
        #expect(names(machine.pollTimerFired(now: 62_100)) == ["fetch 2"])
        _ = machine.fetchEnded(.notModified(.at(62_100)), id: 2, now: 62_200)
        // The answer comes minutes later. Its older entry does not replace the download.
        #expect(names(machine.cacheRead(.entry(Entry(name: "a", fetchTime: 5)), now: 100_000)) == [])
        #expect(names(machine.pollTimerFired(now: 122_200)) == ["read", "cacheTimer 2000"])
        #expect(
            names(machine.cacheRead(.entry(Entry(name: "c", fetchTime: 122_000)), now: 122_201)).first
                == "publish c 122000 cache new")
    }

    @Test("a cache that fails does not prevent a download")
    func failingCache() {
        var machine = machine(hasCache: true)
        _ = machine.start(now: 0)
        #expect(names(machine.cacheRead(.failed, now: 1)) == ["stopCacheTimer", "fetch 1"])
    }

    @Test("an entry of unknown age is fresh for one interval, and is then replaced by any download")
    func future() {
        var machine = machine(hasCache: true)
        _ = machine.start(now: 1000)
        let future = Entry(name: "a", time: EntryTime(fetchTime: 1000, instant: 1000, isAgeKnown: false))
        #expect(names(machine.cacheRead(.entry(future), now: 1000)).first == "publish a 1000 cache new")
        #expect(!machine.isExpired(now: 60_000))
        #expect(machine.isExpired(now: 61_000))
        _ = machine.pollTimerFired(now: 61_000)
        #expect(names(machine.cacheRead(.unchanged, now: 61_000)) == ["stopCacheTimer", "fetch 1"])
        _ = machine.fetchEnded(.entry(Entry(name: "b", fetchTime: 61_000)), id: 1, now: 61_001)
        // The entry is still in the cache, because the write failed.
        _ = machine.pollTimerFired(now: 121_001)
        #expect(names(machine.cacheRead(.entry(future), now: 121_001)).contains("write b 61000"))
        #expect(machine.entry?.name == "b")
    }

    @Test("an older entry of the cache replaces an entry from the cache, but not a download")
    func adoption() {
        var machine = machine(.manual, hasCache: true, isOffline: true)
        _ = machine.start(now: 10_000)
        _ = machine.cacheRead(.entry(Entry(name: "a", fetchTime: 5000)), now: 10_000)
        _ = machine.refreshRequested(by: 1, now: 10_001)
        #expect(
            names(machine.cacheRead(.entry(Entry(name: "b", fetchTime: 4000)), now: 10_001)).first
                == "publish b 4000 cache new")
        _ = machine.setOnline(now: 10_002)
        _ = machine.refreshRequested(by: 2, now: 10_002)
        _ = machine.cacheRead(.unchanged, now: 10_002)
        _ = machine.fetchEnded(.entry(Entry(name: "c", fetchTime: 10_003)), id: 1, now: 10_003)
        _ = machine.refreshRequested(by: 3, now: 10_004)
        #expect(
            names(machine.cacheRead(.entry(Entry(name: "b", fetchTime: 9000)), now: 10_004)).first == "stopCacheTimer")
        #expect(machine.entry?.name == "c")
    }

    // MARK: - Fleets

    private func fleetMachine(isOffline: Bool = false) -> Machine {
        Machine(
            Machine.Settings(
                mode: .auto(interval: .seconds(60), maxInitWait: .seconds(5)), hasCache: true, isOffline: isOffline,
                jitter: 0,
                hasLeases: true))
    }

    @Test("in manual mode, an older entry is adopted after it has stayed in a fleet's cache for two minutes")
    func manualFollower() {
        var machine = Machine(
            Machine.Settings(mode: .manual, hasCache: true, isOffline: true, jitter: 0, hasLeases: true))
        _ = machine.start(now: 0)
        _ = machine.cacheRead(.entry(Entry(name: "b", fetchTime: 0)), now: 0)
        for (now, name) in [(1, "b"), (119_000, "b"), (121_000, "a")] as [(Int64, String)] {
            _ = machine.refreshRequested(by: UInt64(now), now: now)
            _ = machine.cacheRead(.entry(Entry(name: "a", fetchTime: -5000)), now: now)
            #expect(machine.entry?.name == name)
        }
    }

    @Test("the holder of the lease downloads, writes, and releases the lease")
    func leaseWon() {
        var machine = fleetMachine()
        _ = machine.start(now: 0)
        #expect(names(machine.cacheRead(.absent, now: 1)) == ["stopCacheTimer", "lease 1", "cacheTimer 2000"])
        // Another process may have downloaded between the cache read and the lease.
        #expect(
            names(machine.leaseResolved(.granted, id: 1, now: 2)) == ["stopCacheTimer", "read", "cacheTimer 2000"])
        #expect(names(machine.cacheRead(.absent, now: 2)) == ["stopCacheTimer", "fetch 2"])
        #expect(
            names(machine.fetchEnded(.entry(Entry(name: "a", fetchTime: 2)), id: 2, now: 3)) == [
                "publish a 2 cdn new", "write a 2", "releaseLease", "stopInitTimer", "ready hasUpToDateFlagData",
                "pollTimer 60000",
            ])
    }

    @Test("other processes poll the cache at growing intervals, and at once after a change signal")
    func leaseLost() {
        var machine = fleetMachine()
        _ = machine.start(now: 0)
        _ = machine.cacheRead(.absent, now: 1)
        #expect(
            names(machine.leaseResolved(.held(milliseconds: 4000), id: 1, now: 2)) == [
                "stopCacheTimer", "leaseTimer 100",
            ])
        #expect(names(machine.leaseTimerFired(now: 102)) == ["read", "cacheTimer 2000"])
        _ = machine.cacheRead(.absent, now: 103)
        #expect(names(machine.leaseResolved(.held(milliseconds: 3900), id: 2, now: 103)).last == "leaseTimer 200")
        #expect(names(machine.cacheChanged(now: 110)) == ["stopLeaseTimer", "read", "cacheTimer 2000"])
        #expect(
            names(machine.cacheRead(.entry(Entry(name: "a", fetchTime: 105)), now: 111)) == [
                "publish a 105 cache new", "stopCacheTimer", "stopInitTimer", "ready hasUpToDateFlagData",
                "pollTimer 60000",
            ])
    }

    @Test("a lease that ends without an entry is taken over; a lease that is granted too late is released")
    func takeOver() {
        var machine = fleetMachine()
        _ = machine.start(now: 0)
        _ = machine.cacheRead(.absent, now: 1)
        #expect(names(machine.leaseResolved(.held(milliseconds: 50), id: 1, now: 2)).last == "leaseTimer 51")
        _ = machine.leaseTimerFired(now: 53)
        _ = machine.cacheRead(.absent, now: 54)
        _ = machine.leaseResolved(.granted, id: 2, now: 55)
        #expect(names(machine.cacheRead(.absent, now: 55)) == ["stopCacheTimer", "fetch 3"])
        // The lease is kept after a failed download, so that other processes do not repeat it at once.
        #expect(
            names(machine.fetchEnded(.failed(Self.transient), id: 3, now: 56)) == [
                "stopInitTimer", "ready noFlagData", "pollTimer 60000",
            ])
        #expect(names(machine.leaseResolved(.granted, id: 1, now: 57)) == ["releaseLease"])
    }

    @Test("a client downloads even if acquiring the lease fails or hangs")
    func leaseFails() {
        for hangs in [false, true] {
            var machine = fleetMachine()
            _ = machine.start(now: 0)
            _ = machine.cacheRead(.failed, now: 1)
            let actions =
                hangs ? machine.cacheTimerFired(now: 2001) : machine.leaseResolved(.failed, id: 1, now: 2)
            #expect(names(actions).last == "fetch 2")
        }
    }

    @Test("after two lease durations, a client without a config downloads, and a client with one ends the cycle")
    func patience() {
        for held in [nil, Entry(name: "a", fetchTime: 0)] {
            var machine = fleetMachine()
            _ = machine.start(now: 100_000)
            var now: Int64 = 100_000
            var id: UInt64 = 1
            var last: [String] = []
            while now < 200_000 {
                _ = machine.cacheRead(held.map { .entry($0) } ?? .absent, now: now)
                last = names(machine.leaseResolved(.held(milliseconds: 5000), id: id, now: now))
                if last.last?.hasPrefix("leaseTimer") != true { break }
                now += 1000
                id += 1
                _ = machine.leaseTimerFired(now: now)
            }
            #expect(last.last == (held == nil ? "fetch \(id + 1)" : "pollTimer 60000") && now < 113_000)
        }
    }

    @Test("a requested download does not wait for another process")
    func demand() {
        var machine = fleetMachine()
        _ = machine.start(now: 0)
        _ = machine.cacheRead(.absent, now: 1)
        _ = machine.leaseResolved(.held(milliseconds: 5000), id: 1, now: 2)
        #expect(names(machine.refreshRequested(by: 1, now: 3)) == ["stopLeaseTimer", "fetch 2"])
        // The request may also come while the lease is being acquired, for a cache that has lost its entry.
        var asking = fleetMachine()
        _ = asking.start(now: 0)
        _ = asking.cacheRead(.entry(Entry(name: "a", fetchTime: 0)), now: 1)
        _ = asking.cacheChanged(now: 2)
        #expect(names(asking.cacheRead(.absent, now: 3)).contains("lease 1"))
        #expect(names(asking.refreshRequested(by: 1, now: 4)) == [])
        #expect(
            names(asking.leaseResolved(.held(milliseconds: 5000), id: 1, now: 5)) == [
                "stopCacheTimer", "write a 0", "fetch 2",
            ])
    }

    @Test("after a change signal, the cache is read, and the next poll is not delayed")
    func signal() {
        var machine = fleetMachine(isOffline: true)
        _ = machine.start(now: 0)
        _ = machine.cacheRead(.entry(Entry(name: "a", fetchTime: 0)), now: 1)
        #expect(names(machine.cacheChanged(now: 10)) == ["read", "cacheTimer 2000"])
        // After a signal during a read, the cache is read again.
        #expect(names(machine.cacheChanged(now: 11)) == [])
        #expect(names(machine.cacheRead(.unchanged, now: 12)) == ["stopCacheTimer", "read", "cacheTimer 2000"])
        #expect(
            names(machine.cacheRead(.entry(Entry(name: "b", fetchTime: 11)), now: 13)) == [
                "publish b 11 cache new", "stopCacheTimer",
            ])
    }

    @Test("a client writes its config to a cache that has become empty or older, also if it is offline")
    func refill() {
        var machine = fleetMachine(isOffline: true)
        _ = machine.start(now: 0)
        _ = machine.cacheRead(.entry(Entry(name: "a", fetchTime: 0)), now: 1)
        _ = machine.cacheChanged(now: 10)
        #expect(names(machine.cacheRead(.absent, now: 11)) == ["stopCacheTimer", "lease 1", "cacheTimer 2000"])
        _ = machine.leaseResolved(.granted, id: 1, now: 12)
        #expect(names(machine.cacheRead(.absent, now: 12)) == ["stopCacheTimer", "write a 0", "releaseLease"])
        // The store may drop the entry, so it is filled once for each poll.
        _ = machine.cacheChanged(now: 20)
        #expect(names(machine.cacheRead(.absent, now: 21)) == ["stopCacheTimer"])
        _ = machine.pollTimerFired(now: 30)
        #expect(names(machine.cacheRead(.absent, now: 31)).contains("lease 2"))
        #expect(
            names(machine.leaseResolved(.held(milliseconds: 9), id: 2, now: 32)) == [
                "stopCacheTimer", "pollTimer 60000",
            ])
        var downloader = fleetMachine()
        _ = downloader.start(now: 0)
        _ = downloader.cacheRead(.absent, now: 1)
        _ = downloader.leaseResolved(.granted, id: 1, now: 2)
        _ = downloader.cacheRead(.absent, now: 2)
        _ = downloader.fetchEnded(.entry(Entry(name: "b", fetchTime: 1000)), id: 2, now: 1001)
        _ = downloader.cacheChanged(now: 1010)
        #expect(names(downloader.cacheRead(.older, now: 1011)) == ["stopCacheTimer", "lease 3", "cacheTimer 2000"])
        _ = downloader.leaseResolved(.granted, id: 3, now: 1012)
        #expect(names(downloader.cacheRead(.older, now: 1012)).contains("write b 1000"))
    }

    @Test("an older entry is adopted only after it has stayed in the cache for two intervals")
    func older() {
        var machine = fleetMachine(isOffline: true)
        _ = machine.start(now: 1_000_000)
        _ = machine.cacheRead(.entry(Entry(name: "a", fetchTime: 900_000)), now: 1_000_000)
        let older = Entry(name: "b", fetchTime: 800_000)
        for now in [1_000_010, 1_060_000, 1_119_000] as [Int64] {
            _ = machine.pollTimerFired(now: now)
            #expect(names(machine.cacheRead(.entry(older), now: now)).first == "stopCacheTimer")
        }
        _ = machine.pollTimerFired(now: 1_180_000)
        #expect(names(machine.cacheRead(.entry(older), now: 1_180_000)).first == "publish b 800000 cache new")
    }

    @Test("an older entry that is read whole only once is adopted after two intervals too")
    func olderReadOnce() {
        var machine = machine(hasCache: true, isOffline: true)
        _ = machine.start(now: 1_000_000)
        _ = machine.cacheRead(.entry(Entry(name: "a", fetchTime: 900_000)), now: 1_000_000)
        _ = machine.pollTimerFired(now: 1_000_010)
        _ = machine.cacheRead(.entry(Entry(name: "b", fetchTime: 800_000)), now: 1_000_010)
        _ = machine.pollTimerFired(now: 1_060_000)
        #expect(names(machine.cacheRead(.unchanged, now: 1_060_000)).first == "stopCacheTimer")
        _ = machine.pollTimerFired(now: 1_180_000)
        #expect(names(machine.cacheRead(.unchanged, now: 1_180_000)).first == "publish b 800000 cache new")
    }

    @Test(
        "a download with the held ETag but other content is another config, and loses its ETag"
    )
    func sameETag() {
        var machine = machine()
        _ = machine.start(now: 0)
        _ = machine.fetchEnded(.entry(Entry(name: "a", fetchTime: 0)), id: 1, now: 1)
        _ = machine.pollTimerFired(now: 60_000)
        var other = Entry(name: "b", fetchTime: 60_000)
        other.eTag = "a"
        #expect(
            names(machine.fetchEnded(.entry(other), id: 2, now: 60_001)).prefix(2) == [
                "publish b 60000 cdn new", "write b 60000",
            ])
        #expect(machine.entry?.eTag == "")
    }

    // MARK: - Closing and cancellation

    @Test("closing stops all timers and downloads and resumes all waiters; later events have no effect")
    func close() {
        var machine = machine(hasCache: true)
        _ = machine.start(now: 0)
        _ = machine.refreshRequested(by: 1, now: 0)
        #expect(
            names(machine.close()) == [
                "stopPollTimer", "stopInitTimer", "stopCacheTimer", "stopLeaseTimer", "cancelFetch",
                "resume [1] unexpectedError",
            ])
        #expect(names(machine.close()) == [])
        #expect(names(machine.pollTimerFired(now: 1)) == [])
        #expect(names(machine.cacheRead(.unchanged, now: 1)) == [])
        #expect(names(machine.refreshRequested(by: 2, now: 1)) == ["resume [2] unexpectedError"])
        #expect(names(machine.setOffline(now: 2)) == [])
    }

    @Test("a cancelled waiter is resumed at once, and the download continues for the others")
    func cancellation() {
        var machine = machine(.manual)
        _ = machine.start(now: 0)
        _ = machine.refreshRequested(by: 1, now: 0)
        _ = machine.refreshRequested(by: 2, now: 0)
        #expect(names(machine.waiterCancelled(1)) == ["resume [1] unexpectedError"])
        #expect(names(machine.waiterCancelled(1)) == [])
        #expect(names(machine.fetchEnded(.notModified(.at(0)), id: 1, now: 1)) == ["resume [2] none"])
    }

    @Test("a request before the start starts the client, and its waiter is resumed")
    func useBeforeStart() {
        var lazy = machine(.lazy(timeToLive: .seconds(60)), hasCache: true)
        #expect(names(lazy.valueRequested(by: 1, now: 0)) == ["read", "cacheTimer 2000"])
        #expect(names(lazy.start(now: 1)) == [])
        _ = lazy.cacheRead(.absent, now: 2)
        #expect(
            names(lazy.fetchEnded(.entry(Entry(name: "a", fetchTime: 3)), id: 1, now: 3)).last == "resume [1] none")
        var auto = machine()
        #expect(names(auto.refreshRequested(by: 1, now: 0)) == ["initTimer 5000", "fetch 1"])
        #expect(names(auto.start(now: 1)) == [])
        #expect(names(auto.setOffline(now: 2)).contains("resume [1] offlineClient"))
    }

    @Test("a client that is closed before it has started never starts")
    func closeBeforeStart() {
        var machine = machine(hasCache: true)
        _ = machine.close()
        #expect(names(machine.start(now: 0)) == [])
        #expect(names(machine.refreshRequested(by: 1, now: 1)) == ["resume [1] unexpectedError"])
    }

    @Test("closing releases the lease, and a lease that is granted later is released too")
    func closeWithLease() {
        var machine = fleetMachine()
        _ = machine.start(now: 0)
        _ = machine.cacheRead(.absent, now: 1)
        #expect(!names(machine.close()).contains("releaseLease"))
        #expect(names(machine.leaseResolved(.granted, id: 1, now: 2)) == ["releaseLease"])
        var holder = fleetMachine()
        _ = holder.start(now: 0)
        _ = holder.cacheRead(.absent, now: 1)
        _ = holder.leaseResolved(.granted, id: 1, now: 2)
        #expect(names(holder.close()).last == "releaseLease")
    }

    @Test("a 304 confirms the entry that the CDN was asked about, not one that a late cache read has adopted")
    func lateAnswer() {
        var machine = machine(hasCache: true)
        _ = machine.start(now: 0)
        _ = machine.cacheRead(.entry(Entry(name: "a", fetchTime: -100_000)), now: 1)
        _ = machine.fetchEnded(.failed(Self.transient), id: 1, now: 2)
        _ = machine.pollTimerFired(now: 60_000)
        _ = machine.cacheTimerFired(now: 62_000)
        #expect(names(machine.cacheRead(.entry(Entry(name: "b", fetchTime: 61_000)), now: 62_001)).count == 1)
        #expect(!names(machine.fetchEnded(.notModified(.at(62_000)), id: 2, now: 62_002)).contains("refresh b 62000"))
    }

    @Test("a download of the held config confirms it, even if another clock has dated the held entry later")
    func confirmedLaterEntry() {
        var machine = machine(hasCache: true)
        _ = machine.start(now: 0)
        _ = machine.cacheTimerFired(now: 2000)
        _ = machine.cacheRead(.entry(Entry(name: "a", fetchTime: 5000)), now: 5000)
        #expect(
            names(machine.fetchEnded(.entry(Entry(name: "a", fetchTime: 2000)), id: 1, now: 6000))
                == ["publish a 5000 cdn", "stopInitTimer", "ready hasUpToDateFlagData", "pollTimer 60000"])
        // The same with status 304.
        _ = machine.pollTimerFired(now: 70_000)
        _ = machine.cacheTimerFired(now: 72_000)
        _ = machine.cacheRead(.entry(Entry(name: "a", fetchTime: 75_000)), now: 75_000)
        #expect(
            names(machine.fetchEnded(.notModified(.at(72_000)), id: 2, now: 76_000))
                == ["publish a 75000 cdn", "pollTimer 60000"])
    }

    // MARK: - Actions as strings

    private func names(_ actions: [Machine.Action]?) -> [String] {
        (actions ?? []).map { action in
            switch action {
            case .readCache: "read"
            case .startCacheTimer(let delay): "cacheTimer \(delay)"
            case .stopCacheTimer: "stopCacheTimer"
            case .fetch(_, let id, _): "fetch \(id)"
            case .cancelFetch: "cancelFetch"
            case .writeCache(let write):
                "\(write.isConfirmed ? "refresh" : "write") \(write.entry.name) \(write.entry.time.instant)"
            case .acquireLease(let id): "lease \(id)"
            case .releaseLease: "releaseLease"
            case .startLeaseTimer(let delay): "leaseTimer \(delay)"
            case .stopLeaseTimer: "stopLeaseTimer"
            case .publish(let entry, let source, let isNew):
                "publish \(entry.name) \(entry.time.instant) \(source)\(isNew ? " new" : "")"
            case .becomeReady(let state): "ready \(state)"
            case .startPollTimer(let delay): "pollTimer \(delay)"
            case .stopPollTimer: "stopPollTimer"
            case .startInitTimer(let delay): "initTimer \(delay)"
            case .stopInitTimer: "stopInitTimer"
            case .resume(let waiters, let result): "resume \(waiters) \(result.errorCode)"
            case .log(let record): "log \(record.id)"
            }
        }
    }
}

extension EntryTime {
    /// Returns a time that is the same on all clocks.
    static func at(_ time: Int64) -> EntryTime { EntryTime(fetchTime: time, instant: time, storeTime: time) }
}

extension PollingStateMachine {
    /// Handles a read of a cache whose clock agrees with this process's.
    mutating func cacheRead(_ content: CacheRead.Content, now: Int64) -> [Action] {
        cacheRead(CacheRead(content, store: StoreReading(storeTime: now, instant: now)), now: now)
    }
}
